"""The ways to sign in that the settings name, on one page: name and words, and OpenID Connect.

JupyterHub has one authenticator: this one. It is that of name and words, and where a provider is
named it keeps a second one and mounts its two pages; who comes back from there is signed in by that
one alone. Neither waits for the other: a provider that is down costs names and words nothing.
"""

from typing import Any

from jupyterhub.app import JupyterHub

from technopark.signin.openid import OpenIdAuthenticator
from technopark.signin.openid_pages import HANDLERS
from technopark.signin.passphrase import PassphraseAuthenticator


class ParkAuthenticator(PassphraseAuthenticator):
    """Name and words, and the school's provider beside them where the park has one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.openid: OpenIdAuthenticator | None = None
        if self.settings.signin.openid.is_on:
            self.openid = OpenIdAuthenticator(parent=self.parent, settings=self.settings)

    def get_handlers(self, app: JupyterHub) -> list[Any]:
        """The pages of name and words, of the park, and of the provider's way."""
        return [*super().get_handlers(app), *(HANDLERS if self.openid else [])]
