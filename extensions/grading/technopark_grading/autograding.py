"""nbgrader's autograding with one difference: every notebook of a classroom comes out with a mark.

`nbgrader_settings` puts `SteadyAutograde` in the place of nbgrader's own `Autograde`, for the
command and for formgrader's buttons. It must not change what was handed in.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import sqlalchemy.exc
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

from technopark_grading.reasons import Reason
from technopark_grading.repair import Handed, UnreadableError, grade_ids, read, repaired, stand_in

RECEIPT_FILE = "receipt.json"
"""What the exchange puts beside a collected submission; its `due` is the pupil's own deadline."""


class SubmissionExporter(NotebookExporter):
    """Opens a pupil's notebook, repaired, where nbgrader would read the file as it came."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Convert the notebook; the file of a submission need not exist or be readable."""
        autograde = self.parent
        if not isinstance(autograde, SteadyAutograde) or not autograde.reads_submission:
            return _pair(super().from_filename(filename, resources, **options))
        path = Path(filename)
        resources = {} if resources is None else resources
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        nb = autograde.open_submitted(path, resources["nbgrader"]["assignment"])
        return _pair(self.from_notebook_node(nb, resources, **options))


class SteadyAutograde(Autograde):
    """Grades every notebook that the assignment has, also those that a pupil did not hand in."""

    _failure: str | None = None

    @property
    def reads_submission(self) -> bool:
        """Whether nbgrader is reading what was handed in (and not its own sanitized copy)."""
        return bool(self._sanitizing)

    def init_notebooks(self) -> None:
        """Expect in each pupil's folder the notebooks of the assignment, whatever is there."""
        expected = self._expected_notebooks()
        folders = self._submission_folders()
        if not expected or not folders:
            super().init_notebooks()
            return
        self.notebooks: list[str] = []
        self.assignments = {
            str(folder): [str(folder / f"{name}.ipynb") for name in expected] for folder in folders
        }

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Prepare grading; a pupil's own later deadline goes into the gradebook, as in marks."""
        super().init_assignment(assignment_id, student_id)
        promised = _promised_deadline(Path(self._format_source(assignment_id, student_id)))
        if promised is None:
            return
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            submission = gradebook.find_submission(assignment_id, student_id)
            common = submission.assignment.duedate
            if common is not None and promised > common:
                submission.extension = promised - common
                gradebook.db.commit()

    def open_submitted(self, path: Path, assignment: str) -> NotebookNode:
        """The notebook expected at `path`, fit to be graded, with the reasons on it.

        Raises:
            NbGraderException: when the released version is not there to compare with.
        """
        released = self._released(path.name, assignment)
        if self._failure is not None:
            return stand_in(released, Reason.NOT_CHECKED, self._failure)
        return repaired(self._handed(path, released), released)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Grade one notebook; if that fails, let the released one stand in and say so."""
        self._failure = None
        try:
            super().convert_single_notebook(notebook_filename)
        except (NbGraderException, sqlalchemy.exc.SQLAlchemyError):
            raise  # not of the pupil's making: the teacher must see it as it is
        except Exception as problem:
            self.log.exception("Could not grade %s", notebook_filename)
            self._failure = f"{type(problem).__name__}: {problem}"[:200]
            super().convert_single_notebook(notebook_filename)
        finally:
            self._failure = None

    def _expected_notebooks(self) -> list[str]:
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                assignment = gradebook.find_assignment(self.coursedir.assignment_id)
            except MissingEntry:
                return []
            wanted = self.coursedir.notebook_id
            return [
                notebook.name
                for notebook in assignment.notebooks
                if Path(notebook.name).match(wanted)
            ]

    def _submission_folders(self) -> list[Path]:
        pattern = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        root = Path(self.coursedir.root)
        return sorted(
            folder for folder in root.glob(str(Path(pattern).relative_to(root))) if folder.is_dir()
        )

    def _released(self, notebook: str, assignment: str) -> NotebookNode:
        folder = self.coursedir.format_path(self.coursedir.release_directory, ".", assignment)
        path = Path(folder) / notebook
        try:
            return nbformat.read(path, as_version=4)
        except FileNotFoundError:
            raise NbGraderException(
                f"Expected the pupils' version of the notebook at {path}, but it is not there: "
                "press Generate for this assignment again, then Autograde."
            ) from None

    def _handed(self, path: Path, released: NotebookNode) -> Handed | None:
        """The file for `path`: itself, or the notebook of another name that is most like it."""
        if path.exists():
            return Handed(path)
        names = {f"{name}.ipynb" for name in self._expected_notebooks()}
        likeness = {
            other: len(grade_ids(released) & _grade_ids_in(other))
            for other in sorted(path.parent.glob("*.ipynb"))
            if other.name not in names
        }
        best = max(likeness, key=lambda other: likeness[other], default=None)
        if best is None or not likeness[best]:
            return None
        return Handed(best, other_name=best.name)


def _promised_deadline(submitted: Path) -> datetime | None:
    """The deadline on the receipt of a collected submission, as nbgrader keeps times: naive UTC."""
    try:
        receipt = json.loads((submitted / RECEIPT_FILE).read_text(encoding="utf-8"))
        return datetime.fromisoformat(receipt["due"]).astimezone(UTC).replace(tzinfo=None)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _pair(exported: Any) -> tuple[NotebookNode, dict[str, Any]]:
    nb, resources = exported
    return nb, resources


def _grade_ids_in(path: Path) -> set[str]:
    try:
        return grade_ids(read(path))
    except UnreadableError:
        return set()
