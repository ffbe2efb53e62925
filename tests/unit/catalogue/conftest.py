"""A small course that is right, for tests to break in one place."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from technopark.settings import Settings

COURSE = """\
id: stars
version: "1.0"
title: {ru: Звёзды, en: Stars}
summary: {ru: Считаем звёзды., en: We count stars.}
ages: [10, 12]
hours: 2
skills:
  - {ru: считать, en: to count}
image: data
licence: CC-BY-4.0
assignments:
  - id: count
    title: {ru: Счёт, en: Counting}
    notebooks: [count.ipynb]
"""

CASE = """\
describes: The pupil counts from zero.
answers:
  add: "def add(a, b): return a + b - 1"
points: {add-test: 0}
total: 0
"""


def cell(kind: str, grade_id: str | None = None, source: str = "", **metadata: object) -> object:
    """A notebook cell, with nbgrader's metadata if it has a `grade_id`."""
    new = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    made = new(source, id=grade_id or "text")
    if grade_id:
        flags = {"grade": False, "solution": False, "locked": False, "task": False} | metadata
        made.metadata["nbgrader"] = {"grade_id": grade_id, "schema_version": 3, **flags}
    return made


def notebook() -> nbformat.NotebookNode:
    """An assignment with a solution, a test and a question marked by hand."""
    book = nbformat.v4.new_notebook(
        cells=[
            cell("markdown", source="# Счёт"),
            cell(
                "code",
                "add",
                "def add(a, b):\n    ### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION",
                solution=True,
            ),
            cell(
                "code",
                "add-test",
                'assert add(1, 2) == 3, "1 + 2 = 3"\n'
                "### BEGIN HIDDEN TESTS\nassert add(5, 5) == 10\n### END HIDDEN TESTS",
                grade=True,
                locked=True,
                points=2,
            ),
            cell("markdown", "why", "Потому что.", grade=True, solution=True, points=1),
        ]
    )
    book.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    return book


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "courses" / "stars"
    (folder / "source" / "count").mkdir(parents=True)
    (folder / "materials").mkdir()
    (folder / "tests" / "count").mkdir(parents=True)
    (folder / "course.yaml").write_text(COURSE, encoding="utf-8")
    (folder / "materials" / "sky.md").write_text("# Небо\n", encoding="utf-8")
    (folder / "tests" / "count" / "from-zero.yaml").write_text(CASE, encoding="utf-8")
    nbformat.write(notebook(), folder / "source" / "count" / "count.ipynb")
    return folder


@pytest.fixture
def rewrite(course_folder: Path) -> Callable[[str, str], None]:
    """Replaces one text by another in course.yaml."""

    def replace(old: str, new: str) -> None:
        path = course_folder / "course.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return replace


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "var", courses=tmp_path / "courses")


@pytest.fixture
def demo(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"demo": tmp_path / "demo.yaml"})
