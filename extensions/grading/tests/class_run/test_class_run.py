"""A class of six is graded in parallel, cancelled, killed and resumed: real nbgrader, real cells.

The sandboxes are programs of this machine; each that is opened leaves a line in `opened`.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from technopark_grading.class_run import journal, run_lock, run_orders, run_state
from technopark_grading.class_run.journal import Journal, What
from technopark_grading.class_run.run_state import Phase, State

pytestmark = [
    pytest.mark.slow,
    # nbgrader 0.9.6 makes objects before it puts them into SQLAlchemy's session
    pytest.mark.filterwarnings(
        r"ignore:Object of type <Submitted\w+> not in session:sqlalchemy.exc.SAWarning"
    ),
]

PUPILS = ("anna", "boris", "masha", "oleg", "timur", "vera")
HANDS = 3
SECONDS = 120.0

CONFIG = """
import os
from pathlib import Path
from technopark_grading.sandboxes import channels
from technopark_grading.nbgrader_settings import configure

opened = channels.local()

def open_sandbox():
    with Path("opened").open("a") as file:
        file.write(f"{{os.getpid()}}\\n")
    return opened()

configure(c)
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "robots-5"
c.SteadyAutograde.open_sandbox = open_sandbox
c.SteadyAutograde.cell_seconds = 60
"""


class Run:
    """The class's grading, seen from the grading server's side."""

    def __init__(self, classroom: Any, folder: Path) -> None:
        self.classroom, self.folder = classroom, folder
        self.place = journal.place(classroom.root, "sums")
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        self.place.mkdir(parents=True, exist_ok=True)
        with (self.place / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "technopark_grading.class_run", "sums", *words],
                cwd=self.classroom.root,
                env={**os.environ, "TECHNOPARK_GRADING_AT_A_TIME": str(HANDS)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def finish(self, *words: str) -> run_state.ClassState:
        assert self.start(*words).wait(SECONDS) == 0, self.log()
        return self.state()

    def state(self) -> run_state.ClassState:
        alive = run_lock.holder(self.place / "lock") is not None
        return run_state.read(Journal(self.place).events(), is_alive=alive)

    def until(self, ready: Callable[[run_state.ClassState], bool]) -> run_state.ClassState:
        deadline = time.monotonic() + SECONDS
        while not ready(state := self.state()):
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)
        return state

    def graded(self) -> Counter[str]:
        events = Journal(self.place).events()
        return Counter(event.pupil for event in events if event.what is What.GRADED)

    def opened(self) -> int:
        path = self.classroom.root / "opened"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def sandboxes(self) -> list[str]:
        """The sandboxes of this run that are still there: numbers of processes."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if f"{self.folder}/sandbox-".encode() in path.read_bytes():
                    found.append(path.parent.name)
        return found

    def log(self) -> str:
        return (self.place / "log").read_text()


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """While this file is missing, the cells of those who `wait` do not come to an end."""
    return tmp_path / "gate"


