"""What the line and the devices speak of: who asks, what is free, what is held, by which rules.

Used by `line`, `devices`, `reserved` and `outlook`, and filled in by the broker. Plain values; all
times are Unix seconds, all lengths seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["site", "classroom", "person"]
Key = tuple[Level, str]
"""Whose use is counted, such as `("site", "north")`."""


@dataclass(frozen=True)
class Asker:
    """Somebody who wants a lease: a pupil, a teacher, or the grading user of a classroom."""

    site: str
    classroom: str
    person: str
    course: str

    @property
    def keys(self) -> tuple[Key, Key, Key]:
        """Whose use grows with this one's: the site's, the classroom's, the person's own."""
        return ("site", self.site), ("classroom", self.classroom), ("person", self.person)


@dataclass(frozen=True)
class Ask:
    """A lease that somebody waits for. Asks of different flavours stand in different lines."""

    id: str
    who: Asker
    since: float


@dataclass(frozen=True)
class Usage:
    """Seconds of whole devices that somebody used, decayed up to `at`: when a lease last ended."""

    seconds: float
    at: float


Ledger = Mapping[Key, Usage]
"""The use of leases that have ended. Running ones are counted from `Held`."""


@dataclass(frozen=True)
class Slot:
    """A share of a device that one lease may have; a node's place for a sandbox names no device."""

    node: str
    device: str
    """Its UUID; empty for a sandbox."""
    share: int
    """Which one, from 0."""
    shares: int = 1
    """How many leases share the device: each costs that part of its time."""

    @property
    def on(self) -> tuple[str, str]:
        """The node and the device that this is a share of."""
        return self.node, self.device


@dataclass(frozen=True)
class Held:
    """A lease that has a slot: starting, running, or stopped with its place held for a restart."""

    slot: Slot
    who: Asker
    since: float
    ends: float
    """Its time limit."""


@dataclass(frozen=True)
class Reservation:
    """Whole devices for a classroom's lesson."""

    classroom: str
    devices: int
    starts: float
    ends: float


@dataclass(frozen=True)
class Rules:
    """How the line is ordered and how long leases are; see docs/leases.md."""

    half_life: float = 4 * 3600.0
    """After so long, used time counts half."""
    site_weights: Mapping[str, float] = field(default_factory=dict)
    """Shares of sites that differ from 1."""
    course_weights: Mapping[str, float] = field(default_factory=dict)
    """Shares of courses' classrooms, within their site, that differ from 1."""
    longest_wait: float = 2 * 3600.0
    """Who waits for so long and has nothing goes first; a weight of 2 halves it."""
    limit: float = 40 * 60.0
    """A lease ends after so long."""
    typical: float = 20 * 60.0
    """So long do leases last, as measured lately; what a lease that just starts is counted for."""
    least: float = 5 * 60.0
    """Nobody is given a device that a reservation takes away sooner."""
    lead: float = 2 * 60.0
    """Reserved devices are kept free so long before the lesson starts."""
    unused: float = 5 * 60.0
    """What the lesson leaves unused so long after its start goes to others."""
