"""The teacher presses "Grade the whole class", looks on, cancels; and the server is killed."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from technopark_grading.class_run import journal, run_lock
from technopark_grading.class_run.journal import Journal, What

pytestmark = pytest.mark.slow

SUMS = "technopark/autograde/sums"
SECONDS = 120.0


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """While this file is missing, the cells of those who wait do not come to an end."""
    return tmp_path_factory.mktemp("gate") / "open"


@pytest.fixture(scope="module")
def server(classroom: Any, gate: Path, make_grading_server: Any) -> Iterator[Any]:
    """Anna can be graded at once; Boris, Masha and Oleg only when the gate is open."""
    wait = f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.02)"
    classroom.hand_in("anna", classroom.solved())
    for pupil in ("boris", "masha", "oleg"):
        classroom.hand_in(pupil, classroom.solved_with("add", wait))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TECHNOPARK_GRADING_AT_A_TIME", "2")
        made = make_grading_server(classroom)
        made.start()
        yield made
        made.ask("DELETE", SUMS)
        made.stop()


def until(server: Any, ready: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS
    while not ready(state := server.ask("GET", SUMS).json()):
        assert time.monotonic() < deadline, (state, log(server))
        time.sleep(0.1)
    return dict(state)


def log(server: Any) -> str:
    return (journal.place(server.classroom.root, "sums") / "log").read_text()


def graded(server: Any) -> Counter[str]:
    events = Journal(journal.place(server.classroom.root, "sums")).events()
    return Counter(event.pupil for event in events if event.what is What.GRADED)


def test_the_page_offers_it(server: Any) -> None:
    page = server.ask("GET", "formgrader/manage_submissions/sums").text
    assert "Проверить всех" in page
    assert "Остановить проверку" in page
    state = server.ask("GET", SUMS).json()
    assert (state["state"], state["running"], state["pupils"]) == ("never", False, [])


def test_an_unknown_assignment_is_told_which_there_are(server: Any) -> None:
    for method in ("POST", "GET", "DELETE"):
        answer = server.ask(method, "technopark/autograde/..%2Fother")
        assert answer.status_code == 404
        assert answer.json()["assignments"] == ["sums"]


def test_a_click_shows_at_once_that_it_runs_and_then_who_is_where(server: Any) -> None:
    assert server.ask("POST", SUMS).json()["running"]
    state = until(server, lambda state: state["counts"]["graded"] == 1)
    state = until(server, lambda state: state["counts"]["grading"] == 2)
    assert state["counts"] == {"all": 4, "waiting": 1, "grading": 2, "graded": 1, "attention": 0}
    anna = next(pupil for pupil in state["pupils"] if pupil["name"] == "anna")
    assert (anna["state"], anna["points"], anna["of"]) == ("graded", 5, 6)
    assert state["seconds_left"] is not None


def test_a_second_click_starts_no_second_run(server: Any) -> None:
    before = server.ask("GET", SUMS).json()["run"]
    assert server.ask("POST", SUMS, json={"again": True}).json()["run"] == before


def test_a_killed_server_finds_the_run_that_goes_on(server: Any) -> None:
    server.kill()
    server.start()
    state = server.ask("GET", SUMS).json()
    assert state["running"]
    assert state["counts"]["graded"] == 1


def test_cancelling_answers_when_all_sandboxes_are_given_back(server: Any) -> None:
    state = server.ask("DELETE", SUMS).json()
    assert (state["state"], state["running"]) == ("cancelled", False)
    assert run_lock.holder(journal.place(server.classroom.root, "sums") / "lock") is None
    assert graded(server) == {"anna": 1}


def test_a_process_that_is_killed_is_followed_by_another(server: Any, gate: Path) -> None:
    server.ask("POST", SUMS)
    until(server, lambda state: state["counts"]["grading"] == 2)
    kill_run(server)
    gate.touch()
    state = until(server, lambda state: not state["running"] and state["state"] == "done")
    assert state["counts"]["graded"] == 4
    assert graded(server) == Counter(["anna", "boris", "masha", "oleg"])


def test_a_server_goes_on_with_what_was_killed_with_it(server: Any, gate: Path) -> None:
    gate.unlink()
    server.ask("POST", SUMS, json={"again": True})
    until(server, lambda state: state["counts"]["grading"] == 2)
    server.kill()
    kill_run(server)
    gate.touch()
    server.start()
    state = until(server, lambda state: not state["running"] and state["state"] == "done")
    assert state["counts"]["graded"] == 4
    assert graded(server) == Counter({"anna": 2, "boris": 2, "masha": 2, "oleg": 2})


def kill_run(server: Any) -> None:
    """As the kernel does where memory runs out."""
    found = run_lock.holder(journal.place(server.classroom.root, "sums") / "lock")
    assert found
    os.kill(found.pid, signal.SIGKILL)


def test_formgraders_own_button_grades_one_pupil_in_a_sandbox(server: Any) -> None:
    answer = server.ask("POST", "formgrader/api/submission/sums/anna/autograde").json()
    assert answer["success"], answer
