"""What Linux says of this machine: its memory, and how busy its processors are.

Called by the line before every start and by `machine`. Only reads /proc; each call takes some
50 microseconds and never waits, so that the hub's event loop may make it.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Memory:
    """In bytes."""

    total: int
    available: int
    """What programs may have without anything being pushed out (`MemAvailable`)."""


@dataclass(frozen=True)
class Work:
    """What the processors have done since the machine started; two of them make a `Load`."""

    busy: int
    idle: int
    """Both in the kernel's ticks, of all processors together."""
    pressed: int | None
    """Microseconds in which somebody waited for a processor; None: this kernel does not count."""
    at: int
    """In microseconds, by the clock that `pressed` goes by."""


@dataclass(frozen=True)
class Load:
    """How busy the machine was over some time; parts of 1."""

    idle: float
    """Of the processors' time, what nobody wanted."""
    pressed: float
    """Of the time, that in which somebody waited for a processor."""


def memory() -> Memory:
    """The machine's memory now."""
    text = (PROC / "meminfo").read_text(encoding="ascii")
    found = {
        name: int(kilobytes) << 10 for name, kilobytes in re.findall(r"(\w+):\s+(\d+) kB", text)
    }
    return Memory(found["MemTotal"], found["MemAvailable"])


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0))


def work(now: float) -> Work:
    """What the processors have done until now.

    Args:
        now: seconds of a clock that never goes back.
    """
    first = (PROC / "stat").read_text(encoding="ascii").partition("\n")[0]
    user, nice, system, idle, iowait, irq, softirq = map(int, first.split()[1:8])
    busy = user + nice + system + irq + softirq
    return Work(busy, idle + iowait, _pressed(), int(now * 1_000_000))


def load(before: Work, after: Work) -> Load:
    """How busy the machine was between the two; idle where no time lies between them.

    A kernel that does not count pressure is pressed as far as it is not idle.
    """
    busy, idle = after.busy - before.busy, after.idle - before.idle
    rest = idle / (busy + idle) if busy + idle > 0 else 1.0
    if before.pressed is None or after.pressed is None or after.at <= before.at:
        return Load(rest, 1.0 - rest)
    return Load(rest, min(1.0, (after.pressed - before.pressed) / (after.at - before.at)))


def _pressed() -> int | None:
    file = PROC / "pressure" / "cpu"
    try:
        found = re.search(r"some .*total=(\d+)", file.read_text(encoding="ascii"))
    except OSError:  # before Linux 4.20, or switched off
        return None
    return int(found[1]) if found else None
