"""What was handed in for an assignment, and whether it is what the marks were given for.

Called by `run` before it grades; it writes neither to the course nor to the gradebook.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from technopark_grading.class_run.run_words import say


class CannotGradeError(Exception):
    """Nobody can be graded; the text says why, and what to do."""


@dataclass(frozen=True)
class Plan:
    """Whose work is to be graded, and whose is left alone; full names by pupil."""

    names: Mapping[str, str]
    before: Mapping[str, str]


def keys(course: CourseDirectory, assignment: str) -> dict[str, str]:
    """By pupil, a key that changes with what was handed in and with the assignment.

    Raises:
        CannotGradeError: the gradebook does not know it; says what to do.
    """
    version = assignment_version(course, assignment)
    folders = _folders(course, str(course.submitted_directory), assignment)
    return {pupil: _key(version, folder) for pupil, folder in folders.items()}


def plan(
    course: CourseDirectory, assignment: str, keys: Mapping[str, str], marked: Mapping[str, str]
) -> Plan:
    """Whom a run grades.

    Args:
        course: the course directory.
        assignment: its name.
        keys: those of everybody's work.
        marked: the keys that the marks in the gradebook were given for.
    """
    graded = _folders(course, str(course.autograded_directory), assignment)
    names = _full_names(course, list(keys))
    kept = {pupil for pupil, key in keys.items() if marked.get(pupil) == key and pupil in graded}
    return Plan(
        names={pupil: name for pupil, name in names.items() if pupil not in kept},
        before={pupil: name for pupil, name in names.items() if pupil in kept},
    )


def assignment_version(course: CourseDirectory, assignment: str) -> str:
    """Changes when the teacher generates the assignment with other cells, tests or points.

    Raises:
        CannotGradeError: the gradebook does not know it; says what to do.
    """
    digest = hashlib.sha256()
    with Gradebook(course.db_url, course.course_id) as gradebook:
        try:
            notebooks = gradebook.find_assignment(assignment).notebooks
        except MissingEntry:
            raise CannotGradeError(say("unknown", assignment=assignment)) from None
        for notebook in sorted(notebooks, key=lambda one: str(one.name)):
            for cell in sorted(notebook.source_cells, key=lambda one: str(one.name)):
                digest.update(repr((notebook.name, cell.name, cell.source, cell.locked)).encode())
            for cell in sorted(notebook.grade_cells, key=lambda one: str(one.name)):
                digest.update(repr((cell.name, cell.max_score, cell.cell_type)).encode())
    return digest.hexdigest()


def _key(version: str, folder: Path) -> str:
    """Changes with every file, the receipt and its deadline among them."""
    digest = hashlib.sha256(version.encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder)}\0{content}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _folders(course: CourseDirectory, step: str, assignment: str) -> dict[str, Path]:
    """The folders of the assignment in a step of nbgrader, by pupil."""
    root = Path(course.root)
    pattern = Path(course.format_path(step, "*", assignment)).relative_to(root)
    named = re.compile(
        str(course.format_path(step, "(?P<pupil>[^/]+)", re.escape(assignment), escape=True))
    )
    found = {}
    for folder in sorted(root.glob(str(pattern))):
        match = named.fullmatch(str(folder))
        if folder.is_dir() and match and not match["pupil"].startswith("."):
            found[match["pupil"]] = folder
    return found


def _full_names(course: CourseDirectory, pupils: list[str]) -> dict[str, str]:
    with Gradebook(course.db_url, course.course_id) as gradebook:
        known = {
            student.id: f"{student.last_name or ''} {student.first_name or ''}".strip()
            for student in gradebook.students
        }
    return {pupil: known.get(pupil) or pupil for pupil in pupils}
