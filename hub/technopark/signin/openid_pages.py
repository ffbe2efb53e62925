"""The two pages of sign-in by OpenID Connect: the way to the provider, and the way back.

JupyterHub serves them beside its own sign-in page (`signin.ways` mounts them); they are
oauthenticator's, with a nonce, and with words for whoever does not get through: name and words from
the card still work, and the page leads there.
"""

import secrets
from collections.abc import Awaitable
from typing import Any
from urllib.parse import urlencode

from oauthenticator.oauth2 import (
    STATE_COOKIE_NAME,
    OAuthCallbackHandler,
    OAuthLoginHandler,
    _deserialize_state,
    _serialize_state,
)
from tornado.web import HTTPError

from technopark import language
from technopark.people.identities import NotWelcomeError
from technopark.signin.id_token import TokenError
from technopark.signin.openid import CALLBACK, OpenIdAuthenticator, UsedUpError
from technopark.signin.provider import LOOK_SECONDS, ProviderAwayError, ProviderWrongError

WAY_THERE = "/oauth_login"

AWAY = "Your school's sign-in does not answer now. Try again in a few minutes."
WRONG = "Your school's sign-in is not set up as it should be. Tell your teacher."
NOT_BELIEVED = (
    "What your school's sign-in answered does not hold. Begin again, and tell your teacher if it "
    "stays so."
)
BEGIN_AGAIN = (
    "This sign-in was used already, is too old or was begun in another browser. Begin again."
)
NOT_FINISHED = "You did not finish at your school's sign-in."

_A_QUARTER_OF_AN_HOUR = 1 / 96
"""In days: so long somebody may look for the school's password."""


class StrangeReturnError(TokenError):
    """Somebody comes back whom this browser did not send."""


class NotFinishedError(TokenError):
    """The provider sends somebody back who is not signed in there."""


class _OpenIdPage:
    """What both pages share: their authenticator is the way's, and problems become a page."""

    @property
    def authenticator(self) -> OpenIdAuthenticator:
        """JupyterHub's own is one of names and words, which keeps this one."""
        way: OpenIdAuthenticator = self.settings["authenticator"].openid  # type: ignore[attr-defined]
        return way

    async def tell_problems(self: Any, doing: Awaitable[None]) -> None:
        """Waits for `doing`; what it raises is told on a page, with the words' way beside it."""
        try:
            await doing
        except ProviderAwayError as error:
            await self._tell(503, AWAY, error)
        except ProviderWrongError as error:
            await self._tell(502, WRONG, error)
        except NotWelcomeError as refused:
            await self._tell(403, str(refused), refused)
        except (UsedUpError, StrangeReturnError) as error:
            await self._tell(400, BEGIN_AGAIN, error)
        except NotFinishedError as error:
            await self._tell(400, NOT_FINISHED, error)
        except TokenError as error:
            await self._tell(403, NOT_BELIEVED, error)

    async def _tell(self: Any, status: int, text: str, reason: Exception) -> None:
        self.log.warning("Sign-in by OpenID Connect: %s", reason)
        wanted = language.of_request(self, self.authenticator.settings.language)
        words, again = (
            f"{self.hub.base_url}{page}{self._next()}" for page in ("login", WAY_THERE[1:])
        )
        self.set_status(status)
        html = await self.render_template(
            "openid_problem.html",
            problem=language.translate(text, wanted),
            words_work=not isinstance(reason, NotWelcomeError),
            words_url=words,
            again_url=again,
        )
        self.finish(html)

    def _next(self: Any) -> str:
        target = self.asked_for()
        return f"?{urlencode({'next': target})}" if target else ""


class OpenIdLoginPage(_OpenIdPage, OAuthLoginHandler):
    """`oauth_login`: the button of the sign-in page; leads to the provider."""

    _nonce = ""

    async def get(self) -> None:
        """To the provider, where it answers."""
        await self.tell_problems(self._send())

    async def _send(self) -> None:
        await self.authenticator.ready(LOOK_SECONDS)
        self._nonce = secrets.token_urlsafe(32)
        super().get()

    def set_state_cookie(self, state_cookie_value: str) -> None:
        """Keeps the nonce in the browser with the rest of what belongs to this sign-in."""
        state = _deserialize_state(state_cookie_value) | {"nonce": self._nonce}
        self._set_cookie(
            STATE_COOKIE_NAME,
            _serialize_state(state),
            expires_days=_A_QUARTER_OF_AN_HOUR,
            httponly=True,
            samesite="Lax",
        )

    def authorize_redirect(self, *, extra_params: dict[str, Any], **arguments: Any) -> None:
        """To the provider, with the nonce that its token must carry."""
        super().authorize_redirect(extra_params=extra_params | {"nonce": self._nonce}, **arguments)

    def asked_for(self) -> str:
        """The page that somebody wanted before they had to sign in."""
        return str(self._get_next_url() or "")


class OpenIdReturnPage(_OpenIdPage, OAuthCallbackHandler):
    """`oauth_callback`: somebody comes back from the provider."""

    async def get(self) -> None:
        """Signs in whoever the provider says it is."""
        await self.tell_problems(self._receive())

    async def _receive(self) -> None:
        await self._check_it_is_ours()
        if not self.get_argument("code", ""):
            raise NotFinishedError(f"the provider says {self.get_argument('error', 'nothing')!r}")
        user = await self.login_user()
        if user is None:
            raise NotFinishedError("nobody of the park (any more)")
        self.redirect(self.get_next_url(user))

    async def _check_it_is_ours(self) -> None:
        """This browser began, and the provider that was asked answers (RFC 9207)."""
        try:
            self.check_state()
        except HTTPError as error:
            raise StrangeReturnError(str(error.log_message)) from None
        asked = self.authenticator.openid.issuer
        names_itself = (await self.authenticator.ready()).names_itself
        answers = self.get_argument("iss", "" if names_itself else asked)
        if answers != asked:
            raise StrangeReturnError(f"{answers!r} answers, which was not asked")

    @property
    def nonce(self) -> str:
        """What the token of this sign-in must carry."""
        return str(_deserialize_state(self.get_state_cookie()).get("nonce", ""))

    def asked_for(self) -> str:
        """The page that somebody wanted before they had to sign in."""
        state = self.get_state_cookie()
        return str(_deserialize_state(state).get("next_url") or "") if state else ""


HANDLERS = [(WAY_THERE, OpenIdLoginPage), (CALLBACK, OpenIdReturnPage)]
