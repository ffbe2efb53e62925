"""What the published courses say of themselves: ages, skills, assignments.

Called by the other parts of `path`. The store tells all but the assignments, which stand in the
content of a version (course.yaml); one without content (a made-up city's) has none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.settings import Settings
from technopark.store import CourseVersion

_FILE = "course.yaml"


@dataclass(frozen=True)
class Skill:
    """What a pupil can do after a course, in both languages."""

    ru: str
    en: str

    def words(self, language: str) -> str:
        """In this language."""
        return self.ru if language == "ru" else self.en


@dataclass(frozen=True)
class CourseFacts:
    """One version of a course."""

    course: str
    title: tuple[tuple[str, str], ...]
    summary: tuple[tuple[str, str], ...] = ()
    ages: tuple[int, int] | None = None
    """From and to, in years; None: not known."""
    skills: tuple[Skill, ...] = ()
    tasks: tuple[str, ...] = ()
    """Names of the assignments; none: not known."""

    def called(self, language: str) -> str:
        """The title in this language."""
        return dict(self.title).get(language) or self.course

    def about(self, language: str) -> str:
        """The summary in this language; empty: not known."""
        return dict(self.summary).get(language, "")

    def is_for(self, age: int) -> bool:
        """Whether the course is for children of this age."""
        return self.ages is not None and self.ages[0] <= age <= self.ages[1]


def facts(settings: Settings, version: CourseVersion) -> CourseFacts:
    """What this version says of itself."""
    file = settings.data / "courses" / version.content / _FILE
    try:
        said = _read(file, file.stat().st_mtime_ns)
    except FileNotFoundError:
        said = {}
    first, last = version.age_from, version.age_to
    return CourseFacts(
        course=version.course,
        title=tuple(version.title.items()),
        summary=tuple(version.summary.items()),
        ages=None if first is None or last is None else (first, last),
        skills=tuple(Skill(one["ru"], one["en"]) for one in version.skills),
        tasks=tuple(one["id"] for one in said.get("assignments", [])),
    )


def newest(session: Session, settings: Settings) -> list[CourseFacts]:
    """The newest version of every course, by course."""
    versions = session.scalars(select(CourseVersion).order_by(CourseVersion.id))
    last = {version.course: version for version in versions}
    return [facts(settings, last[course]) for course in sorted(last)]


def skills_of(courses: Iterable[CourseFacts]) -> list[Skill]:
    """Their skills, each once, in the order of the courses."""
    return list(dict.fromkeys(skill for course in courses for skill in course.skills))


@lru_cache(maxsize=256)
def _read(file: Path, _changed: int) -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return said
