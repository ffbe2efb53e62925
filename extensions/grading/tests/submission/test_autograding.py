"""The teacher presses Autograde for a class in which everything goes wrong that can."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

pytestmark = [
    pytest.mark.slow,
    # nbgrader 0.9.6 makes objects before it puts them into SQLAlchemy's session
    pytest.mark.filterwarnings(
        r"ignore:Object of type <Submitted\w+> not in session:sqlalchemy.exc.SAWarning"
    ),
]

FULL = {"test-add": 3.0, "test-double": 2.0, "why": None}
NOTHING = {"test-add": 0.0, "test-double": 0.0, "why": 0.0}
FIRST_ONLY = {"test-add": 3.0, "test-double": 0.0, "why": None}

STUBBORN_LOOP = """
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
"""

HUNDRED_MB = """
for _ in range(100):
    print("x" * 1_000_000)
answer = 42
"""

# pupil: what they get, what the teacher and they read
EXPECTED: dict[str, tuple[dict[str, float | None], str]] = {
    "diligent": (FULL, ""),
    "zero-bytes": (NOTHING, "Тетрадь сдана пустой"),
    "no-cells": (NOTHING, "Тетрадь сдана пустой"),
    "forgot-notebook": (NOTHING, "нет этой тетради"),
    "cut-off": (NOTHING, "Файл тетради повреждён"),
    "not-a-notebook": (NOTHING, "Файл тетради повреждён"),
    "wrong-kernel": (FULL, "ядро, которого здесь нет (julia-1.9)"),
    "endless": (FIRST_ONLY, "Похоже на бесконечный цикл"),
    "stubborn": (FIRST_ONLY, "Похоже на бесконечный цикл"),
    "slow": (FIRST_ONLY, "Вся тетрадь работала слишком долго"),
    "prints-100-mb": (FULL, "напечатала слишком много"),
    "shows-100-mb": (FULL, "напечатала слишком много"),
    "kills-kernel": (FIRST_ONLY, "аварийно завершила Python"),
    "deleted-tests": (FULL, "не хватало ячеек с проверками или заданиями (test-add)"),
    "deleted-all": (NOTHING, "не хватало ячеек"),
    "edited-tests": ({**FULL, "test-add": 0.0}, "были изменены (test-add)"),
    "duplicates": (FULL, "встречались дважды (add, test-add)"),
    "renamed": (FULL, "под другим именем (Моя тетрадь.ipynb)"),
    "odd-metadata": (FULL, ""),
    "hidden-test-cheat": ({**FULL, "test-add": 0.0}, ""),
}


def hand_in_everything(room: Any) -> None:
    room.hand_in("diligent", room.solved())
    room.hand_in("zero-bytes", "")
    room.hand_in("no-cells", nbformat.v4.new_notebook())
    room.hand_in("forgot-notebook", None).with_name("notes.txt").write_text("sorry")
    room.hand_in("cut-off", json.dumps(room.solved())[:700])
    room.hand_in("not-a-notebook", "[1, 2, 3]")

    nb = room.solved()
    nb.metadata["kernelspec"] = {"name": "julia-1.9", "display_name": "Julia"}
    room.hand_in("wrong-kernel", nb)

    nb = room.solved()
    room.cell(nb, "double").source = "def double(a):\n    while True:\n        a += 1"
    room.hand_in("endless", nb)
    nb = room.solved_with("double", STUBBORN_LOOP)
    room.hand_in("stubborn", nb)
    nb = room.solved()
    for number in range(4):
        wait = nbformat.v4.new_code_cell(f"import time; time.sleep(1.5)  # {number}")
        nb.cells.insert(nb.cells.index(room.cell(nb, "double")), wait)
    room.hand_in("slow", nb)

    room.hand_in("prints-100-mb", room.solved_with("add", HUNDRED_MB))
    room.hand_in("shows-100-mb", room.solved_with("add", "'x' * 100_000_000"))
    room.hand_in("kills-kernel", room.solved_with("double", "import os; os._exit(1)"))

    nb = room.solved()
    nb.cells.remove(room.cell(nb, "test-add"))
    room.hand_in("deleted-tests", nb)
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("I give up")])
    room.hand_in("deleted-all", nb)

    nb = room.solved()
    room.cell(nb, "add").source = "def add(a, b):\n    return 0"
    room.cell(nb, "test-add").source = "assert True"
    room.hand_in("edited-tests", nb)

    nb = room.solved()
    for grade_id in ("add", "test-add"):
        copy = nbformat.from_dict(room.cell(room.released(), grade_id))
        nb.cells.insert(nb.cells.index(room.cell(nb, grade_id)), copy)
    room.hand_in("duplicates", nb)
    room.hand_in("renamed", room.solved(), name="Моя тетрадь")

    nb = room.solved()
    room.cell(nb, "test-add").metadata["nbgrader"].update(points="many", schema_version=99)
    nb.cells[0].metadata["nbgrader"] = {"grade": True, "solution": "?", "grade_id": 5}
    room.hand_in("odd-metadata", nb)
    nb = room.solved()
    room.cell(nb, "add").source = "def add(a, b):\n    return 12"
    room.hand_in("hidden-test-cheat", nb)


@pytest.fixture(scope="module")
def graded(classroom: Any) -> Any:
    """The class after Autograde for each pupil in turn, as formgrader's button does it."""
    hand_in_everything(classroom)
    for pupil in EXPECTED:
        classroom.grade(pupil)
    return classroom


