"""What a pupil's parents agreed to: written down by a teacher, withdrawn at any time.

Called by the portal. While there is no consent that holds, nobody outside the school sees anything
(`works.visible`) or writes (`letters`): it is asked at every look, so a withdrawal counts at once.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from technopark.people.refused import Refused
from technopark.store import Consent


class Purpose(StrEnum):
    """What parents are asked for. The words of each are in `portal.path.words`."""

    WORKS = "works"
    """Curators see the works that the child shows, with given name, letter, class and site."""
    LETTERS = "letters"
    """Curators' letters reach the child by way of the teacher."""


class Way(StrEnum):
    """How a parent said so."""

    PAPER = "paper"
    """Signed, kept at the school."""
    DIARY = "diary"
    """Through the school's electronic diary, or another way that the school can show."""


def record(
    session: Session, name: str, purpose: Purpose, way: Way, who: str, now: datetime
) -> Consent:
    """Writes down that a parent of the pupil `name` agreed; said twice, it is one.

    Args:
        session: a transaction.
        name: the pupil.
        purpose: to what.
        way: how it was said.
        who: the name of whoever has it from the parent.
        now: the moment.
    """
    held = holding(session, name).get(purpose)
    if held:
        return held
    made = Consent(
        person_name=name,
        purpose=purpose,
        way=way,
        recorded_by=who,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    return made


def withdraw(session: Session, name: str, purpose: Purpose, who: str, now: datetime) -> bool:
    """The parent, or the pupil, does not want it any more; False: there was no consent."""
    done = False
    for held in _holding(session, name):
        if held.purpose == purpose:
            held.withdrawn_by, held.withdrawn_at = who, now
            done = True
    session.flush()
    return done


def holding(session: Session, name: str) -> dict[Purpose, Consent]:
    """The consents for the pupil `name` that hold now."""
    return {Purpose(one.purpose): one for one in _holding(session, name)}


def history(session: Session, name: str) -> list[Consent]:
    """All consents for the pupil `name`, the newest first."""
    query = select(Consent).where(Consent.person_name == name)
    return list(session.scalars(query.order_by(Consent.id.desc())))


def holds(person_name: InstrumentedAttribute[str], purpose: Purpose) -> ColumnElement[bool]:
    """For queries: whether a consent holds for whom the column names."""
    return exists().where(
        Consent.person_name == person_name,
        Consent.purpose == purpose,
        Consent.withdrawn_at.is_(None),
    )


def purpose_of(text: str) -> Purpose:
    """The purpose that a form names.

    Raises:
        Refused: there is no such one.
    """
    if text not in list(Purpose):
        raise Refused("Choose what the parents agreed to.", "purpose")
    return Purpose(text)


def way_of(text: str) -> Way:
    """The way that a form names.

    Raises:
        Refused: there is no such one.
    """
    if text not in list(Way):
        raise Refused("Choose how the parents said so.", "way")
    return Way(text)


def _holding(session: Session, name: str) -> list[Consent]:
    """Two for one purpose, where two people wrote it down at the same moment."""
    query = select(Consent).where(Consent.person_name == name, Consent.withdrawn_at.is_(None))
    return list(session.scalars(query))
