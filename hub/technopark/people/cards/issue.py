"""New words and a new code for pupils, and what a code opens.

Making a card takes time (its words are hashed) and changes nothing; `put_in_force` makes it the
card of its person, in a moment, and ends the one before with all sessions. So a sheet can be
rendered and kept first, and a fault on the way leaves everybody with a card that works.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.language import LANGUAGES, Language
from technopark.people import passphrases
from technopark.people.classrooms import replace_words
from technopark.people.finding import members
from technopark.people.names import normalise
from technopark.people.networks import is_within
from technopark.problem import Problem
from technopark.store import Classroom, IssuedCard, Person, Site

AT_THE_COMMAND_LINE = "admin"
"""Who issued a card, where nobody is signed in."""
_SECRET_BYTES = 16


class CardProblem(Problem):
    """Cards cannot be made as they were asked for."""


@dataclass(frozen=True)
class Card:
    """What is printed for one pupil; nobody can read words and secret later."""

    name: str
    full_name: str
    classroom: str
    """The classroom's title; empty: none was named."""
    site: str
    language: Language
    words: str = field(repr=False)
    secret: str = field(repr=False)
    """What the code carries beside the name."""
    words_hash: str = field(repr=False)


def pupils_for_cards(session: Session, classroom: str, names: Iterable[str] = ()) -> list[str]:
    """The pupils of `classroom` whose cards may be printed: all, or those called `names`.

    A card is all that it takes to be somebody. So there is none here for people who may do more
    than a pupil, though they learn in this classroom, too: `technopark roster words` is for them.

    Raises:
        CardProblem: there is no such classroom, or somebody of `names` cannot have a card there.
    """
    room = session.get(Classroom, classroom)
    if room is None or not room.active:
        raise CardProblem(f"There is no classroom '{classroom}'.")
    pupils = members(session, classroom, "pupil")
    only_pupils = [person.name for person in pupils if is_only_pupil(person)]
    wanted = {normalise(name) for name in names}
    if strangers := sorted(wanted - {person.name for person in pupils}):
        raise CardProblem(f"Not pupils of {classroom}: {', '.join(strangers)}. Nothing is changed.")
    if others := sorted(wanted - set(only_pupils)):
        raise CardProblem(
            f"May do more than pupils: {', '.join(others)}. Cards are for pupils; an admin gives "
            "others new words with `technopark roster words NAME`. Nothing is changed."
        )
    if not only_pupils:
        raise CardProblem(f"{classroom} has no pupils: `technopark roster import` brings them.")
    return [name for name in only_pupils if not wanted or name in wanted]


def is_only_pupil(person: Person) -> bool:
    """Whether the person teaches nowhere and has no other role."""
    return not person.grants and all(one.role == "pupil" for one in person.memberships)


def make_cards(
    session: Session,
    names: Iterable[str],
    *,
    classroom: str | None = None,
    otherwise: Language = "ru",
) -> list[Card]:
    """New cards for the people `names`, in that order; they open nothing before `put_in_force`.

    Args:
        session: to read from.
        names: as people sign in.
        classroom: whose title stands on the cards.
        otherwise: the language of who chose none.

    Raises:
        CardProblem: somebody is not in the park.
    """
    room = session.get(Classroom, classroom) if classroom else None
    return [_new_card(session, name, room, otherwise) for name in names]


def _new_card(session: Session, name: str, room: Classroom | None, otherwise: Language) -> Card:
    person = session.get(Person, name)
    if person is None or not person.active:
        raise CardProblem(f"There is nobody called '{name}' in the park. Nothing is changed.")
    site_id = room.site_id if room else person.site_id
    site = session.get(Site, site_id) if site_id else None
    language = next((each for each in LANGUAGES if each == person.language), otherwise)
    words = passphrases.make(language)
    return Card(
        name=person.name,
        full_name=person.full_name,
        classroom=room.title if room else "",
        site=site.name if site else "",
        language=language,
        words=words,
        secret=secrets.token_urlsafe(_SECRET_BYTES),
        words_hash=passphrases.hash_passphrase(words),
    )


def put_in_force(session: Session, cards: Iterable[Card], issued_by: str) -> None:
    """From now on these are the people's cards; earlier ones and all sessions end at once.

    Args:
        session: a transaction.
        cards: from `make_cards`.
        issued_by: the name of who printed them, or `AT_THE_COMMAND_LINE`.
    """
    for card in cards:
        person = session.get_one(Person, card.name)
        replace_words(session, person, card.words_hash)
        session.add(
            IssuedCard(
                person_name=card.name,
                secret_hash=_hash(card.secret),
                issued_at=datetime.now(UTC),
                issued_by=issued_by,
            )
        )
        session.flush()


def issue_cards(
    session: Session,
    names: Iterable[str],
    *,
    classroom: str | None = None,
    otherwise: Language = "ru",
    issued_by: str = AT_THE_COMMAND_LINE,
) -> list[Card]:
    """`make_cards`, put in force in the same transaction: for whoever needs no sheet of them."""
    cards = make_cards(session, names, classroom=classroom, otherwise=otherwise)
    put_in_force(session, cards, issued_by)
    return cards


def opens(session: Session, name: str, secret: str) -> bool:
    """Whether `secret` is that of the card which `name` holds now."""
    kept = session.get(IssuedCard, name)
    return kept is not None and compare_digest(kept.secret_hash, _hash(secret))


def sites_without_words(session: Session, address: str) -> set[str]:
    """The sites at `address` whose pupils need no words beside their card there."""
    sites = session.execute(select(Site.id, Site.networks).where(Site.card_alone))
    return {site for site, networks in sites if is_within(address, networks)}


def may_do_without_words(session: Session, name: str, address: str) -> bool:
    """Whether a card may sign `name` in alone at `address`; it must still be the right one.

    Only pupils, and only at their own site, where the site allows it. A name that nobody has may:
    it fails as an old card does, so that nothing is told about it.
    """
    sites = sites_without_words(session, address)
    person = session.get(Person, name)
    if person is None:
        return bool(sites)
    return person.site_id in sites and is_only_pupil(person)


def _hash(secret: str) -> str:
    # 128 random bits: nothing that a slow hash would protect better.
    return hashlib.sha256(secret.encode()).hexdigest()