@pytest.mark.parametrize("pupil", EXPECTED)
def test_every_pupil_gets_the_mark_they_earned(graded: Any, pupil: str) -> None:
    assert graded.outcome[pupil]["success"], graded.outcome[pupil]
    assert graded.marks(pupil) == EXPECTED[pupil][0]


@pytest.mark.parametrize("pupil", EXPECTED)
def test_the_teacher_reads_the_reason(graded: Any, pupil: str) -> None:
    reason = EXPECTED[pupil][1]
    notebook = graded.root / "autograded" / pupil / "sums" / "sums.ipynb"
    if reason:
        assert reason in graded.comments(pupil)
        assert reason in nbformat.read(notebook, 4).cells[0].source
    else:
        assert graded.comments(pupil) == ""


@pytest.mark.parametrize("pupil", EXPECTED)
def test_the_pupil_reads_the_reason_in_the_feedback(graded: Any, pupil: str) -> None:
    assert EXPECTED[pupil][1] in graded.feedback(pupil)


@pytest.mark.parametrize("pupil", ["cut-off", "not-a-notebook", "slow", "kills-kernel"])
def test_a_mark_that_may_be_unjust_waits_for_the_teacher(graded: Any, pupil: str) -> None:
    assert graded.waits_for_teacher(pupil) - {"why"}


@pytest.mark.parametrize("pupil", ["zero-bytes", "no-cells", "forgot-notebook"])
def test_nothing_waits_where_nothing_is_to_be_looked_at(graded: Any, pupil: str) -> None:
    assert graded.waits_for_teacher(pupil) == set()


@pytest.mark.parametrize("pupil", ["prints-100-mb", "shows-100-mb"])
def test_a_flood_of_output_stays_small_in_memory_and_in_the_notebook(
    graded: Any, pupil: str
) -> None:
    notebook = graded.root / "autograded" / pupil / "sums" / "sums.ipynb"
    assert graded.peak_mb[pupil] < 50
    assert notebook.stat().st_size < 200_000
    assert "показано только начало" in notebook.read_text()


def test_time_is_bounded_even_where_interrupting_does_not_help(graded: Any) -> None:
    slowest = max(graded.seconds, key=graded.seconds.get)
    assert graded.seconds[slowest] < 20, slowest


def test_what_was_handed_in_is_left_as_it_was(graded: Any) -> None:
    submitted: Path = graded.root / "submitted"
    assert (submitted / "zero-bytes/sums/sums.ipynb").read_bytes() == b""
    assert len((submitted / "cut-off/sums/sums.ipynb").read_text()) == 700
    assert (submitted / "renamed/sums/Моя тетрадь.ipynb").exists()
    assert not (submitted / "renamed/sums/sums.ipynb").exists()
