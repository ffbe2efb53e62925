"""Points are read from a gradebook as nbgrader itself reckons them, and nothing else is."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook as Book

from technopark.marks import gradebook
from technopark.marks.gradebook import UnreadableError
from technopark.settings import Settings

NOON = datetime(2026, 11, 19, 9, tzinfo=UTC)

pytestmark = pytest.mark.filterwarnings(
    r"ignore:Object of type <\w+> not in session:sqlalchemy.exc.SAWarning"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


@pytest.fixture
def folder(settings: Settings) -> Path:
    made = settings.homes / "grading-data-6a" / "data-6a"
    made.mkdir(parents=True)
    return made


@pytest.fixture(scope="module")
def empty_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: nbgrader takes seconds for it, and calls `alembic` by name."""
    path = tmp_path_factory.mktemp("gradebook") / "gradebook.db"
    programs = Path(sys.executable).parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        Book(f"sqlite:///{path}", "data-6a").close()
    return path


@pytest.fixture
def book(folder: Path, empty_book: Path) -> Iterator[Any]:
    """Penguins: Masha is graded, also by hand; Petya waits for the tests. Digits: nobody."""
    shutil.copy(empty_book, folder / "gradebook.db")
    with Book(f"sqlite:///{folder / 'gradebook.db'}", "data-6a") as made:
        for name in ("penguins", "digits"):
            made.update_or_create_assignment(name)
            made.update_or_create_notebook("n", name)
        for cell, most in (("test", 3), ("text", 5)):
            made.update_or_create_grade_cell(
                cell, "n", "penguins", cell_type="code", max_score=most
            )
        made.update_or_create_task_cell("task", "n", "penguins", cell_type="markdown", max_score=2)
        for pupil in ("masha", "petya"):
            made.update_or_create_student(pupil)
            made.update_or_create_submission("penguins", pupil, timestamp="2026-11-19 09:00:00")
        for cell, auto, by_hand, extra in (
            ("test", 3, None, 0.5),
            ("text", 1, 4.5, None),
            ("task", None, None, 7),
        ):
            grade = made.find_grade(cell, "n", "penguins", "masha")
            grade.auto_score, grade.manual_score, grade.extra_credit = auto, by_hand, extra
            grade.needs_manual_grade = cell == "task"
        made.find_submission_notebook("n", "penguins", "masha").late_submission_penalty = 1
        made.db.commit()
        yield made


def test_points_are_those_that_nbgrader_says(book: Any, settings: Settings) -> None:
    found = gradebook.read(settings, "data-6a")
    theirs = book.find_submission("penguins", "masha")
    masha = found.points["masha", "penguins"]
    assert masha.points == theirs.score - theirs.late_submission_penalty == 7
    assert masha.handed_in_at == NOON
    assert masha.waits
    assert found.points["petya", "penguins"].points is None
    most = {one.name: one.max_score for one in book.assignments}
    assert found.most == most == {"penguins": 10, "digits": 0}


def test_marks_that_are_still_in_the_log_of_the_database_count(
    book: Any, folder: Path, settings: Settings
) -> None:
    book.db.close()
    with sqlite3.connect(folder / "gradebook.db") as grading:
        grading.execute("PRAGMA journal_mode = WAL")
        grading.execute("UPDATE grade SET manual_score = 5 WHERE manual_score = 4.5")
        grading.commit()
        assert (folder / "gradebook.db-wal").stat().st_size > 0
        before = sorted(folder.iterdir())
        assert gradebook.read(settings, "data-6a").points["masha", "penguins"].points == 7.5
        assert sorted(folder.iterdir()) == before
    grading.close()


def test_a_class_that_nobody_has_graded_has_no_points(settings: Settings) -> None:
    assert gradebook.read(settings, "data-6a") == gradebook.Gradebook()


@pytest.mark.parametrize("what", ["file", "second name", "folder", "home"])
def test_no_link_leads_to_another_gradebook(
    book: Any, folder: Path, settings: Settings, tmp_path: Path, what: str
) -> None:
    book.db.close()
    others = tmp_path / "others"
    home = folder.parent
    if what == "file":
        (folder / "gradebook.db").rename(others)
        (folder / "gradebook.db").symlink_to(others)
    elif what == "second name":
        os.link(folder / "gradebook.db", others)
    else:
        linked = folder if what == "folder" else home
        shutil.move(linked, others)
        linked.symlink_to(others)
    with pytest.raises(UnreadableError):
        gradebook.read(settings, "data-6a")


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_something_else_in_its_place_is_told(
    folder: Path, settings: Settings, content: bytes
) -> None:
    (folder / "gradebook.db").write_bytes(content)
    with pytest.raises(UnreadableError):
        gradebook.read(settings, "data-6a")


def test_a_pipe_in_its_place_holds_nobody_up(folder: Path, settings: Settings) -> None:
    os.mkfifo(folder / "gradebook.db")
    with pytest.raises(UnreadableError):
        gradebook.read(settings, "data-6a")


def test_a_gradebook_that_never_ends_is_given_up(
    folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradebook, "_PATIENCE", 0.2)
    with sqlite3.connect(folder / "gradebook.db") as made:
        made.execute(
            "CREATE VIEW submitted_notebook AS WITH RECURSIVE n(i) AS "
            "(SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT i AS id, i AS assignment_id, 1.0 AS late_submission_penalty FROM n"
        )
        made.execute("CREATE TABLE submitted_assignment (id, assignment_id, student_id)")
        made.execute("CREATE TABLE assignment (id, name)")
    made.close()
    with pytest.raises(UnreadableError):
        gradebook.read(settings, "data-6a")
