"""One run of an assignment at a time: a lock that ends with its process, and says whose it is.

Held by `run`, looked at by the grading server. The kernel lets go of it when the process ends
in whatever way, so a file that was left behind locks nothing.
"""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

_TRIES = 20
_PAUSE_S = 0.02
"""Somebody who only looks holds the lock for a moment."""


class HeldError(Exception):
    """Another process grades this assignment already."""

    def __init__(self, holder: "Holder | None") -> None:
        super().__init__(f"held by {holder}")
        self.holder = holder


@dataclass(frozen=True)
class Holder:
    """A process, told apart from later ones of the same number."""

    pid: int
    since: int
    """When it started, in the kernel's ticks."""
    host: str
    """The machine or container that it is in."""

    @property
    def is_here(self) -> bool:
        """Whether a signal to `pid` would reach this very process."""
        return self.host == socket.gethostname() and self.since == _started(self.pid)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Holds the lock while the block runs.

    Raises:
        HeldError: somebody else holds it; says who.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        for _ in range(_TRIES):
            if _try_lock(file.fileno(), fcntl.LOCK_EX):
                break
            time.sleep(_PAUSE_S)
        else:
            raise HeldError(_identity(path))
        file.truncate(0)
        file.write(json.dumps(asdict(_myself())))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def holder(path: Path) -> Holder | None:
    """Who holds the lock now, or None: nobody."""
    for _ in range(_TRIES):
        try:
            with path.open(encoding="utf-8") as file:
                if _try_lock(file.fileno(), fcntl.LOCK_SH):
                    return None
        except FileNotFoundError:
            return None
        if found := _identity(path):
            return found
        time.sleep(_PAUSE_S)  # it has only just taken the lock, or is about to let go
    return None


def _try_lock(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _identity(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, FileNotFoundError):
        return None


def _myself() -> Holder:
    return Holder(os.getpid(), _started(os.getpid()) or 0, socket.gethostname())


def _started(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name stands in parentheses and may hold spaces; this is field 22 of proc(5).
    return int(stat.rpartition(")")[2].split()[19])
