"""A classroom whose pupils hand in everything that can go wrong, graded once by real nbgrader."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from technopark_grading import channels
from technopark_grading.nbgrader_settings import configure

ASSIGNMENT = "sums"
NOTEBOOK = "sums"
HANDED_IN_AT = "2026-11-20 08:00:00.000000 UTC"

SOURCE = [
    ("markdown", "# Sums", None),
    ("code", "start = 10", {"grade_id": "setup", "locked": True}),
    (
        "code",
        "def add(a, b):\n    ### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION",
        {"grade_id": "add", "solution": True},
    ),
    (
        "code",
        "assert add(start, 2) == 12\n### BEGIN HIDDEN TESTS\nassert add(-1, 1) == 0\n"
        "### END HIDDEN TESTS",
        {"grade_id": "test-add", "grade": True, "locked": True, "points": 3},
    ),
    (
        "code",
        "def double(a):\n    ### BEGIN SOLUTION\n    return a * 2\n    ### END SOLUTION",
        {"grade_id": "double", "solution": True},
    ),
    (
        "code",
        "assert double(4) == 8",
        {"grade_id": "test-double", "grade": True, "locked": True, "points": 2},
    ),
    ("markdown", "Why?", {"grade_id": "why", "grade": True, "solution": True, "points": 1}),
]

RIGHT = {"add": "def add(a, b):\n    return a + b", "double": "def double(a):\n    return a * 2"}


def source_notebook() -> NotebookNode:
    cells = []
    for kind, text, marks in SOURCE:
        cell = getattr(nbformat.v4, f"new_{kind}_cell")(text)
        if marks:
            plain = {"grade": False, "solution": False, "locked": False, "schema_version": 3}
            cell.metadata["nbgrader"] = {**plain, "task": False, **marks}
        cells.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@dataclass
class Classroom:
    """A course directory on disk, with what was seen of grading each pupil."""

    root: Path
    api: NbGraderAPI
    seconds: dict[str, float] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)
    outcome: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def db_url(self) -> str:
        return str(self.api.coursedir.db_url)

    def released(self) -> NotebookNode:
        return nbformat.read(self.root / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb", 4)

    def cell(self, nb: NotebookNode, grade_id: str) -> NotebookNode:
        return next(
            c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
        )

    def solved_with(self, before: str, code: str) -> NotebookNode:
        """The solved notebook with a cell of the pupil's own before the cell of that id."""
        nb = self.solved()
        place = nb.cells.index(self.cell(nb, before))
        nb.cells.insert(place, nbformat.v4.new_code_cell(code))
        return nb

    def solved(self) -> NotebookNode:
        """The released notebook as a diligent pupil hands it in."""
        nb = self.released()
        for grade_id, text in RIGHT.items():
            self.cell(nb, grade_id).source = text
        self.cell(nb, "why").source = "Because two and two is four."
        return nb

    def hand_in(self, pupil: str, content: NotebookNode | str | None, name: str = NOTEBOOK) -> Path:
        folder = self.root / "submitted" / pupil / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / "timestamp.txt").write_text(HANDED_IN_AT)
        path = folder / f"{name}.ipynb"
        if content is not None:
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            path.write_text(text, encoding="utf-8")
        return path

    def grade(self, pupil: str) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # the peak below counts from here
        before, start = _memory_mb("VmRSS"), monotonic()
        self.outcome[pupil] = self.api.autograde(ASSIGNMENT, pupil)
        self.seconds[pupil] = monotonic() - start
        self.peak_mb[pupil] = _memory_mb("VmHWM") - before

    def submission(self, gradebook: Gradebook, pupil: str) -> Any:
        return gradebook.find_submission_notebook(NOTEBOOK, ASSIGNMENT, pupil)

    def marks(self, pupil: str) -> dict[str, float | None]:
        with Gradebook(self.db_url) as gradebook:
            return {g.name: g.auto_score for g in self.submission(gradebook, pupil).grades}

    def waits_for_teacher(self, pupil: str) -> set[str]:
        with Gradebook(self.db_url) as gradebook:
            grades = self.submission(gradebook, pupil).grades
            return {g.name for g in grades if g.needs_manual_grade}

    def comments(self, pupil: str) -> str:
        with Gradebook(self.db_url) as gradebook:
            comments = self.submission(gradebook, pupil).comments
            return " ".join(c.comment for c in comments if c.comment)

    def feedback(self, pupil: str) -> str:
        """The pupil's feedback page, as text without tags."""
        page = self.root / "feedback" / pupil / ASSIGNMENT / f"{NOTEBOOK}.html"
        if not page.exists():
            result = self.api.generate_feedback(ASSIGNMENT, pupil)
            assert result["success"], result
        return re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))


def _memory_mb(field_name: str) -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{field_name}:")[1].split()[0]) / 1024


@pytest.fixture(scope="session")
def released_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course directory with one assignment, generated for the pupils."""
    root = tmp_path_factory.mktemp("course")
    source = root / "source" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(source_notebook(), source)
    result = open_course(root).generate_assignment(ASSIGNMENT)
    assert result["success"], result
    return root


@pytest.fixture(scope="module")
def classroom(
    released_course: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Classroom]:
    """A classroom of its own for each module; cells may take two seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TECHNOPARK_LANGUAGE", "ru")
        patch.setenv("TZ", "Europe/Moscow")
        root = tmp_path_factory.mktemp("classroom") / "robots-5"
        shutil.copytree(released_course, root)
        yield Classroom(root, open_course(root))


def open_course(root: Path) -> NbGraderAPI:
    """nbgrader over a course directory, set as in the grader image but less patient."""
    c = Config()
    configure(c)
    c.CourseDirectory.root = str(root)
    c.CourseDirectory.course_id = "robots-5"
    c.SteadyAutograde.cell_seconds = 2
    c.SteadyAutograde.open_sandbox = channels.local()
    c.SteadyAutograde.notebook_seconds = 5
    c.Exchange.root = str(root / "exchange")
    return NbGraderAPI(coursedir=CourseDirectory(config=c), config=c)
