"""A pupil's achievements: few, and each earned by something that truly happened.

Called by the portal. Nothing of it is kept: it follows from what was handed in, and when. None is
for being first or better than others, and none can be lost.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from technopark.path.courses import CourseFacts
from technopark.path.steps import Steps
from technopark.store import Assignment, Extension, Feedback, ShownWork, Submission

TEN, FIVE = 10, 5


class Earned(StrEnum):
    """What can be achieved. The words of each are in `portal.path.words`."""

    FIRST_WORK = "first-work"
    TEN_WORKS = "ten-works"
    """Ten assignments, not ten versions."""
    FIVE_IN_TIME = "five-in-time"
    BETTER = "better"
    """Handed in once more after the teacher's feedback."""
    COURSE = "course"
    SHOWN = "shown"


@dataclass(frozen=True)
class Achievement:
    """What was achieved, and when."""

    what: Earned
    at: datetime
    course: CourseFacts | None = None
    """Which one was finished."""


def achievements(session: Session, name: str, taken: Steps) -> list[Achievement]:
    """What the pupil `name` has achieved, the newest first."""
    found = [
        Achievement(Earned.COURSE, one.finished_at, one.course)
        for one in taken.courses
        if one.finished_at
    ]
    first_in, in_time = _handed_in(session, name)
    for what, moments, number in (
        (Earned.FIRST_WORK, first_in, 1),
        (Earned.TEN_WORKS, first_in, TEN),
        (Earned.FIVE_IN_TIME, in_time, FIVE),
    ):
        if len(moments) >= number:
            found.append(Achievement(what, moments[number - 1]))
    for what, at in (
        (Earned.BETTER, _better(session, name)),
        (Earned.SHOWN, _shown(session, name)),
    ):
        if at:
            found.append(Achievement(what, at))
    return sorted(found, key=lambda one: one.at, reverse=True)


def _handed_in(session: Session, name: str) -> tuple[list[datetime], list[datetime]]:
    """When each assignment first came in; and of these what came before its deadline."""
    longer = {
        one.assignment_id: one.due
        for one in session.scalars(select(Extension).where(Extension.person_name == name))
    }
    moments: dict[int, list[datetime]] = defaultdict(list)
    dues: dict[int, datetime | None] = {}
    for number, due, at in session.execute(
        select(Assignment.id, Assignment.due, Submission.received_at)
        .join(Submission)
        .where(Submission.person_name == name)
    ):
        moments[number].append(at)
        dues[number] = longer.get(number, due)
    firsts = {number: min(several) for number, several in moments.items()}
    in_time = [
        at for number, at in firsts.items() if (due := dues[number]) is not None and at <= due
    ]
    return sorted(firsts.values()), sorted(in_time)


def _better(session: Session, name: str) -> datetime | None:
    """When a work first came in once more after feedback on an earlier version of it."""
    spoken_of = (
        select(Submission.assignment_id, func.min(Feedback.released_at).label("at"))
        .join(Feedback, Feedback.submission_id == Submission.id)
        .where(Submission.person_name == name)
        .group_by(Submission.assignment_id)
        .subquery()
    )
    return session.scalar(
        select(Submission.received_at)
        .join(spoken_of, spoken_of.c.assignment_id == Submission.assignment_id)
        .where(Submission.person_name == name, Submission.received_at > spoken_of.c.at)
        .order_by(Submission.received_at)
        .limit(1)
    )


def _shown(session: Session, name: str) -> datetime | None:
    return session.scalar(
        select(ShownWork.shown_at)
        .where(ShownWork.person_name == name)
        .order_by(ShownWork.shown_at)
        .limit(1)
    )
