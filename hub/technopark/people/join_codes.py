"""Codes that pupils come into a classroom with: eight letters, for a lesson or a few days.

Called by the portal. A code opens one classroom to whoever is signed in; wrong ones slow the
person down, so that nobody finds a class by trying.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from technopark.people import classrooms, slowdown
from technopark.people.refused import Refused
from technopark.settings import SignIn
from technopark.store import Classroom, JoinCode, Membership

LETTERS = "ABEKMHPCTYX"
"""They look the same in Latin and in Cyrillic, so it does not matter which a child types; no two
of them look alike. Eight of them are 214 million codes."""
LENGTH = 8
_CYRILLIC = str.maketrans("АВЕКМНРСТУХ", LETTERS)


def make(session: Session, room: Classroom, who: str, now: datetime, lasts: timedelta) -> JoinCode:
    """A new code of the classroom; an earlier one ends with it."""
    end(session, room.id)
    session.execute(delete(JoinCode).where(JoinCode.expires_at < now))
    taken = set(session.scalars(select(JoinCode.code)))
    while (code := "".join(secrets.choice(LETTERS) for _ in range(LENGTH))) in taken:
        continue
    made = JoinCode(classroom_id=room.id, code=code, made_by=who, expires_at=now + lasts)
    session.add(made)
    return made


def end(session: Session, classroom: str) -> bool:
    """The classroom's code opens nothing any more; False: it had none."""
    found = session.get(JoinCode, classroom)
    if found:
        session.delete(found)
        session.flush()
    return found is not None


def of_room(session: Session, classroom: str, now: datetime) -> JoinCode | None:
    """The classroom's code; None: there is none, or it is over."""
    found = session.get(JoinCode, classroom)
    return found if found and found.expires_at > now else None


def spelled(code: str) -> str:
    """The code as it is written on a blackboard."""
    return f"{code[:4]}-{code[4:]}"


def read(typed: str) -> str:
    """What somebody meant: with any letters, capitals and hyphens."""
    plain = typed.upper().translate(_CYRILLIC)
    return "".join(letter for letter in plain if letter.isalnum())


def seconds_to_wait(session: Session, who: str, now: datetime, settings: SignIn) -> float:
    """Seconds until a code of this person's is looked at; 0: this one is.

    It counts as a wrong one until `join` forgets it. Some are free, then each doubles the wait.
    """
    return slowdown.begin_attempt(session, _tries_of(who), now, settings)


def join(session: Session, who: str, typed: str, now: datetime) -> Classroom:
    """Brings the person into the classroom whose code was typed.

    Raises:
        Refused: no classroom has this code now, or the person is in it already.
    """
    code = read(typed)
    found = session.scalar(select(JoinCode).where(JoinCode.code == code)) if code else None
    if found is None or found.expires_at <= now or not found.classroom.active:
        raise Refused(
            "This code does not fit, or its time is over. Look at the letters once more, or ask "
            "your teacher for a new one.",
            "code",
        )
    room = found.classroom
    membership = session.get(Membership, (room.id, who))
    if membership:
        raise Refused(
            "You teach “{title}”: you cannot be its pupil as well."
            if membership.role == "teacher"
            else "You are in “{title}” already.",
            "code",
            title=room.title,
        )
    slowdown.note_success(session, _tries_of(who))
    classrooms.add_members(session, room.id, "pupil", [who])
    return room


def _tries_of(who: str) -> str:
    """Under which name their tries are counted: no person's name has a colon, so no sign-in's."""
    return f"join:{who}"
