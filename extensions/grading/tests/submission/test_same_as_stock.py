"""Honest work gets, cell for cell, the points that nbgrader as installed gives it."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from technopark_grading.sandboxes import channels
from technopark_grading.submission.grade import Outcome, grade_submission

from ..conftest import open_course, source_notebook
from .honest_class import ANSWERS, FILES, LATE, NOTEBOOKS

pytestmark = [
    pytest.mark.slow,
    # nbgrader 0.9.6 makes objects before it puts them into SQLAlchemy's session
    pytest.mark.filterwarnings(
        r"ignore:Object of type <Submitted\w+> not in session:sqlalchemy.exc.SAWarning"
    ),
]

STOCK = """
c = get_config()
c.CourseDirectory.course_id = "robots-5"
c.CourseDirectory.root = {root!r}
c.Exchange.root = {root!r}
"""

Grades = dict[tuple[str, str], tuple[float | None, bool]]
"""By notebook and cell: the points that nbgrader gave, and whether a teacher has to."""


@dataclass
class BothWays:
    """The same class, graded by nbgrader as installed and by us."""

    stock: dict[str, Grades]
    ours: dict[str, Grades]
    outcomes: dict[str, Outcome]
    late: dict[str, tuple[bool, bool]]


def hand_out(root: Path) -> Any:
    for assignment, notebooks in NOTEBOOKS.items():
        folder = root / "source" / assignment
        folder.mkdir(parents=True)
        for name, rows in notebooks.items():
            nbformat.write(source_notebook(rows), folder / f"{name}.ipynb")
        for name, text in FILES.get(assignment, {}).items():
            (folder / name).write_text(text)
    api = open_course(root)
    for assignment in NOTEBOOKS:
        result = api.generate_assignment(assignment)
        assert result["success"], result
    with api.gradebook as book:
        book.update_or_create_assignment("sums", duedate="2026-11-20 12:00:00")
        book.update_or_create_assignment("credit", duedate="2026-11-20 12:00:00")
    return api


def hand_in(root: Path, pupil: str, answers: dict[str, str]) -> None:
    assignment = pupil.split("-")[0]
    folder = root / "submitted" / pupil / assignment
    shutil.copytree(root / "release" / assignment, folder)
    day = 21 if pupil in LATE else 19
    (folder / "timestamp.txt").write_text(f"2026-11-{day} 08:00:00.000000 UTC")
    for path in folder.glob("*.ipynb"):
        path.chmod(0o644)
        book = nbformat.read(path, 4)
        for cell in book.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(name, cell.source)
        nbformat.write(book, path)


def grades(root: Path) -> dict[str, Grades]:
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "robots-5") as book:
        return {
            pupil: {
                (notebook.name, grade.name): (grade.auto_score, bool(grade.needs_manual_grade))
                for notebook in book.find_submission(pupil.split("-")[0], pupil).notebooks
                for grade in notebook.grades
            }
            for pupil in ANSWERS
        }


def lateness(root: Path) -> dict[str, bool]:
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "robots-5") as book:
        return {
            pupil: book.find_submission(pupil.split("-")[0], pupil).total_seconds_late > 0
            for pupil in ANSWERS
        }


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> BothWays:
    ours = tmp_path_factory.mktemp("ours") / "robots-5"
    api = hand_out(ours)
    for pupil, answers in ANSWERS.items():
        hand_in(ours, pupil, answers)
    stock = tmp_path_factory.mktemp("stock") / "robots-5"
    shutil.copytree(ours, stock)
    (stock / "nbgrader_config.py").write_text(STOCK.format(root=str(stock)))
    outcomes = {
        pupil: grade_submission(api.config, pupil.split("-")[0], pupil, channels.local())
        for pupil in ANSWERS
    }
    for assignment in NOTEBOOKS:
        subprocess.run(
            [sys.executable, "-m", "nbgrader", "autograde", f"--assignment={assignment}"],
            cwd=stock,
            check=True,
            capture_output=True,
        )
    late = {pupil: (lateness(stock)[pupil], lateness(ours)[pupil]) for pupil in LATE}
    return BothWays(grades(stock), grades(ours), outcomes, late)


@pytest.mark.parametrize("pupil", ANSWERS)
def test_every_cell_gets_what_stock_nbgrader_gives(both: BothWays, pupil: str) -> None:
    assert both.ours[pupil] == both.stock[pupil]


@pytest.mark.parametrize("pupil", ANSWERS)
def test_nobody_is_doubted(both: BothWays, pupil: str) -> None:
    outcome = both.outcomes[pupil]
    assert outcome.reasons == ()
    assert not outcome.needs_attention


@pytest.mark.parametrize("pupil", sorted(LATE))
def test_who_is_late_is_late_both_ways(both: BothWays, pupil: str) -> None:
    assert both.late[pupil] == (True, True)


def test_there_are_thirty_and_they_differ(both: BothWays) -> None:
    totals = {pupil: outcome.points for pupil, outcome in both.outcomes.items()}
    assert len(totals) == 30
    assert len(set(totals.values())) > 8
