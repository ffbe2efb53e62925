"""Checks a course as its pupils will meet it: in its grader image, with their limits, offline.

Called by `technopark course check` and `publish`, and by the tests of the park's own courses. What
is proven stands in `technopark_grading.check`, which runs in the container.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from pydantic import BaseModel, ValidationError

from technopark.catalogue.course import COURSE_FILE, Course, check_network, course_limits
from technopark.engine.client import engine_errors, open_engine
from technopark.engine.one_shot import Ended, run_to_end
from technopark.problem import Problem
from technopark.settings import Settings

PATIENCE = 900
"""Seconds that the check of one course may take."""

COMMAND = ("/opt/server/bin/python", "-m", "technopark_grading.check", "/check", "--json", "-")


class CheckError(Problem):
    """The check itself could not run to its end."""


class Fault(BaseModel):
    """What is wrong with a course: where, and what to mend."""

    file: str
    """Relative to the course's folder."""
    cell: str | None
    message: str


class Result(BaseModel):
    """How one way to answer was graded: `author`, `empty`, or a case of tests/."""

    name: str
    describes: str
    points: float
    most: float


class CheckedAssignment(BaseModel):
    """What was found out about one assignment."""

    id: str
    by_machine: float
    """Points that tests give."""
    by_hand: float
    """Points that a teacher gives."""
    seconds: float
    peak_mb: float
    """The most memory that its kernels held."""
    results: list[Result]
    faults: list[Fault]


class Report(BaseModel):
    """What was found out about a course."""

    assignments: list[CheckedAssignment]

    def problems(self, course: Course) -> list[str]:
        """A line a fault: the file, the cell, what to mend."""
        return [
            f"{course.folder / fault.file}: "
            f"{f'cell {fault.cell}: ' if fault.cell else ''}{fault.message}"
            for assignment in self.assignments
            for fault in assignment.faults
        ]


def check_course(course: Course, image: str, settings: Settings) -> Report:
    """Grades the author's solution, the empty notebooks and the typical mistakes of `course`.

    Args:
        course: what `load_course` read.
        image: tag or id of the course's grader image.
        settings: the engine, and the limits of pupils' servers.

    Raises:
        FileError: the course asks for a network list that the park has not.
        CheckError: the check did not end, or ran out of memory.
        EngineError: the engine refused.
    """
    check_network(course, settings)
    with (
        _readable_copy(course) as folder,
        closing(open_engine(settings.engine)) as client,
        engine_errors(settings.engine),
    ):
        ended = run_to_end(
            client,
            image,
            COMMAND,
            limits=course_limits(course.folder, settings.servers),
            folders={folder: "/check", folder / "materials": "/course"},
            park=settings.network.name,
            patience=PATIENCE,
        )
    return _report(ended, course)


@contextmanager
def _readable_copy(course: Course) -> Iterator[Path]:
    """A copy of the course that the container's user may read, whatever the author's umask."""
    with tempfile.TemporaryDirectory(prefix="technopark-check-") as temporary:
        folder = Path(temporary) / "course"
        (folder / "materials").mkdir(parents=True)
        shutil.copyfile(course.folder / COURSE_FILE, folder / COURSE_FILE)
        for part in ("source", "materials", "tests"):
            if (course.folder / part).is_dir():
                shutil.copytree(course.folder / part, folder / part, dirs_exist_ok=True)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield folder


def _report(ended: Ended, course: Course) -> Report:
    if ended.out_of_memory:
        raise CheckError(
            course.problem(
                ("resources",),
                "the check ran out of memory. Let the notebooks take less, or ask for more with "
                "`resources: {memory: 2G}`",
            )
        )
    if ended.code is None:
        raise CheckError(
            f"{course.folder}: the check did not end within {PATIENCE // 60} minutes. "
            "Let the notebooks take less time."
        )
    try:
        return Report.model_validate_json(ended.stdout.strip().splitlines()[-1])
    except (ValidationError, IndexError):
        said = " ".join(ended.stderr.strip().splitlines()[-3:]) or "nothing"
        raise CheckError(
            f"{course.folder}: the check broke off with exit code {ended.code}. It said: {said}"
        ) from None
