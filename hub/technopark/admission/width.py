"""How many servers may start at a time: as many as keep the processors busy, and no more.

Held by `line`, which has it measure at every step. The rules (`adjusted`, `estimate`) are pure.
"""

import time
from collections.abc import Callable

from technopark import host
from technopark.host import Load, Work
from technopark.settings import Admission

SPARE = 0.15
"""The machine carries one start more while so much of its processors' time is left over."""
FULL = 0.03
"""With less than this left over it may carry too many."""
CROWDED = 0.75
"""It does where, besides, somebody waited for a processor for so much of the time."""
MOST_PER_CORE = 4
"""A start waits for the engine now and then, so that several may share a core; but not many."""


def adjusted(width: int, starting: int, load: Load, cores: int) -> int:
    """How many starts at a time are right now, one step from `width` at most.

    Never fewer than there are cores: where lessons keep all of them busy, the kernel shares them
    out fairly between what runs and what starts, and so few starts take little from many lessons.

    Args:
        width: how many were right until now.
        starting: how many are under way.
        load: of the last moments.
        cores: of the machine.
    """
    if load.idle > SPARE and starting >= width:
        return min(width + 1, MOST_PER_CORE * cores)
    if load.idle < FULL and load.pressed > CROWDED:
        return max(width - 1, cores)
    return width


def estimate(place: int, width: int, start_seconds: float) -> float:
    """Seconds until the turn of whoever stands at `place` (1 is next).

    Args:
        place: in line.
        width: how many start at a time.
        start_seconds: how long starts took lately.
    """
    return place * start_seconds / width


class Width:
    """How many may start at a time, as measured, or as the settings say."""

    def __init__(
        self,
        rules: Admission,
        look: Callable[[float], Work] = host.work,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pinned, self._look, self._clock = rules.at_a_time, look, clock
        self._cores = host.cores()
        self._before = look(clock())
        self.now = self._pinned or self._cores
        """Starts at a time."""

    def begin(self) -> None:
        """What happened before now tells nothing of what comes."""
        self._before = self._look(self._clock())

    def measure(self, starting: int) -> None:
        """Looks how busy the machine was since the last look.

        Args:
            starting: how many are under way.
        """
        after = self._look(self._clock())
        if not self._pinned and after.at > self._before.at:
            self.now = adjusted(self.now, starting, host.load(self._before, after), self._cores)
        self._before = after
