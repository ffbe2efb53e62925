"""nbgrader's autograding, but every notebook gets a mark, and cells run in a sandbox.

`nbgrader_settings` puts `SteadyAutograde` in the place of nbgrader's own `Autograde`, for the
command, for formgrader's buttons and for `grade`. It must not change what was handed in, and
never runs any of it in its own process.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import nbformat
import sqlalchemy.exc
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from nbgrader.utils import find_all_files
from traitlets import Callable as CallableTrait
from traitlets import Float, Integer

from technopark_grading.belief.examination import Examination
from technopark_grading.gradebook.gradebooks import opened
from technopark_grading.notebooks import reasons
from technopark_grading.notebooks.reasons import Reason
from technopark_grading.notebooks.repair import (
    Handed,
    UnreadableError,
    grade_ids,
    read,
    repaired,
    stand_in,
)
from technopark_grading.sandboxes import channels
from technopark_grading.sandboxes.sandbox import SandboxLostError
from technopark_grading.submission import feedback
from technopark_grading.submission.lineage import Limits, Played, play
from technopark_grading.submission.turns import nbgraders_turn, others_turn

RECEIPT_FILE = "receipt.json"
"""What the exchange puts beside a collected submission; its `due` is the pupil's own deadline."""

T = TypeVar("T")

_TRIES = 2
"""Sandboxes that a submission gets, should one be lost."""


class SubmissionExporter(NotebookExporter):
    """Opens what nbgrader converts: the notebook as handed in, repaired, or as it has run."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Convert the notebook; the file of a submission need not exist or be readable."""
        autograde = self.parent
        if not isinstance(autograde, SteadyAutograde):
            return _pair(super().from_filename(filename, resources, **options))
        path = Path(filename)
        resources = {} if resources is None else resources
        resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
        if autograde.reads_submission:
            nb = autograde.open_submitted(path, resources["nbgrader"]["assignment"])
        else:
            nb = autograde.open_played(path)
        return _pair(self.from_notebook_node(nb, resources, **options))


class SteadyAutograde(Autograde):
    """Grades every notebook that the assignment has, also those that a pupil did not hand in.

    Several threads may each use one of their own: only the waiting for sandboxes goes on at once.
    """

    open_sandbox = CallableTrait(
        channels.from_broker(), help="Opens a sandbox of its own for a submission."
    ).tag(config=True)

    cell_seconds = Float(30, min=1, help="What one cell may take, as in nbgrader").tag(config=True)

    notebook_seconds = Float(180, min=1, help="What all cells of a notebook may take together").tag(
        config=True
    )

    controls_seconds = Float(
        540, min=1, help="What repeating the tests of a notebook may take"
    ).tag(config=True)

    max_output = Integer(
        50_000, min=1_000, help="Characters of output that are kept of each cell"
    ).tag(config=True)

    cancelled: Callable[[], bool] = staticmethod(lambda: False)
    """Asked before each cell; where it says so, the submission stays ungraded."""

    stopped_by: Exception | None = None
    """Why a submission could not run, and stays ungraded."""

    _failure: str | None = None

    def __init__(self, coursedir: Any = None, **options: Any) -> None:
        super().__init__(coursedir=coursedir, **options)
        self._sanitized: dict[str, NotebookNode] = {}
        self._played: dict[str, Played] = {}

    def start(self) -> None:
        """Grade what the course directory names, as soon as it is this thread's turn."""
        with nbgraders_turn():
            super().start()

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
        with opened(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
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

    def open_played(self, path: Path) -> NotebookNode:
        """The notebook with the outputs that decide on its points, and the reasons on it."""
        nb = self._sanitized[path.name]
        feedback.put_outputs(nb, self._played[path.name])
        return nb

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Grade one notebook; before the first of a submission all of them run in a sandbox."""
        if notebook_filename == self.notebooks[0]:
            self._sanitized = {
                Path(name).name: self._with_stand_in(self._sanitize, name)
                for name in self.notebooks
            }
            self._played = self._run(Path(self.writer.build_directory))
        self._with_stand_in(self._grade, notebook_filename)

    def _with_stand_in(self, step: Callable[[str], T], notebook: str) -> T:
        """Take a step; if it fails, let the released notebook stand in and say so."""
        self._failure = None
        try:
            return step(notebook)
        except (NbGraderException, sqlalchemy.exc.SQLAlchemyError):
            raise  # not of the pupil's making: the teacher must see it as it is
        except Exception as problem:
            self.log.exception("Could not grade %s", notebook)
            self._failure = f"{type(problem).__name__}: {problem}"[:200]
            return step(notebook)
        finally:
            self._failure = None

    def _sanitize(self, notebook: str) -> NotebookNode:
        """Let nbgrader put its own tests and metadata into what was handed in."""
        self._sanitizing = True
        self._init_preprocessors()
        resources = self.init_single_notebook_resources(notebook)
        output, resources = self.exporter.from_filename(notebook, resources=resources)
        self.write_single_notebook(output, resources)
        return nbformat.reads(output, as_version=4)

    def _grade(self, notebook: str) -> None:
        """Let nbgrader read the points from a notebook that has run."""
        if self._failure is not None:
            name = Path(notebook).name
            self._sanitized[name] = self._sanitize(notebook)
            self._played[name] = Played.nothing(self._sanitized[name])
        self._sanitizing = False
        self._init_preprocessors()
        try:
            sanitized = Path(self.writer.build_directory) / Path(notebook).name
            super(Autograde, self).convert_single_notebook(str(sanitized))
        finally:
            self._sanitizing = True

    def _run(self, folder: Path) -> dict[str, Played]:
        """Run the sanitized notebooks in a sandbox, while other threads have their turn."""
        books = self._sanitized
        if all(map(reasons.nothing_to_run, books.values())):
            return {name: Played.nothing(book) for name, book in books.items()}
        files = _files(folder)
        try:
            with others_turn():
                played = self._play(list(books.values()), files)
        except Exception as problem:
            self.stopped_by = problem
            raise
        return dict(zip(books, played, strict=True))

    def _play(self, books: list[NotebookNode], files: dict[str, bytes]) -> list[Played]:
        limits = Limits(cell=self.cell_seconds, notebook=self.notebook_seconds)
        for _ in range(_TRIES):
            try:
                with self.open_sandbox() as sandbox:
                    sandbox.open(files, {"NBGRADER_EXECUTION": "autograde"}, self.max_output)
                    return play(
                        sandbox,
                        books,
                        limits,
                        lambda tests: Examination(self.controls_seconds, tests),
                        self.cancelled,
                    )
            except SandboxLostError as problem:
                self.log.warning("The sandbox was lost: %s", problem)
        return [Played.nothing(book, Reason.SANDBOX_LOST) for book in books]

    def _expected_notebooks(self) -> list[str]:
        with opened(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
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


def _files(folder: Path) -> dict[str, bytes]:
    """What cells find beside their notebook: all files of the submission but notebooks."""
    found = (Path(path) for path in find_all_files(str(folder), ["*.ipynb"]))
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(found)
        if path.is_file() and not path.is_symlink()
    }


def _pair(exported: Any) -> tuple[NotebookNode, dict[str, Any]]:
    nb, resources = exported
    return nb, resources


def _grade_ids_in(path: Path) -> set[str]:
    try:
        return grade_ids(read(path))
    except UnreadableError:
        return set()
