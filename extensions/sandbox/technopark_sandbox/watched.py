"""A session as the keeper sees it: its wire, its pipes, what it is to answer until when.

Called by `keeper` alone. Nothing that comes out of a session is trusted, and none of it is kept
beyond the bounds of the cell that is running.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from technopark_sandbox import wire
from technopark_sandbox.outputs import Outputs

_PIPE = 65_536
"""Bytes that a pipe holds; more cannot have been written when somebody waits for it to be read."""


class Answer(Protocol):
    """Gives an answer to whoever asked."""

    def __call__(self, **answer: Any) -> None:
        """The answer, in words of the protocol."""


@dataclass
class Awaited:
    """An answer that somebody waits for."""

    answer: Answer
    deadline: float
    """By the monotonic clock."""
    run: int = 0
    """Which cell."""
    outputs: Outputs | None = None
    """Of the cell; nothing where a session is starting."""
    is_interrupted: bool = False


@dataclass
class Watched:
    """One session, alive or not."""

    name: str
    incoming: wire.Incoming
    pipes: dict[str, int]
    awaited: Awaited | None
    source: "Watched | None" = None
    """Which session it is being copied from."""
    order: dict[str, Any] | None = None
    """What the mould was told, while it makes this session."""
    is_alive: bool = True
    is_silent: bool = False
    """Whether nobody can say anything more over its wire."""
    runs: int = 0

    @property
    def pid(self) -> int | None:
        """Its process, as soon as it has said a word."""
        return self.incoming.pid

    def ask(self, message: dict[str, Any], fds: tuple[int, ...] = (), patience: float = 0) -> None:
        """Tells the session to do something.

        Raises:
            OSError: it does not listen.
        """
        wire.send(self.incoming.wire, message, fds, patience)

    def words(self, most: int) -> Iterator[dict[str, Any]]:
        """Up to `most` packets' worth of what it has said.

        Raises:
            EOFError: it can say nothing more.
        """
        for _packet in range(most):
            try:
                message = self.incoming.take()
            except BlockingIOError:
                return
            if message is not None:
                yield message

    def drain(self, stream: str, nowhere: int) -> bool:
        """Reads what is in a pipe now; what nobody will see goes to `nowhere` unread.

        Returns:
            Whether anybody may still write to it.
        """
        fd = self.pipes[stream]
        outputs = self.awaited.outputs if self.awaited else None
        left = _PIPE
        with suppress(BlockingIOError):
            while left > 0:
                if outputs is None or outputs.is_full(stream):
                    count = os.splice(fd, nowhere, left)
                else:
                    content = os.read(fd, left)
                    count = len(content)
                    outputs.add_bytes(stream, content)
                if count == 0:
                    return False
                left -= count
        return True

    def drain_all(self, nowhere: int) -> None:
        """Reads both pipes."""
        for stream in self.pipes:
            self.drain(stream, nowhere)

    def let_go(self) -> None:
        """Close everything; the session is over."""
        self.is_alive = False
        self.incoming.wire.close()
        for fd in self.pipes.values():
            os.close(fd)
        self.pipes = {}


def watch(name: str, awaited: Awaited) -> tuple[Watched, tuple[int, ...]]:
    """A session that is about to start: what the keeper has of it, and the files that it gets.

    The caller closes these when they are sent.

    Raises:
        OSError: too many files are open.
    """
    ours, theirs = wire.pair()
    pipes: dict[str, int] = {}
    fds = [theirs.detach()]
    for stream in ("stdout", "stderr"):
        end, start = os.pipe()
        os.set_blocking(end, False)
        pipes[stream] = end
        fds.append(start)
    return Watched(name, wire.Incoming(ours), pipes, awaited), tuple(fds)


def in_seconds(seconds: float) -> float:
    """A deadline."""
    return time.monotonic() + seconds
