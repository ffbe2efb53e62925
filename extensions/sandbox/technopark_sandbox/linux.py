"""What the sandbox asks of the Linux kernel beyond Python's own words.

Called by `keeper`, `mould` and `session` for themselves; it never touches another process.
"""

import ctypes
import os
from pathlib import Path

_EVENTS = ("memory.events", "memory/memory.oom_control")
"""Where a container's own control groups count whom they ended: version 2, then 1."""
_GROUPS = Path("/sys/fs/cgroup")
_SET_DUMPABLE = 4
_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None, use_errno=True)


def hide_memory(*, hidden: bool = True) -> None:
    """Keep other processes of the same user from tracing this one and reading its `/proc`.

    Raises:
        OSError: the kernel refused.
    """
    _prctl(_SET_DUMPABLE, 0 if hidden else 1)


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parents end, as process 1 is by nature.

    Raises:
        OSError: the kernel refused.
    """
    _prctl(_SET_CHILD_SUBREAPER, 1)


def offer_to_die_first(score: int) -> None:
    """Let the kernel end this process rather than others when memory runs out.

    Args:
        score: 0 (no sooner than others) to 1000 (first of all).
    """
    hide_memory(hidden=False)  # a hidden process does not own its files in /proc
    Path("/proc/self/oom_score_adj").write_text(str(score))
    hide_memory()


def killed_for_memory() -> int:
    """How many processes of this container were ended as memory ran out, as far as one can know."""
    for place in _EVENTS:
        try:
            lines = (_GROUPS / place).read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            word, _, number = line.partition(" ")
            if word == "oom_kill":
                return int(number)
    return 0


def _prctl(what: int, value: int) -> None:
    if _libc.prctl(what, ctypes.c_ulong(value), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
