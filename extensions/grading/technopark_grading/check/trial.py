"""Grades answers with nbgrader in a course directory of their own, all in one process.

Used by `course`; it never touches a classroom's course directory or its gradebook.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from technopark_grading.check.released import grade_id
from technopark_grading.nbgrader_settings import configure
from technopark_grading.sandboxes import channels


class TrialError(Exception):
    """nbgrader gave up; the text says why."""


@dataclass(frozen=True)
class Mark:
    """What one cell with points was given."""

    notebook: str
    cell: str
    by_hand: bool
    points: float
    most: float
    said: str
    """The last line of the error that the cell ended with, or nothing."""


class Trial:
    """A temporary course directory at `root` for the assignments of the course in `course`."""

    def __init__(self, course: Path, root: Path) -> None:
        self.root = root
        shutil.copytree(course / "source", root / "source")
        config = Config()
        configure(config)
        config.CourseDirectory.root = str(root)
        config.CourseDirectory.course_id = "check"
        config.CourseDirectory.db_url = f"sqlite:///{root / 'gradebook.db'}"
        config.SteadyAutograde.open_sandbox = channels.local(channels.course_python())
        config.NbGraderAPI.log_level = "WARN"
        os.chdir(root)  # nbgrader resolves some of its paths against it
        self._api = NbGraderAPI(config=config)

    def release(self, assignment: str) -> Path:
        """Makes the version for pupils; answers its folder.

        Raises:
            TrialError: nbgrader cannot make it.
        """
        _must(self._api.generate_assignment(assignment))
        return self.root / "release" / assignment

    def grade(
        self, pupil: str, assignment: str, folder: Path, answers: dict[str, str]
    ) -> list[Mark]:
        """Hands in the notebooks of `folder` with `answers` put into them, and grades them.

        Args:
            pupil: a name for the one who hands in.
            assignment: its id.
            folder: the assignment's source/ or release/.
            answers: code by the grade_id of its solution cell.

        Raises:
            TrialError: nbgrader cannot grade it.
        """
        submitted = self.root / "submitted" / pupil / assignment
        shutil.copytree(folder, submitted)
        for path in submitted.glob("*.ipynb"):
            path.chmod(0o644)
            book = nbformat.read(path, as_version=4)
            for cell in book.cells:
                cell.source = answers.get(grade_id(cell) or "", cell.source)
            nbformat.write(book, path)
        _must(self._api.autograde(assignment, pupil))
        return self._marks(pupil, assignment)

    def _marks(self, pupil: str, assignment: str) -> list[Mark]:
        marks: list[Mark] = []
        with Gradebook(self._api.coursedir.db_url, "check") as gradebook:
            for notebook in gradebook.find_submission(assignment, pupil).notebooks:
                graded = self.root / "autograded" / pupil / assignment / f"{notebook.name}.ipynb"
                errors, by_hand = _read_graded(graded)
                marks += [
                    Mark(
                        notebook=f"{notebook.name}.ipynb",
                        cell=grade.name,
                        by_hand=grade.name in by_hand,
                        points=grade.auto_score or 0.0,
                        most=grade.max_score,
                        said=errors.get(grade.name, ""),
                    )
                    for grade in notebook.grades
                ]
        return marks


def _read_graded(path: Path) -> tuple[dict[str, str], set[str]]:
    """Errors by cell in a graded notebook, and the cells that a teacher marks."""
    errors: dict[str, str] = {}
    by_hand: set[str] = set()
    for cell in nbformat.read(path, as_version=4).cells:
        name = grade_id(cell)
        if name is None:
            continue
        if cell.metadata.nbgrader.get("solution") or cell.cell_type != "code":
            by_hand.add(name)
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                errors[name] = f"{output.ename}: {output.evalue}".strip()
            elif output.output_type == "stream" and output.name == "stderr":
                # nbgrader takes all points of a test that writes there
                errors.setdefault(name, f"wrote to stderr: {output.text.strip()}")
    return errors, by_hand


def _must(result: dict[str, Any]) -> None:
    if not result["success"]:
        told = result.get("log") or result.get("error") or "nbgrader did not say why"
        raise TrialError(" ".join(str(told).strip().splitlines()[-3:]))
