"""A parent that stands still costs one start a wait; the others do without it until it is back."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from technopark.engine import forks
from technopark.engine.forks import (
    KERNELS,
    SERVER,
    NoForkError,
    StandsStillError,
    forget_silence,
    fork,
)
from technopark.engine.silence import REST, Silence

PATIENCE, GLANCE = 0.4, 0.2
"""Seconds, in place of those that a busy machine is given."""
AT_ONCE = 0.1


class Parent:
    """One of the parent's processes: answers each connection, unless it stands still or is gone."""

    def __init__(self, door: Path) -> None:
        self.door = door
        self.refuses = False
        self._goes_on = threading.Event()
        self._goes_on.set()
        self._ears = socket.socket(socket.AF_UNIX)
        self._ears.bind(str(door))
        self._ears.listen()
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()

    def stand_still(self) -> None:
        self._goes_on.clear()

    def go_on(self) -> None:
        self._goes_on.set()

    def end(self) -> None:
        """Killed: the file of its socket stays."""
        self.go_on()
        self._ears.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._ears.close()

    def _answer(self) -> None:
        while True:
            try:
                line, _ = self._ears.accept()
            except OSError:
                return
            self._goes_on.wait()
            with line, suppress(OSError):  # who asked may have given up
                asked = json.loads(line.recv(4096))
                said: dict[str, object] = {"pid": 8} if asked else {"programs": [self.door.name]}
                if asked and self.refuses:
                    said = {"error": "not today"}
                line.sendall(json.dumps(said).encode() + b"\n")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass, for what is remembered; nothing is at first."""
    passed = [0.0]
    clock = lambda: time.monotonic() + passed[0]  # noqa: E731
    monkeypatch.setattr(forks, "_SILENCE", Silence(clock))
    monkeypatch.setattr(forks, "PATIENCE", PATIENCE)
    monkeypatch.setattr(forks, "GLANCE", GLANCE)

    def let_pass(seconds: float) -> None:
        passed[0] += seconds

    return let_pass


@pytest.fixture
def parent(tmp_path: Path, later: Callable[[float], None]) -> Iterator[Parent]:
    made = Parent(tmp_path / SERVER)
    yield made
    with suppress(OSError):
        made.end()


def ask(parent: Parent, name: str = SERVER) -> tuple[int | str, float]:
    """What comes of a start, and after how many seconds."""
    began = time.monotonic()
    answer: int | str
    try:
        answer = fork(parent.door.parent, "c0ffee", 4711, name)
    except StandsStillError:
        answer = "stands still"
    except NoForkError:
        answer = "away"
    return answer, time.monotonic() - began


def test_only_the_first_who_asks_waits(parent: Parent) -> None:
    parent.stand_still()
    answer, waited = ask(parent)
    assert (answer, waited >= PATIENCE) == ("stands still", True)
    for _ in range(3):
        answer, waited = ask(parent)
        assert (answer, waited < AT_ONCE) == ("stands still", True)


def test_one_in_some_seconds_looks_whether_it_answers_again(
    parent: Parent, later: Callable[[float], None]
) -> None:
    parent.stand_still()
    ask(parent)
    later(REST)
    answer, waited = ask(parent)
    assert (answer, GLANCE <= waited < PATIENCE) == ("stands still", True)
    answer, waited = ask(parent)
    assert (answer, waited < AT_ONCE) == ("stands still", True)


def test_while_one_looks_nobody_else_does(parent: Parent, later: Callable[[float], None]) -> None:
    parent.stand_still()
    ask(parent)
    later(REST)
    looks = threading.Thread(target=ask, args=(parent,))
    looks.start()
    time.sleep(GLANCE / 4)
    answer, waited = ask(parent)
    looks.join()
    assert (answer, waited < AT_ONCE) == ("stands still", True)


def test_when_it_goes_on_servers_are_forked_again(
    parent: Parent, later: Callable[[float], None]
) -> None:
    parent.stand_still()
    ask(parent)
    parent.go_on()
    assert ask(parent)[0] == "stands still"  # nobody knows yet
    later(REST)
    assert [ask(parent)[0] for _ in range(3)] == [8, 8, 8]
    later(REST)
    parent.stand_still()
    assert ask(parent)[1] >= PATIENCE  # another time it is given its time once more


def test_the_length_of_the_silence_is_told(parent: Parent, later: Callable[[float], None]) -> None:
    parent.stand_still()
    ask(parent)
    later(60)
    with pytest.raises(StandsStillError, match=r"has not answered for 6[01] s") as still:
        fork(parent.door.parent, "c0ffee", 4711, SERVER)
    assert 60 <= still.value.seconds < 62


def test_one_that_was_killed_is_asked_each_time_and_nobody_waits(parent: Parent) -> None:
    parent.end()
    for _ in range(2):
        answer, waited = ask(parent)
        assert (answer, waited < AT_ONCE) == ("away", True)
    parent.door.unlink()
    again = Parent(parent.door)
    assert ask(again)[0] == 8
    again.end()


def test_killed_while_it_stood_still_it_is_asked_as_soon_as_it_is_back(
    parent: Parent, later: Callable[[float], None]
) -> None:
    parent.stand_still()
    ask(parent)
    parent.end()
    later(REST)
    assert ask(parent)[0] == "away"
    parent.door.unlink()
    again = Parent(parent.door)
    assert ask(again)[0] == 8
    again.end()


def test_another_in_its_place_is_asked_at_once(parent: Parent) -> None:
    parent.stand_still()
    ask(parent)
    parent.go_on()
    forget_silence(parent.door.parent)
    assert ask(parent)[0] == 8


def test_the_parent_of_kernels_is_another_process(parent: Parent) -> None:
    kernels = Parent(parent.door.with_name(KERNELS))
    parent.stand_still()
    ask(parent)
    assert ask(kernels, KERNELS)[0] == 8
    kernels.end()


def test_a_refusal_is_an_answer(parent: Parent) -> None:
    parent.refuses = True
    assert ask(parent)[0] == "away"
    parent.refuses = False
    assert ask(parent)[0] == 8
