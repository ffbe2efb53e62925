"""A curator writes to a pupil about a shown work: the letter goes to the teacher, who decides.

Called by the portal. No address goes either way, and no pupil sees a letter that nobody passed on.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from technopark.path import consents
from technopark.path.consents import Purpose
from technopark.people.refused import Refused
from technopark.people.rights import Standing
from technopark.store import Classroom, Letter, Membership, Person, ShownWork

MOST_LETTERS_LONG = 2000
SHORTEST = 20
MOST_WAITING = 20
"""Of one curator's, that no teacher has read yet."""
_SHOWN = 50


def write(session: Session, who: str, work: ShownWork, text: str, now: datetime) -> Letter:
    """A letter about a work that the curator sees.

    Raises:
        Refused: too short, too long, too many, or the parents did not agree to letters.
    """
    text = text.strip()
    if len(text) < SHORTEST:
        raise Refused("Write some words to the pupil: what you liked, what you propose.", "text")
    if len(text) > MOST_LETTERS_LONG:
        raise Refused(
            "That is too long: at most {most} letters, and these are {number}.",
            "text",
            most=MOST_LETTERS_LONG,
            number=len(text),
        )
    if Purpose.LETTERS not in consents.holding(session, work.person_name):
        raise Refused("The parents of this pupil did not agree to letters.", "text")
    waiting = session.scalars(
        select(Letter.work_id).where(Letter.written_by == who, Letter.state == "waiting")
    ).all()
    if work.id in waiting:
        raise Refused(
            "Your letter about this work is with the teacher. Wait for the answer.", "text"
        )
    if len(waiting) >= MOST_WAITING:
        raise Refused(
            "{number} letters of yours wait for teachers. Wait for their answers first.",
            "text",
            number=len(waiting),
        )
    made = Letter(
        person_name=work.person_name,
        work_id=work.id,
        written_by=who,
        written_at=now,
        text=text,
        state="waiting",
        reason="",
    )
    session.add(made)
    session.flush()
    return made


def pass_on(session: Session, letter: Letter, who: str, now: datetime) -> None:
    """The pupil sees it from now on.

    Raises:
        Refused: it was decided before, or the parents withdrew their consent meanwhile.
    """
    _check_waits(letter)
    if Purpose.LETTERS not in consents.holding(session, letter.person_name):
        raise Refused(
            "The parents have withdrawn their consent to letters: it cannot be passed on."
        )
    letter.state, letter.decided_by, letter.decided_at = "passed", who, now
    session.flush()


def decline(session: Session, letter: Letter, who: str, reason: str, now: datetime) -> None:
    """The pupil never sees it; the curator is told why.

    Raises:
        Refused: it was decided before, or the reason is too long.
    """
    _check_waits(letter)
    reason = reason.strip()
    if len(reason) > MOST_LETTERS_LONG:
        raise Refused(
            "That is too long: at most {most} letters, and these are {number}.",
            "reason",
            most=MOST_LETTERS_LONG,
            number=len(reason),
        )
    letter.state, letter.decided_by, letter.decided_at = "declined", who, now
    letter.reason = reason
    session.flush()


def waiting_for(session: Session, who: Standing) -> Sequence[Letter]:
    """The letters that `who` may pass on or decline, the oldest first."""
    query = (
        select(Letter)
        .join(Person, Person.name == Letter.person_name)
        .where(Letter.state == "waiting", Person.active, Letter.person_name != who.name)
        .options(joinedload(Letter.person), joinedload(Letter.work))
        .order_by(Letter.id)
        .limit(_SHOWN)
    )
    if not who.is_admin:
        mine = (
            select(Membership.person_name)
            .join(Classroom)
            .where(
                Membership.classroom_id.in_(who.teacher_of),
                Membership.role == "pupil",
                Classroom.active,
            )
        )
        query = query.where(
            or_(Letter.person_name.in_(mine), Person.site_id.in_(who.admin_of_sites))
        )
    return session.scalars(query).all()


def of_curator(session: Session, who: str) -> Sequence[Letter]:
    """The letters that `who` wrote, the newest first."""
    query = select(Letter).where(Letter.written_by == who).options(joinedload(Letter.work))
    return session.scalars(query.order_by(Letter.id.desc()).limit(_SHOWN)).all()


def to_pupil(session: Session, name: str) -> Sequence[Letter]:
    """The letters that were passed on to the pupil, the newest first."""
    query = (
        select(Letter)
        .where(Letter.person_name == name, Letter.state == "passed")
        .options(joinedload(Letter.work))
    )
    return session.scalars(query.order_by(Letter.decided_at.desc()).limit(_SHOWN)).all()


def _check_waits(letter: Letter) -> None:
    if letter.state != "waiting":
        raise Refused("This letter was passed on or declined meanwhile, perhaps by a colleague.")
