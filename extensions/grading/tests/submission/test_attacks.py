"""Submissions that try for points they did not earn, and for tests they must not see."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbgrader.api import Gradebook

from technopark_grading.sandboxes import channels
from technopark_grading.submission.grade import Outcome, grade_submission

from ..conftest import open_course, source_notebook
from .attacks import FORGERIES, LEAKS, LOOKS_EVERYWHERE, RIGHT, WRONG

pytestmark = [
    pytest.mark.slow,
    # nbgrader 0.9.6 makes objects before it puts them into SQLAlchemy's session
    pytest.mark.filterwarnings(
        r"ignore:Object of type <Submitted\w+> not in session:sqlalchemy.exc.SAWarning"
    ),
]

MARK = "QUETZAL"
TASK = {"grade_id": "work", "solution": True}


def points(name: str, points: float) -> dict[str, Any]:
    return {"grade_id": name, "grade": True, "locked": True, "points": points}


FIRST = [
    ("code", "### BEGIN SOLUTION\n### END SOLUTION", TASK),
    ("code", "assert add(10, 2) == 12", points("seen", 1)),
    (
        "code",
        "assert add(1, 1) == 2\n### BEGIN HIDDEN TESTS\n"
        f"# {MARK}\nassert add(-1, 1) == 0, 'minus one and one'\nassert add(40, 2) == 42\n"
        "### END HIDDEN TESTS",
        points("hidden", 2),
    ),
    (
        "code",
        f"score = 0\n### BEGIN HIDDEN TESTS\n# {MARK}\n"
        "if count('a b') == 2:\n    score += 1\nif count('') == 0:\n    score += 1\n"
        "### END HIDDEN TESTS\nscore",
        points("credit", 2),
    ),
    ("code", "", {"grade_id": "end", "solution": True}),
]
SECOND = [("code", "", {"grade_id": "look", "solution": True})]
CREDIT_ONLY = [
    FIRST[0],
    (
        "code",
        "score = 0\n### BEGIN HIDDEN TESTS\nif add(20, 1) == 21:\n    score += 1.5\n"
        "### END HIDDEN TESTS\nscore",
        points("alone", 2),
    ),
]
NOTHING = {"seen": 0.0, "hidden": 0.0, "credit": 0.0, "alone": 0.0}


@dataclass
class Room:
    """A course whose pupils attack it, and what became of each."""

    root: Path
    api: Any
    boxes: Path
    """Below it each sandbox has its folder."""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def hand_in(self, pupil: str, work: str, end: str = "pass", look: str = "pass") -> None:
        folder = self.root / "submitted" / pupil / "task"
        folder.mkdir(parents=True)
        for name in ("1-first", "2-second", "3-credit"):
            book = nbformat.read(self.root / "release" / "task" / f"{name}.ipynb", 4)
            for cell in book.cells:
                answer = {"work": work, "end": end, "look": look}
                cell.source = answer.get(cell.metadata.nbgrader.grade_id, cell.source)
            nbformat.write(book, folder / f"{name}.ipynb")

    def grade(self, pupil: str) -> Outcome:
        started = time.monotonic()
        outcome = grade_submission(self.api.config, "task", pupil, channels.local())
        self.seconds[pupil] = time.monotonic() - started
        self.outcomes[pupil] = outcome
        return outcome

    def forged(self, trick: str) -> Outcome:
        """What a forgery came to, graded once."""
        if trick not in self.outcomes:
            self.hand_in(trick, FORGERIES[trick])
            self.grade(trick)
        return self.outcomes[trick]

    def leaked(self, trick: str) -> Outcome:
        """What became of a submission that looks for hidden tests, graded once."""
        if trick not in self.outcomes:
            self.hand_in(trick, LEAKS[trick], end=LOOKS_EVERYWHERE, look=LOOKS_EVERYWHERE)
            self.grade(trick)
        return self.outcomes[trick]

    def marks(self, pupil: str) -> dict[str, float | None]:
        with Gradebook(str(self.api.coursedir.db_url)) as book:
            notebooks = book.find_submission("task", pupil).notebooks
            return {grade.name: grade.auto_score for one in notebooks for grade in one.grades}

    def feedback(self, pupil: str) -> str:
        result = self.api.generate_feedback("task", pupil)
        assert result["success"], result
        pages = (self.root / "feedback" / pupil).rglob("*")
        return "\n".join(page.read_text() for page in pages if page.is_file())


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    root = tmp_path_factory.mktemp("attacked") / "robots-5"
    folder = root / "source" / "task"
    folder.mkdir(parents=True)
    nbformat.write(source_notebook(FIRST), folder / "1-first.ipynb")
    nbformat.write(source_notebook(SECOND), folder / "2-second.ipynb")
    nbformat.write(source_notebook(CREDIT_ONLY), folder / "3-credit.ipynb")
    api = open_course(root)
    result = api.generate_assignment("task")
    assert result["success"], result
    with pytest.MonkeyPatch.context() as patch:
        # a sandbox without a container sees the machine: have no course beside its folder
        boxes = tmp_path_factory.mktemp("boxes")
        patch.setattr(tempfile, "tempdir", str(boxes))
        patch.setenv("TECHNOPARK_LANGUAGE", "ru")
        yield Room(root, api, boxes)


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What a submission writes outside its folder is gone with its container, which we have not."""
    yield
    for folder in (Path("/tmp"), Path("/dev/shm"), Path.home()):  # noqa: S108 (where it writes)
        (folder / "seen-by-technopark-test.txt").unlink(missing_ok=True)


