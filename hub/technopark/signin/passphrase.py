"""Sign-in by name and passphrase or card, for people without e-mail.

JupyterHub calls `authenticate`; hashing and the database run in threads, never on its loop.
"""

import asyncio
import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from tornado.web import HTTPError

from technopark import language
from technopark.people import cards, passphrases, rights, slowdown
from technopark.people.sign_ins import name_or_pseudonym, note_sign_in
from technopark.signin.roster import AuthModel, RosterAuthenticator
from technopark.signin.whence import browser_address, place
from technopark.store import Person, SignInEnd, SignInRecord

_SECONDS_OF_A_MINUTE = 60


class TooSoonError(HTTPError):
    """The next attempt comes before the wait after wrong words is over."""

    def __init__(self, seconds: float, wanted: str) -> None:
        text = "Too many tries. Wait {seconds} seconds, look at your card and try again."
        whole = math.ceil(seconds)
        super().__init__(429, language.translate(text, wanted, seconds=whole))
        self.headers = {"Retry-After": str(whole)}


class TooManyNamesError(HTTPError):
    """So many names failed at this address that no new one is let try."""

    def __init__(self, seconds: float, wanted: str) -> None:
        text = (
            "Many names in a row did not fit at this school or home. Wait {minutes} min and try "
            "again, or tell your teacher."
        )
        minutes = math.ceil(seconds / _SECONDS_OF_A_MINUTE)
        super().__init__(429, language.translate(text, wanted, minutes=minutes))
        self.headers = {"Retry-After": str(math.ceil(seconds))}


class CardAloneError(HTTPError):
    """A card came without words, and is not enough: not from here, not for this person, or old."""

    def __init__(self, text: str, wanted: str) -> None:
        super().__init__(403, language.translate(text, wanted))


WORDS_TOO = "Now type your three words."
OLD_CARD = "This card does not work any more. Take your newest card, or ask your teacher for one."


@dataclass(frozen=True)
class Attempt:
    """What somebody brought to the door."""

    name: str
    words: str
    card: str
    """The secret in the card's code; it counts only where no words came."""
    address: str
    key: bytes
    """For pseudonyms of names that nobody has."""

    @property
    def way(self) -> str:
        """As the log says it."""
        return "card" if self.is_card_alone else "words"

    @property
    def is_card_alone(self) -> bool:
        """Whether the code on the card is all there is."""
        return bool(self.card) and not self.words.strip()


@dataclass(frozen=True)
class Answer:
    """What the door says; `seconds` where it says: wait."""

    ended: SignInEnd
    seconds: float = 0.0


class PassphraseAuthenticator(RosterAuthenticator):
    """Name and three words, as printed on a pupil's card."""

    async def authenticate(self, handler: Any, data: dict[str, str]) -> AuthModel | None:
        """The person with that name and these words, or None, whichever of both is wrong.

        Raises:
            TooSoonError: after several wrong attempts, until the wait is over.
            TooManyNamesError: other names failed at this address.
            CardAloneError: the card came alone, and words are needed or it is an old one.
        """
        attempt = Attempt(
            self.normalize_username(data.get("username", ""))[:80],
            data.get("password", ""),
            data.get("card", ""),
            browser_address(handler.request, self.settings.web.believed_fronts),
            handler.settings["cookie_secret"],
        )
        wanted = language.of_request(handler, self.settings.language)
        if attempt.is_card_alone and not await asyncio.to_thread(self._may_do_without, attempt):
            raise CardAloneError(WORDS_TOO, wanted)
        answer = await asyncio.to_thread(self._ask, attempt)
        match answer.ended:
            case SignInEnd.IN:
                return await self.let_in(attempt.name)
            case SignInEnd.NAME_WAITS:
                raise TooSoonError(answer.seconds, wanted)
            case SignInEnd.ADDRESS_WAITS:
                raise TooManyNamesError(answer.seconds, wanted)
        if attempt.is_card_alone:
            raise CardAloneError(OLD_CARD, wanted)
        return None

    def _may_do_without(self, attempt: Attempt) -> bool:
        with self.store.read() as session:
            return cards.may_do_without_words(session, attempt.name, attempt.address)

    def _ask(self, attempt: Attempt) -> Answer:
        """Looks at an attempt unless it must wait, counts it and writes it down."""
        now, rules, here = slowdown.now(), self.settings.signin, place(attempt.address)
        with self.store.write() as session:
            wait = slowdown.wait_at_address(session, here, attempt.name, now, rules)
            if wait > 0:
                return self._note(session, attempt, Answer(SignInEnd.ADDRESS_WAITS, wait))
            wait = slowdown.begin_attempt(session, attempt.name, now, rules)
            if wait > 0:
                return self._note(session, attempt, Answer(SignInEnd.NAME_WAITS, wait))
        is_right = self._is_right(attempt)
        with self.store.write() as session:
            if is_right:
                slowdown.note_success(session, attempt.name)
                slowdown.note_success_at_address(session, here, attempt.name, now)
            else:
                slowdown.note_failure_at_address(session, here, attempt.name, now, rules)
            return self._note(
                session, attempt, Answer(SignInEnd.IN if is_right else SignInEnd.WRONG)
            )

    def _is_right(self, attempt: Attempt) -> bool:
        with self.store.read() as session:
            person = session.get(Person, attempt.name)
            if attempt.is_card_alone:
                fits = cards.opens(session, attempt.name, attempt.card)
            else:
                kept = person.passphrase_hash if person else None
                fits = passphrases.matches(attempt.words, kept)
        is_one_of_us = person is not None and person.active
        return fits and is_one_of_us and not rights.is_grading_name(attempt.name)

    def _note(self, session: Session, attempt: Attempt, answer: Answer) -> Answer:
        record = SignInRecord(
            at=slowdown.now(),
            name=name_or_pseudonym(session, attempt.name, attempt.key),
            way=attempt.way,
            address=attempt.address,
            ended=answer.ended,
        )
        note_sign_in(session, record, self.settings.signin.log_days)
        return answer
