"""The hub answers on its own name alone, where each person has a name of their own.

Started when the hub reads its configuration. The proxy leads every name to the hub that no server
is behind, also a pupil's: a sign-in page on that name would give its cookies to a place where a
pupil's pages may run any script. What was asked for there goes on to the hub's own name.
"""

import asyncio
import re
from typing import Any
from urllib.parse import urlsplit

from jupyterhub.app import JupyterHub
from tornado.web import HTTPError, RequestHandler

from technopark.settings import Settings

_SOON = 0.05


class ToOwnName(RequestHandler):
    """`masha.park.example/hub/login`: on to `park.example/hub/login`. Nothing is changed there."""

    def initialize(self, address: str) -> None:
        """Tornado hands over what the rule names."""
        self._address = address

    def prepare(self) -> Any:
        """Sends whoever only reads to the same page of the hub.

        Raises:
            HTTPError: 403, something was to be changed.
        """
        if self.request.method not in ("GET", "HEAD"):
            raise HTTPError(403)
        self.redirect(f"{self._address}{self.request.uri}")


async def keep_to_own_name(app: JupyterHub, settings: Settings) -> None:
    """Lets the hub's pages and API be reached by no name below the park's."""
    if not settings.web.has_subdomains:
        return
    while getattr(app, "tornado_application", None) is None:  # noqa: ASYNC110  # nothing tells of it
        await asyncio.sleep(_SOON)
    app.tornado_application.add_handlers(
        names_below(settings),
        [(r"/hub(?:/.*)?", ToOwnName, {"address": settings.web.address})],
    )


def names_below(settings: Settings) -> str:
    """All names below the park's, as a regular expression."""
    return rf".+\.{re.escape(urlsplit(settings.web.address).hostname or '')}"