@pytest.fixture
def run(classroom: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Six pupils have handed in; each test begins with nobody graded."""
    (classroom.root / "nbgrader_config.py").write_text(
        "c = get_config()\n" + CONFIG.format(root=str(classroom.root))
    )
    for name in ("submitted", "autograded", ".grading", "opened"):
        remove(classroom.root / name)
    for pupil in PUPILS:
        classroom.hand_in(pupil, classroom.solved())
    # the folders of this machine's sandboxes, by which their processes are found
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    made = Run(classroom, tmp_path)
    yield made
    for process in made.processes:
        process.kill()
        process.wait()
    made.until(lambda _: not made.sandboxes())


def let_wait(run: Run, gate: Path, *pupils: str) -> None:
    """Their cells wait for the gate."""
    wait = f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.02)"
    for pupil in pupils:
        remove(run.classroom.root / "submitted" / pupil)
        run.classroom.hand_in(pupil, run.classroom.solved_with("add", wait))


def remove(path: Path) -> None:
    """nbgrader takes the right to write from what it has graded."""
    if path.is_dir():
        for inner in path.rglob("*"):
            inner.chmod(0o700)
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def test_the_whole_class_is_graded_each_in_one_sandbox(run: Run) -> None:
    state = run.finish()
    assert state.phase is Phase.DONE
    assert {work.state for work in state.works.values()} == {State.GRADED}
    assert {(work.points, work.of) for work in state.works.values()} == {(5, 6)}
    assert run.opened() == len(PUPILS)
    assert all(run.classroom.marks(pupil)["test-add"] == 3 for pupil in PUPILS)


def test_as_many_are_graded_at_a_time_as_there_are_hands(run: Run, gate: Path) -> None:
    let_wait(run, gate, *PUPILS)
    process = run.start()
    state = run.until(lambda state: state.count(State.GRADING) == HANDS)
    assert state.count(State.WAITING) == len(PUPILS) - HANDS
    gate.touch()
    assert process.wait(SECONDS) == 0
    assert run.state().count(State.GRADED) == len(PUPILS)


def test_what_is_graded_and_has_not_changed_is_left_alone(run: Run) -> None:
    run.finish()
    remove(run.classroom.root / "submitted" / "masha")
    nb = run.classroom.solved()
    run.classroom.cell(nb, "double").source = "def double(a):\n    return a"
    run.classroom.hand_in("masha", nb)
    state = run.finish()
    assert run.graded() == Counter({**dict.fromkeys(PUPILS, 1), "masha": 2})
    assert run.opened() == len(PUPILS) + 1
    assert (state.works["masha"].points, state.works["anna"].points) == (3, 5)
    assert [pupil for pupil, work in state.works.items() if work.is_new] == ["masha"]


def test_who_asks_for_it_gets_all_graded_anew(run: Run) -> None:
    run.finish()
    assert run.finish("--again").phase is Phase.DONE
    assert run.graded() == Counter(dict.fromkeys(PUPILS, 2))


def test_work_that_breaks_waits_for_the_teacher_and_the_rest_goes_on(run: Run) -> None:
    spoilt = run.classroom.root / "submitted" / "oleg" / "sums" / "timestamp.txt"
    spoilt.write_text("yesterday")
    state = run.finish()
    assert state.phase is Phase.DONE
    assert state.count(State.GRADED) == len(PUPILS) - 1
    assert state.works["oleg"].state is State.ATTENTION
    assert "не справилась" in state.works["oleg"].reason
    spoilt.write_text("2026-11-20 08:00:00.000000 UTC")
    assert run.finish().works["oleg"].state is State.GRADED
    assert run.graded() == Counter(PUPILS)


def test_cancelling_ends_at_once_and_keeps_what_is_graded(run: Run, gate: Path) -> None:
    let_wait(run, gate, *PUPILS[1:])
    process = run.start()
    run.until(lambda state: state.count(State.GRADED) == 1 and state.count(State.GRADING) == HANDS)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 0
    assert time.monotonic() - began < 10
    run.until(lambda _: not run.sandboxes())
    state = run.state()
    assert state.phase is Phase.CANCELLED
    assert run.graded() == {"anna": 1}
    assert run.classroom.marks("anna")["test-add"] == 3
    gate.touch()
    assert run.finish().phase is Phase.DONE
    assert run.graded() == Counter(PUPILS)


def test_a_killed_run_goes_on_where_it_was_and_grades_nobody_twice(run: Run, gate: Path) -> None:
    let_wait(run, gate, *PUPILS[2:])
    process = run.start()
    run.until(lambda state: state.count(State.GRADED) == 2 and state.count(State.GRADING) == HANDS)
    process.kill()
    process.wait()
    assert run.state().phase is Phase.BROKEN_OFF
    opened = run.opened()
    gate.touch()
    state = run.finish()
    assert state.phase is Phase.DONE
    assert run.graded() == Counter(PUPILS)
    assert run.opened() - opened == len(PUPILS) - 2
    assert {work.points for work in state.works.values()} == {5}


def test_a_run_that_is_told_to_end_is_left_for_later(run: Run, gate: Path) -> None:
    let_wait(run, gate, *PUPILS)
    process = run.start()
    run.until(lambda state: state.count(State.GRADING) == HANDS)
    process.terminate()
    assert process.wait(SECONDS) == 0
    assert run.state().phase is Phase.BROKEN_OFF
    assert run.state().is_unfinished


def test_two_runs_of_one_assignment_at_once_are_impossible(run: Run, gate: Path) -> None:
    let_wait(run, gate, *PUPILS)
    first = run.start()
    run.until(lambda state: state.count(State.GRADING) == HANDS)
    assert run.start().wait(SECONDS) == 3
    gate.touch()
    assert first.wait(SECONDS) == 0
    assert run.graded() == Counter(PUPILS)


def test_a_new_version_of_the_assignment_is_graded_anew(run: Run) -> None:
    run.finish()
    source = run.classroom.root / "source" / "sums" / "sums.ipynb"
    content = source.read_text()
    source.write_text(content.replace("assert double(4) == 8", "assert double(5) == 10"))
    try:
        assert run.classroom.api.generate_assignment("sums")["success"]
        run.finish()
        assert run.graded() == Counter(dict.fromkeys(PUPILS, 2))
    finally:
        source.write_text(content)
        assert run.classroom.api.generate_assignment("sums")["success"]


def test_an_assignment_that_was_never_generated_says_what_to_do(run: Run) -> None:
    place = journal.place(run.classroom.root, "loops")
    process = subprocess.run(
        [sys.executable, "-m", "technopark_grading.class_run", "loops"],
        cwd=run.classroom.root,
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )
    assert process.returncode == 0
    state = run_state.read(Journal(place).events(), is_alive=False)
    assert state.phase is Phase.FAILED
    assert "сначала нажмите для него Generate" in state.ended


def test_a_run_that_was_called_off_is_not_gone_on_with(run: Run, gate: Path) -> None:
    let_wait(run, gate, *PUPILS)
    process = run.start()
    run.until(lambda state: state.count(State.GRADING) == HANDS)
    process.kill()
    process.wait()
    run_orders.call_off(run.classroom.root, "sums")
    assert run.state().phase is Phase.CANCELLED
