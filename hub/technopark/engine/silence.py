"""Which of the parent's processes stand still, so that one start waits for them and no other.

Held by `forks` for the hub, whose threads ask at the same time. A process that has ended needs no
memory: whoever asks it hears so at once.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

REST = 5.0
"""Seconds in which nobody asks one that did not answer."""


class Turn(Enum):
    """What somebody who wants to ask is to do."""

    ASK = auto()
    LOOK = auto()
    """Whether it answers again, for a moment: for all others, too."""
    LEAVE = auto()
    """It does not answer."""


@dataclass
class _Still:
    since: float
    until: float
    """Nobody asks before."""


class Silence:
    """What is remembered of those that did not answer in time, by their sockets."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._still: dict[Path, _Still] = {}
        self._lock = threading.Lock()

    def turn(self, door: Path) -> Turn:
        """What whoever comes now is to do."""
        with self._lock:
            still, now = self._still.get(door), self._clock()
            if still is None:
                return Turn.ASK
            if now < still.until:
                return Turn.LEAVE
            still.until = now + REST
            return Turn.LOOK

    def note(self, door: Path, waited: float) -> None:
        """There was no answer for `waited` seconds."""
        with self._lock:
            now = self._clock()
            still = self._still.setdefault(door, _Still(now - waited, now))
            still.until = now + REST

    def forget(self, door: Path) -> None:
        """There was an answer, or there is nobody."""
        with self._lock:
            self._still.pop(door, None)

    def lasts(self, door: Path) -> float:
        """Seconds for which there has been no answer."""
        with self._lock:
            still = self._still.get(door)
            return self._clock() - still.since if still else 0.0
