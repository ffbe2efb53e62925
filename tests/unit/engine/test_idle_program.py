"""Process 1 of a container that waits for a server: it becomes one itself where it was told to."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.waiting import eventually

from technopark.engine.forks import idle_program

LONG = 600
OTHERWISE = ("/bin/sh", "-c", "read line; echo by itself, $line; exit 7")


@dataclass(frozen=True)
class Waiting:
    """The program, started as an engine would."""

    process: subprocess.Popen[bytes]
    said: Path

    @property
    def folder(self) -> Path:
        """What it has open."""
        return Path(f"/proc/{self.process.pid}/fd")

    def pipe(self) -> int:
        """What a forked server is given: the writing end."""
        return os.open(self.folder / "9", os.O_WRONLY)

    def expects_nobody(self) -> bool:
        """Whether it has closed that end itself."""
        return not (self.folder / "9").exists()

    def end(self) -> tuple[str, int]:
        """What was written, and the exit code."""
        code = self.process.wait(10)
        return self.said.read_text(), code


Begin = Callable[..., Waiting]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    with ExitStack() as ends:

        def start(*otherwise: str, after: int = LONG) -> Waiting:
            words = idle_program(otherwise, after)
            command = [*words["entrypoint"], *words["command"]]
            heard = tmp_path / "heard"
            heard.write_text("as ever\n")
            said = tmp_path / "said"
            with heard.open() as in_, said.open("w") as out:
                process = subprocess.Popen(command, stdin=in_, stdout=out, start_new_session=True)
            ends.callback(process.wait)
            ends.callback(end_group, process.pid)
            made = Waiting(process, said)
            eventually(lambda: not made.expects_nobody(), 5, "its pipe")
            return made

        yield start


def end_group(leader: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def test_nobody_came_in_time(begin: Begin) -> None:
    waiting = begin(*OTHERWISE, after=1)
    assert waiting.end() == ("by itself, as ever\n", 7)


def test_told_that_nobody_will_come(begin: Begin) -> None:
    waiting, began = begin(*OTHERWISE), time.monotonic()
    waiting.process.send_signal(signal.SIGURG)
    assert waiting.end() == ("by itself, as ever\n", 7)
    assert time.monotonic() - began < LONG / 10


def test_a_server_that_is_on_its_way_is_waited_for(begin: Begin) -> None:
    waiting = begin(*OTHERWISE)
    pipe = waiting.pipe()
    waiting.process.send_signal(signal.SIGURG)
    eventually(waiting.expects_nobody, 5, "it gives up")
    os.write(pipe, b"4711\n3\n")
    os.close(pipe)
    assert waiting.end() == ("", 3)


def test_a_server_that_died_on_its_way_is_not(begin: Begin) -> None:
    waiting = begin(*OTHERWISE, after=1)
    pipe = waiting.pipe()
    eventually(waiting.expects_nobody, 5, "it gives up")
    os.close(pipe)
    assert waiting.end() == ("by itself, as ever\n", 7)


@pytest.mark.parametrize("otherwise", [(), OTHERWISE])
def test_with_a_server_it_stays_what_it_is(begin: Begin, otherwise: tuple[str, ...]) -> None:
    waiting = begin(*otherwise, after=1)
    pipe = waiting.pipe()
    os.write(pipe, b"4711\n")
    eventually(waiting.expects_nobody, 5, "it knows of the server")
    waiting.process.send_signal(signal.SIGURG)
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.process.wait(1.5)
    os.write(pipe, b"0\n")
    os.close(pipe)
    assert waiting.end() == ("", 0)


@pytest.mark.parametrize("otherwise", [(), OTHERWISE])
def test_asked_to_end_before_there_is_a_server(begin: Begin, otherwise: tuple[str, ...]) -> None:
    waiting = begin(*otherwise)
    waiting.process.terminate()
    assert waiting.end() == ("", 143)
