"""The pages at the door: signing in with a card's code, and signing out.

Routed by the authenticators below /hub/. The card's code leads to `/hub/card#name.secret`: what
stands behind `#` stays in the browser, in no log and no proxy, until the page's script fills the
form with it. Without scripts it is the sign-in page.
"""

import asyncio
from http import HTTPStatus
from typing import Any

from jupyterhub.handlers.login import LoginHandler, LogoutHandler
from tornado.web import HTTPError

from technopark.people.cards import sites_without_words
from technopark.signin.sessions import end_sessions
from technopark.signin.whence import browser_address


class CardPage(LoginHandler):
    """`card`: the sign-in page, its name filled in from the card."""

    card_alone = False

    async def get(self) -> None:
        """Says also whether, here, the card may do without the words."""
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.card_alone = await asyncio.to_thread(self._may_do_without)
        if self.current_user:
            self.finish(await self.render_template("card.html"))
        else:
            await super().get()

    def render_template(self, name: str, **values: Any) -> Any:
        """JupyterHub's, with what this page knows."""
        return super().render_template(name, **values, by_card=True, card_alone=self.card_alone)

    def _may_do_without(self) -> bool:
        authenticator = self.authenticator
        address = browser_address(self.request, authenticator.settings.web.believed_fronts)
        with authenticator.store.read() as session:
            return bool(sites_without_words(session, address))


class SignOutPage(LogoutHandler):
    """`logout`: ends the person's sessions in all browsers."""

    async def get(self) -> None:
        """As JupyterHub's; but no picture in a pupil's notebook signs its teacher out."""
        if self.request.headers.get("Sec-Fetch-Dest", "document") != "document":
            raise HTTPError(HTTPStatus.FORBIDDEN)
        await super().get()

    async def default_handle_logout(self) -> None:
        """Ends this browser's session as JupyterHub does, and then the others."""
        person = self.current_user
        await super().default_handle_logout()
        if person:
            end_sessions(self.db, person.orm_user)