def test_honest_work_gets_all_points_and_wrong_work_none(room: Room) -> None:
    room.hand_in("honest", RIGHT)
    room.hand_in("wrong", WRONG)
    assert not room.grade("honest").needs_attention
    assert room.marks("honest") == {"seen": 1.0, "hidden": 2.0, "credit": 2.0, "alone": 1.5}
    assert not room.grade("wrong").needs_attention
    assert room.marks("wrong") == NOTHING


@pytest.mark.parametrize("trick", FORGERIES)
def test_no_trick_gets_points_that_were_not_earned(room: Room, trick: str) -> None:
    assert room.forged(trick).points == 0
    assert room.marks(trick) == NOTHING


@pytest.mark.parametrize(
    "trick",
    [
        *("always-equal", "reads-caller", "reads-constants", "no-asserts", "no-source", "no-run"),
        *("fake-session", "only-in-the-first"),
    ],
)
def test_the_teacher_is_asked_to_look_at_forgeries(room: Room, trick: str) -> None:
    outcome = room.forged(trick)
    assert outcome.needs_attention
    assert any("подменили" in reason for reason in outcome.reasons)


@pytest.mark.parametrize("trick", LEAKS)
def test_no_hidden_test_comes_back_in_the_feedback(room: Room, trick: str) -> None:
    room.leaked(trick)
    page = room.feedback(trick)
    assert "CELLS" in page
    assert MARK not in page
    assert "add(-1, 1)" not in page


@pytest.mark.parametrize("trick", [*FORGERIES, *LEAKS])
def test_no_reason_tells_of_a_hidden_test(room: Room, trick: str) -> None:
    outcome = room.forged(trick) if trick in FORGERIES else room.leaked(trick)
    assert not any(MARK in reason for reason in outcome.reasons)


def test_the_teacher_sees_the_hidden_tests_that_the_pupil_does_not(room: Room) -> None:
    room.forged("exits")
    graded = room.root / "autograded" / "exits" / "task" / "1-first.ipynb"
    assert MARK in graded.read_text()
    assert MARK not in room.feedback("exits")


def test_the_author_may_say_what_failed(room: Room) -> None:
    room.hand_in("nearly", RIGHT.replace("a + b", "abs(a) + b"))
    room.grade("nearly")
    assert "minus one and one" in room.feedback("nearly")


def test_what_is_not_said_word_for_word_is_not_told(room: Room) -> None:
    room.hand_in("not-42", RIGHT.replace("a + b", "min(a + b, 41)"))
    room.grade("not-42")
    assert "которую видит только учитель" in room.feedback("not-42")


ENDLESS: dict[str, str] = {
    "prints-1-gb": RIGHT + "for _ in range(1000): print('x' * 1_000_000)",
    "sleeps": RIGHT + "import time\ntime.sleep(10**6)",
    "leaves-children": RIGHT
    + "import os, time\nfor _ in range(30):\n    if os.fork() == 0:\n        time.sleep(10**6)",
}


@pytest.mark.parametrize("trick", ENDLESS)
def test_grading_ends_and_leaves_nothing_behind(room: Room, trick: str) -> None:
    room.hand_in(trick, ENDLESS[trick])
    room.grade(trick)
    assert room.seconds[trick] < 40
    # every process of a sandbox has its folder on its command line
    words = [process.info["cmdline"] for process in psutil.process_iter(["cmdline"])]
    assert [one for one in words if str(room.boxes) in str(one)] == []
    graded = room.root / "autograded" / trick / "task" / "1-first.ipynb"
    assert graded.stat().st_size < 300_000
