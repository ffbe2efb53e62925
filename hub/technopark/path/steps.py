"""A pupil's path: courses that are open, finished and over, and the skills they gave.

Called by the portal. It reads the store and never writes. A course is finished when every
assignment of it was handed in, whatever the mark: marks stay between teacher and pupil.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from technopark.path.courses import CourseFacts, Skill, facts, skills_of
from technopark.settings import Settings
from technopark.store import Assignment, Classroom, Membership, Submission

State = Literal["open", "finished", "over"]
"""`over`: the class is closed, or left, and not all was handed in."""


@dataclass(frozen=True)
class CourseStep:
    """One course that the pupil takes or took, in one class."""

    room: str
    room_title: str
    course: CourseFacts
    state: State
    handed_in: int
    tasks: int
    finished_at: datetime | None
    """When the last missing assignment came in; None: not all did."""


@dataclass(frozen=True)
class Steps:
    """All courses of one pupil."""

    courses: tuple[CourseStep, ...]

    def of(self, state: State) -> list[CourseStep]:
        """Those in this state."""
        return [one for one in self.courses if one.state == state]

    @property
    def skills(self) -> list[Skill]:
        """What the finished courses gave."""
        return skills_of(one.course for one in self.of("finished"))

    @property
    def learning(self) -> list[Skill]:
        """What the open ones will give, but for what is there already."""
        return [
            one for one in skills_of(one.course for one in self.of("open")) if not self._has(one)
        ]

    def _has(self, skill: Skill) -> bool:
        return skill in self.skills


def steps(session: Session, settings: Settings, name: str) -> Steps:
    """The courses of the pupil `name`: open ones first, then the newest."""
    mine = set(
        session.scalars(
            select(Membership.classroom_id).where(
                Membership.person_name == name, Membership.role == "pupil"
            )
        )
    )
    first_in: dict[str, dict[str, datetime]] = defaultdict(dict)
    for room, task, at in session.execute(
        select(Assignment.classroom_id, Assignment.name, func.min(Submission.received_at))
        .join(Submission)
        .where(Submission.person_name == name)
        .group_by(Assignment.classroom_id, Assignment.name)
    ):
        first_in[room][task] = at
    # Who moved up a year is no more in the class whose course they finished.
    rooms = session.scalars(select(Classroom).where(Classroom.id.in_(mine | first_in.keys()))).all()
    released = _released(session, [room.id for room in rooms])
    found = [
        _step(settings, room, first_in[room.id], released[room.id], is_in=room.id in mine)
        for room in rooms
    ]
    found.sort(key=lambda one: (one.state != "open", one.room_title))
    return Steps(tuple(found))


def _step(
    settings: Settings,
    room: Classroom,
    first_in: dict[str, datetime],
    released: list[str],
    *,
    is_in: bool,
) -> CourseStep:
    course = facts(settings, room.course_version)
    tasks = course.tasks or tuple(released)
    done = [first_in[task] for task in tasks if task in first_in]
    is_finished = bool(tasks) and len(done) == len(tasks)
    is_open = is_in and room.active
    return CourseStep(
        room=room.id,
        room_title=room.title,
        course=course,
        state="finished" if is_finished else "open" if is_open else "over",
        handed_in=len(done),
        tasks=len(tasks),
        finished_at=max(done) if is_finished else None,
    )


def _released(session: Session, rooms: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for room, task in session.execute(
        select(Assignment.classroom_id, Assignment.name).where(
            Assignment.classroom_id.in_(rooms), Assignment.released
        )
    ):
        found[room].append(task)
    return found
