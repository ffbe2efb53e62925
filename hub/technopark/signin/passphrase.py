"""Sign-in by name and passphrase, for people without e-mail.

JupyterHub calls `authenticate`; hashing and the database run in threads, never on its loop.
"""

import asyncio
import math
from typing import Any

from tornado.web import HTTPError

from technopark import language
from technopark.people import passphrases, rights, slowdown
from technopark.signin.roster import AuthModel, RosterAuthenticator
from technopark.store import Person


class TooSoonError(HTTPError):
    """The next attempt comes before the wait after wrong words is over."""

    def __init__(self, seconds: float, wanted: str) -> None:
        text = "Too many tries. Wait {seconds} seconds, look at your card and try again."
        whole = math.ceil(seconds)
        super().__init__(429, language.translate(text, wanted, seconds=whole))
        self.headers = {"Retry-After": str(whole)}


class PassphraseAuthenticator(RosterAuthenticator):
    """Name and three words, as printed on a pupil's card."""

    async def authenticate(self, handler: Any, data: dict[str, str]) -> AuthModel | None:
        """The person with that name and these words, or None, whichever of both is wrong.

        Raises:
            TooSoonError: after several wrong attempts, until the wait is over.
        """
        name = self.normalize_username(data.get("username", ""))[:80]
        wait, is_right = await asyncio.to_thread(self._check, name, data.get("password", ""))
        if wait > 0:
            raise TooSoonError(wait, language.of_request(handler, self.settings.language))
        return await self.auth_model(name) if is_right else None

    def _check(self, name: str, words: str) -> tuple[float, bool]:
        """Seconds to wait before words are looked at again, and whether these were right."""
        with self.store.write() as session:
            wait = slowdown.begin_attempt(session, name, slowdown.now(), self.settings.signin)
            person = session.get(Person, name)
        if wait > 0:
            return wait, False
        is_right = passphrases.matches(words, person.passphrase_hash if person else None)
        is_right = is_right and person is not None and person.active
        is_right = is_right and not rights.is_grading_name(name)
        if is_right:
            with self.store.write() as session:
                slowdown.note_success(session, name)
        return 0.0, is_right
