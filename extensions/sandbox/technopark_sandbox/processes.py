"""The processes below the keeper: which there are, how they end, who ended how.

Called by `keeper`, which is the parent of all orphans. A process that forks faster than others can
look is stopped before it is ended.
"""

import os
import signal
import time
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path

_ROUNDS = 200
_PAUSE = 0.005
_THREADS = 17
"""Where their number stands; a process may live on after its first thread."""


def reap() -> dict[int, int]:
    """Takes leave of children that have ended: their wait statuses by pid."""
    ended: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended[pid] = status


def end_strangers(spared: AbstractSet[int], *, with_children: bool) -> bool:
    """Ends every process below this one but those spared.

    Args:
        spared: pids that go on.
        with_children: what the spared have started goes on, too.

    Returns:
        Whether they all have ended within about a second.
    """
    for _round in range(_ROUNDS):
        strangers = _below(os.getpid(), spared, with_children=with_children)
        if not strangers:
            return True
        for pid in strangers:
            send(pid, signal.SIGSTOP)
        for pid in strangers:
            send(pid, signal.SIGKILL)
        time.sleep(_PAUSE)
    return False


def end_all() -> None:
    """As process 1: ends everything else there is, whoever its parent, at one stroke."""
    send(-1, signal.SIGKILL)


def send(pid: int, number: int) -> None:
    """Sends a signal, to nobody where the process has ended."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def interrupt(pid: int | None) -> None:
    """As Jupyter interrupts a kernel: it and the programs that it runs."""
    if not pid:
        return
    with suppress(ProcessLookupError, PermissionError):
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGINT)
        else:
            os.kill(pid, signal.SIGINT)


def _below(root: int, spared: AbstractSet[int], *, with_children: bool) -> list[int]:
    children: dict[int, list[int]] = {}
    for pid, parent in _parents().items():
        children.setdefault(parent, []).append(pid)
    found: list[int] = []
    look = [root]
    while look:
        for pid in children.get(look.pop(), []):
            if pid not in spared:
                found.append(pid)
            elif with_children:
                continue
            look.append(pid)
    return found


def _parents() -> dict[int, int]:
    """The parent of each process, without those that have ended and wait to be reaped."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            # the name of a program stands in parentheses and may hold anything
            words = (entry / "stat").read_bytes().rpartition(b")")[2].split()
            is_over = words[0] == b"Z" and int(words[_THREADS]) <= 1
            if not is_over:
                parents[int(entry.name)] = int(words[1])
    return parents
