"""What pupils work at, as their servers report it, and raised hands; in memory, in no file.

Filled by `work_api`, read by boards, and by teachers who lower a hand. A server repeats what it
said every minute, so a portal that was started anew knows everything again soon.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SILENT = 150.0
"""A report that was not repeated for so many seconds counts no more."""

ServerName = tuple[str, str]
"""Whose server, for which classroom."""

_Words = Annotated[str, StringConstraints(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Name = Annotated[str, StringConstraints(max_length=63, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
_Class = Annotated[str, StringConstraints(max_length=60, pattern=r"^\w*$")]


class Report(BaseModel):
    """What a server says of its pupil; nothing of what the pupil wrote."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    notebook: _Words = ""
    """The open notebook below the classroom's folder; empty: none is open."""
    task: _Words = ""
    """nbgrader's name of the task; empty: none was begun."""
    passed: int = Field(0, ge=0, le=1000)
    tests: int = Field(0, ge=0, le=1000)
    """Test cells of the notebook, and those of them that passed when they last ran."""
    error: _Class = ""
    """The class of the error that the pupil has now; empty: none."""
    error_seconds: float = Field(0, ge=0, le=1e6)
    """How long it has been the same."""
    hand: int = Field(0, ge=0, le=1 << 53)
    """0: not raised; else a number that is another one each time it is raised."""
    visitors: tuple[_Name, ...] = Field((), max_length=10)
    """Who else is in the pupil's server, by the hub's names."""


@dataclass(frozen=True)
class Known:
    """The newest report of a server, on this machine's clock."""

    report: Report
    at: float
    error_since: float | None
    hand_since: float | None
    """None: there is no error, the hand is down."""


class Work:
    """All pupils' newest reports.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[ServerName, Known] = {}
        self._lowered: dict[ServerName, int] = {}
        self._swept = clock()

    @property
    def now(self) -> float:
        """Seconds on the clock of `Known`."""
        return self._clock()

    def last_report(self, name: ServerName) -> float | None:
        """When `name` last said something; None: never, or long ago."""
        known = self.of(name)
        return known.at if known else None

    def of(self, name: ServerName) -> Known | None:
        """What is known of a server; None: nothing."""
        known = self._known.get(name)
        return known if known and self._clock() - known.at <= SILENT else None

    def take(self, name: ServerName, report: Report) -> bool:
        """A server reports.

        Returns:
            Whether the hand is up: a teacher may have lowered it.
        """
        self._sweep()
        now, before = self._clock(), self.of(name)
        is_up = report.hand != 0 and self._lowered.get(name) != report.hand
        was_up = before is not None and before.hand_since is not None
        is_same_hand = before is not None and was_up and before.report.hand == report.hand
        self._known[name] = Known(
            report,
            now,
            error_since=now - report.error_seconds if report.error else None,
            hand_since=(before.hand_since if before and is_same_hand else now) if is_up else None,
        )
        return is_up

    def lower(self, name: ServerName) -> bool:
        """A teacher lowers a hand; the pupil's server hears of it with its next report.

        Returns:
            Whether it was up.
        """
        known = self.of(name)
        if known is None or known.hand_since is None:
            return False
        self._lowered[name] = known.report.hand
        self._known[name] = Known(known.report, known.at, known.error_since, None)
        return True

    def _sweep(self) -> None:
        now = self._clock()
        if now - self._swept < SILENT:
            return
        self._swept = now
        self._known = {name: one for name, one in self._known.items() if now - one.at <= SILENT}
        self._lowered = {name: one for name, one in self._lowered.items() if name in self._known}
