"""Points from a classroom's gradebook (nbgrader's SQLite file), whether its server runs or not.

Called by `table`. The gradebook lies in a home that people write to: it is copied by open
descriptors that follow no link, and the copy is read. In the home itself nothing is opened by
SQLite, so nothing is written there and nobody who grades has to wait.
"""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from technopark.people.rights import grading_user
from technopark.settings import Settings

_FILE = "gradebook.db"
_LOG = f"{_FILE}-wal"
_LARGEST = 512 << 20
"""Bytes; that of a class of thirty with ten assignments has 5 MB."""
_TRIES = 20
_PAUSE = 0.1
"""Seconds between tries; a submission's marks are written within one of them."""
_PATIENCE = 10.0
"""Seconds that reading may take: who may write a gradebook could make it endless."""
_STEPS = 100_000

# As nbgrader reckons: what a person gave counts more than what the tests gave, and extra credit is
# added to either (`nbgrader.api.Grade.score`, `SubmittedAssignment.late_submission_penalty`).
_ASSIGNMENTS = """
    SELECT assignment.name, COALESCE(SUM(cell.max_score), 0.0)
    FROM assignment
    LEFT JOIN notebook ON notebook.assignment_id = assignment.id
    LEFT JOIN base_cell ON base_cell.notebook_id = notebook.id
    LEFT JOIN (SELECT id, max_score FROM grade_cells UNION ALL
               SELECT id, max_score FROM task_cells) AS cell ON cell.id = base_cell.id
    GROUP BY assignment.id, assignment.name"""
_SUBMISSIONS = """
    SELECT submitted_assignment.student_id, assignment.name, submitted_assignment.timestamp,
           COALESCE(SUM(COALESCE(manual_score + COALESCE(extra_credit, 0.0),
                                 auto_score + COALESCE(extra_credit, 0.0), 0.0)), 0.0),
           COUNT(grade.id), COUNT(COALESCE(manual_score, auto_score)),
           COALESCE(MAX(needs_manual_grade), 0)
    FROM submitted_assignment
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
    LEFT JOIN submitted_notebook ON submitted_notebook.assignment_id = submitted_assignment.id
    LEFT JOIN grade ON grade.notebook_id = submitted_notebook.id
    GROUP BY submitted_assignment.id"""
_PENALTIES = """
    SELECT submitted_assignment.student_id, assignment.name,
           COALESCE(SUM(late_submission_penalty), 0.0)
    FROM submitted_notebook
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
    GROUP BY submitted_assignment.id"""


class UnreadableError(Exception):
    """There is a gradebook, and it cannot be read now."""


@dataclass(frozen=True)
class Points:
    """What a pupil has for one assignment, as it was collected."""

    points: float | None
    """After what lateness cost; None: not graded yet."""
    handed_in_at: datetime | None
    waits: bool
    """Whether the teacher has still to give points by hand."""


@dataclass(frozen=True)
class Gradebook:
    """All that is taken from a gradebook; empty where there is none yet."""

    most: dict[str, float] = field(default_factory=dict)
    """Points that can be had, by assignment."""
    points: dict[tuple[str, str], Points] = field(default_factory=dict)
    """By pupil and assignment."""


def read(settings: Settings, classroom: str) -> Gradebook:
    """The gradebook of a classroom, as it is now.

    Raises:
        UnreadableError: it is written to all the time, or is no gradebook.
    """
    home = settings.homes / grading_user(classroom)
    with TemporaryDirectory(prefix="technopark-marks-") as folder:
        try:
            with _descriptor(home, classroom) as descriptor:
                _copy(descriptor, Path(folder))
        except FileNotFoundError:
            return Gradebook()  # nobody has opened the grading server yet
        except OSError as error:
            raise UnreadableError(str(error)) from error
        try:
            with closing(sqlite3.connect(Path(folder, _FILE))) as connection:
                return _read(connection)
        except (sqlite3.Error, ValueError, TypeError) as error:
            raise UnreadableError(str(error)) from error


def _read(connection: sqlite3.Connection) -> Gradebook:
    until = time.monotonic() + _PATIENCE
    connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    connection.execute("PRAGMA trusted_schema = OFF")
    penalties = {(pupil, name): cost for pupil, name, cost in connection.execute(_PENALTIES)}
    points = {}
    for pupil, name, handed_in, score, grades, given, waits in connection.execute(_SUBMISSIONS):
        is_graded = given > 0 or grades == 0
        cost = penalties.get((pupil, name), 0.0)
        points[str(pupil), str(name)] = Points(
            points=max(0.0, float(score) - float(cost)) if is_graded else None,
            handed_in_at=_moment(handed_in),
            waits=is_graded and bool(waits),
        )
    most = {str(name): float(score) for name, score in connection.execute(_ASSIGNMENTS)}
    return Gradebook(most, points)


def _moment(text: str | None) -> datetime | None:
    """A time of the gradebook, which is UTC without saying so."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


@contextmanager
def _descriptor(home: Path, classroom: str) -> Iterator[int]:
    """The folder with the gradebook, opened without following a link."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    outer = os.open(home, flags)
    try:
        inner = os.open(classroom, flags, dir_fd=outer)
    finally:
        os.close(outer)
    try:
        yield inner
    finally:
        os.close(inner)


def _copy(folder: int, to: Path) -> None:
    """Copies the database and its log as they were at one moment.

    Raises:
        OSError: it is not there, is no plain file, or changes all the time.
    """
    for _ in range(_TRIES):
        before = _state(folder)
        for name in (_FILE, _LOG):
            _copy_file(folder, name, to / name)
        if _state(folder) == before:
            return
        time.sleep(_PAUSE)
    raise OSError("the gradebook changes all the time")


def _copy_file(folder: int, name: str, to: Path) -> None:
    to.unlink(missing_ok=True)
    try:
        source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:
        if name == _FILE:
            raise
        return
    with os.fdopen(source, "rb") as file, to.open("wb") as copy:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_size > _LARGEST:
            raise OSError(f"{name} is no plain file, or too large")
        left = found.st_size
        while left and (piece := file.read(min(left, 1 << 20))):
            copy.write(piece)
            left -= len(piece)


def _state(folder: int) -> list[tuple[int, int, int] | None]:
    """Changes when either file does."""
    return [_state_of(folder, name) for name in (_FILE, _LOG)]


def _state_of(folder: int, name: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
