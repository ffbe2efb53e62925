"""The limits of Linux that a machine full of pupils' servers meets before its memory is used up.

Called by `doctor`; only reads /proc/sys. What each is about stands in docs/capacity.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from technopark import capacity
from technopark.capacity import Way

SYSTEM = Path("/proc/sys")


@dataclass(frozen=True)
class Limit:
    """One setting of the kernel."""

    name: str
    """As `sysctl` has it."""
    each: int
    """What one pupil's server takes of it, with a margin."""
    beside: int
    """What the machine and the park take."""
    what: str


LIMITS = (
    Limit("net.ipv4.neigh.default.gc_thresh3", 3, 100, "neighbours that Linux remembers"),
    Limit("kernel.pid_max", 40, 2000, "processes and threads"),
    Limit("kernel.threads-max", 40, 2000, "processes and threads"),
    Limit("fs.file-max", 400, 20_000, "open files"),
    Limit("net.netfilter.nf_conntrack_max", 60, 5000, "connections that the firewall follows"),
)
"""A server with a kernel has 21 tasks and its engine's shim 12, as counted in the soak."""


def servers_that_fit(memory: int, way: Way) -> int:
    """How many servers this machine may have to hold at a time, of the smallest course.

    Args:
        memory: bytes of the machine.
        way: how servers start.
    """
    return min(capacity.servers_in_memory(memory, "base", way), capacity.MOST_SERVERS)


def too_low(servers: int) -> Iterator[str]:
    """For each limit that `servers` would pass: the call that raises it, and what it is about."""
    for limit in LIMITS:
        has, needed = _now(limit.name), servers * limit.each + limit.beside
        if has is not None and has < needed:
            yield f"sysctl -w {limit.name}={needed} (now {has}: {limit.what})"


def _now(name: str) -> int | None:
    """The limit's value; None: this kernel has none of that name."""
    path = SYSTEM / name.replace(".", "/")
    try:
        return int(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
