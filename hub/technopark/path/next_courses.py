"""What a pupil could take next, and why: a plain rule that can be said in words.

The rule: a course that the pupil has not taken, that is for this age. First those that have a
class at the pupil's own school, then those that go on with a skill the pupil has, then the others;
at most three. Nothing of marks goes in, and nobody is compared with anybody.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.path.courses import CourseFacts, Skill
from technopark.path.steps import Steps
from technopark.store import Classroom, CourseVersion

MOST = 3


@dataclass(frozen=True)
class Proposal:
    """A course, with the reasons for it."""

    course: CourseFacts
    classes: tuple[str, ...]
    """Titles of open classes of it at the pupil's school."""
    known: tuple[Skill, ...]
    """Skills of it that the pupil has, or is learning."""
    fits_age: bool
    """Whether that is known; a course for another age is never proposed."""


def proposals(
    taken: Steps,
    age: int | None,
    courses: Iterable[CourseFacts],
    classes: Mapping[str, Iterable[str]],
) -> list[Proposal]:
    """At most `MOST` courses, the best reasons first.

    Args:
        taken: the pupil's courses.
        age: about how old the pupil is; None: not known.
        courses: the newest version of each.
        classes: by course, titles of the open classes at the pupil's school.
    """
    had = {one.course.course for one in taken.courses}
    skills = {*taken.skills, *taken.learning}
    found = []
    for course in courses:
        if course.course in had or not course.skills:
            continue
        if age is not None and course.ages and not course.is_for(age):
            continue
        found.append(
            Proposal(
                course=course,
                classes=tuple(sorted(classes.get(course.course, ()))),
                known=tuple(skill for skill in course.skills if skill in skills),
                fits_age=age is not None and course.is_for(age),
            )
        )
    found.sort(key=lambda one: (not one.classes, -len(one.known), not one.fits_age))
    return found[:MOST]


def classes_at(session: Session, site: str | None) -> dict[str, list[str]]:
    """Titles of the open classes at a site, by course."""
    found: dict[str, list[str]] = {}
    for course, title in session.execute(
        select(CourseVersion.course, Classroom.title)
        .join(Classroom)
        .where(Classroom.site_id == site, Classroom.active)
    ):
        found.setdefault(course, []).append(title)
    return found
