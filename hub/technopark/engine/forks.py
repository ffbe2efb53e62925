"""Asks the node's parent to fork a program into a container that the engine has started.

Called by the spawner from a thread, and by benches. It sends what the engine says of the container
and nothing of whoever the server is for. The protocol is technopark_forked's: a line of JSON each
way.
"""

import json
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from technopark.engine.client import EngineError
from technopark.engine.inside import program
from technopark.engine.silence import Silence, Turn

SERVER, KERNELS = "server", "kernels"
"""A pupil's server, and the process in its container that its kernels are forked from."""
PROGRAMS = (SERVER, KERNELS)
"""What the parent forks; each has a socket by its name in the folder of the parent."""
ALONE_AFTER = 20
"""Seconds after which a container that is left alone becomes an ordinary server."""
PATIENCE = 10.0
"""Seconds for an answer; the parent itself gives up sooner."""
GLANCE = 1.0
"""Seconds for the answer to a question that costs nothing, where there was none before."""
_MOST = 1 << 16
_SILENCE = Silence()


class NoForkError(EngineError):
    """The parent is away or refused; a server can be started the ordinary way."""


class StandsStillError(NoForkError):
    """The parent does not answer, and has not for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The node's parent has not answered for {seconds:.0f} s.")
        self.seconds = seconds


def idle_program(otherwise: Sequence[str] = (), after: int = ALONE_AFTER) -> dict[str, list[str]]:
    """Entrypoint and command of a container that waits for its server, and ends with it.

    Args:
        otherwise: what it becomes where nobody forks a server into it: a command's words. None:
            it waits for good, and whoever made it removes it.
        after: seconds of waiting.
    """
    command = [program("idle.sh")]
    if otherwise:
        command += ["idle", str(after), *otherwise]
    return {"entrypoint": ["/bin/sh", "-c"], "command": command}


def fork(folder: Path, container: str, pid: int, name: str, arguments: Sequence[str] = ()) -> int:
    """Has the parent fork a program into a container.

    Whoever finds that it stands still waits for PATIENCE; whoever comes later does not, until it
    answers again.

    Args:
        folder: where the parent's sockets are.
        container: its id, as the engine says.
        pid: of its process 1, as the engine says.
        name: of the program, one of PROGRAMS.
        arguments: of the program.

    Returns:
        The number of the program's process in the container.

    Raises:
        NoForkError: it did not.
    """
    request = {
        "container": {"pid": pid, "id": container},
        "program": name,
        "arguments": list(arguments),
    }
    with _unless_it_stands_still(folder, name):
        answer = _ask(folder, name, request, PATIENCE)
    return int(answer["pid"])


def programs(folder: Path) -> list[str]:
    """What the parent can fork.

    Raises:
        NoForkError: it does not answer, or not for all.
    """
    try:
        answers = [_ask(folder, name, {}, PATIENCE) for name in PROGRAMS]
    except TimeoutError:
        raise StandsStillError(PATIENCE) from None
    return [str(found) for answer in answers for found in answer["programs"]]


def forget_silence(folder: Path) -> None:
    """Another parent is in this one's place: it is asked as if there had been none."""
    for name in PROGRAMS:
        _SILENCE.forget(folder / name)


@contextmanager
def _unless_it_stands_still(folder: Path, name: str) -> Iterator[None]:
    """Around a question: remembers whether there was an answer, and asks nobody who has none."""
    door = folder / name
    turn, waits = _SILENCE.turn(door), PATIENCE
    if turn is Turn.LEAVE:
        raise StandsStillError(_SILENCE.lasts(door))
    try:
        if turn is Turn.LOOK:
            waits = GLANCE
            _ask(folder, name, {}, waits)
        yield
    except TimeoutError:
        _SILENCE.note(door, waits)
        raise StandsStillError(_SILENCE.lasts(door)) from None
    except NoForkError:
        _SILENCE.forget(door)
        raise
    _SILENCE.forget(door)


@contextmanager
def _connected(folder: Path, name: str, seconds: float) -> Iterator[socket.socket]:
    # A socket's path has 107 bytes at most, and the folder's own may be longer.
    opened = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(seconds)
            connection.connect(f"/proc/self/fd/{opened}/{name}")
            yield connection
    finally:
        os.close(opened)


def _ask(folder: Path, name: str, request: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Raises TimeoutError where it does not answer, and NoForkError."""
    try:
        with _connected(folder, name, seconds) as connection:
            connection.sendall(json.dumps(request).encode() + b"\n")
            line = b""
            while not line.endswith(b"\n") and len(line) < _MOST:
                piece = connection.recv(_MOST)
                if not piece:
                    raise NoForkError("The node's parent gave up.")
                line += piece
        answer: dict[str, Any] = json.loads(line)
    except TimeoutError:
        raise
    except (OSError, ValueError) as error:
        raise NoForkError(f"The node's parent does not answer: {error}") from None
    if "error" in answer:
        raise NoForkError(f"The node's parent refused: {answer['error']}")
    return answer
