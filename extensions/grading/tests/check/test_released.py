"""An author is told what pupils would read, and which cell to mend."""

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from technopark_grading.check.released import leaks, read_notebook, secrets, source_faults

SOLUTION = """\
def mean(values):
    ### BEGIN SOLUTION
    return sum(values) / len(values)
    ### END SOLUTION"""


def cell(grade_id: str, source: str, **flags: object) -> NotebookNode:
    made = nbformat.v4.new_code_cell(source)
    known = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    made.metadata["nbgrader"] = {"grade_id": grade_id, **known, **flags}
    return made


def notebook(*cells: NotebookNode, kernel: str = "python3") -> NotebookNode:
    book = nbformat.v4.new_notebook(cells=list(cells))
    book.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
    return book


def graded_cell() -> NotebookNode:
    return cell("mean-test", "assert mean([1, 3]) == 2", grade=True, locked=True, points=2)


@pytest.fixture
def released(tmp_path: Path) -> Path:
    folder = tmp_path / "release"
    folder.mkdir()
    return folder


def told(released: Path, *cells: NotebookNode) -> list[tuple[str, str | None, str]]:
    nbformat.write(notebook(*cells), released / "task.ipynb")
    return list(leaks(released, secrets(notebook(cell("mean", SOLUTION, solution=True)))))


def test_a_notebook_without_its_solutions_gives_nothing_away(released: Path) -> None:
    assert told(released, cell("mean", "def mean(values):\n    raise NotImplementedError")) == []


def test_a_solution_copied_into_another_cell_is_found(released: Path) -> None:
    copied = cell("hint", "# so:\nreturn sum(values) / len(values)")
    assert told(released, copied) == [
        ("task.ipynb", "hint", "pupils would read what cell mean keeps from them: take it out")
    ]


def test_a_solution_left_in_a_file_beside_the_notebook_is_found(released: Path) -> None:
    (released / "answers.py").write_text("x = 0\nreturn sum(values) / len(values)\n")
    assert [file for file, _, _ in told(released)] == ["answers.py"]


def test_a_mark_that_nbgrader_does_not_know_is_found(released: Path) -> None:
    ((file, name, message),) = told(released, cell("mean", "## Begin solution\nx = 1"))
    assert (file, name) == ("task.ipynb", "mean")
    assert "write the mark exactly" in message


def test_hidden_tests_and_whole_cells_are_kept_secret_too() -> None:
    hidden = cell(
        "test", "### BEGIN HIDDEN TESTS\nassert mean([5]) == 5\n### END HIDDEN TESTS", grade=True
    )
    whole = cell("sum", "def total(values):\n    return sum(values)", solution=True)
    assert secrets(notebook(hidden, whole)) == [
        ("test", "assert mean([5]) == 5"),
        ("sum", "def total(values):\nreturn sum(values)"),
    ]


def test_what_is_too_short_to_tell_anything_is_no_secret() -> None:
    assert secrets(notebook(cell("x", "x = 1", solution=True))) == []


def with_output() -> NotebookNode:
    ran = graded_cell()
    ran.outputs = [nbformat.v4.new_output("stream", text="2")]
    return ran


@pytest.mark.parametrize(
    ("book", "name", "says"),
    [
        (notebook(with_output()), "mean-test", "clear all outputs"),
        (notebook(graded_cell(), kernel="julia"), None, "expected the kernel python3"),
        (notebook(graded_cell(), graded_cell()), "mean-test", "two cells have this grade_id"),
        (notebook(cell("mean", SOLUTION, solution=True)), None, "no cell with tests"),
        (
            notebook(cell("old", "", grade=True, locked=True, points=1, schema_version=1)),
            "old",
            "expected schema_version 3",
        ),
    ],
)
def test_what_is_wrong_in_the_source_is_told(
    book: NotebookNode, name: str | None, says: str
) -> None:
    ((cell_name, message),) = source_faults(book)
    assert cell_name == name
    assert says in message


def test_a_file_that_is_no_notebook_is_told(tmp_path: Path) -> None:
    path = tmp_path / "task.ipynb"
    path.write_text("{oops")
    with pytest.raises(ValueError, match="is no notebook"):
        read_notebook(path)
