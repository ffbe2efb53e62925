"""How a leased kernel stands: in line, running, or ended and why; and what its pages wait for.

Written by the provisioner and the kernel manager, read by each websocket connection of the kernel.
It sends nothing itself.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from technopark_kernels.broker import Lease

Phase = Literal["waiting", "running", "ended"]
Header = dict[str, Any]


@dataclass
class Desk:
    """What one page has sent to the kernel; it outlives websockets, as school lines break."""

    held: list[Any] = field(default_factory=list)
    """Websocket messages that wait for the kernel, in their order."""
    cells: dict[str, Header] = field(default_factory=dict)
    """Requests to run a cell that are unanswered, in their order, by their id."""
    last: Header | None = None
    """The last request to run a cell."""
    shown: Header | None = None
    """The request whose cell shows the line."""

    @property
    def in_view(self) -> Header | None:
        """The request of the cell that a pupil looks at: the one that runs, else the last one."""
        return next(iter(self.cells.values()), self.last)


class Closable(Protocol):
    """A page's websocket."""

    def disconnect(self) -> None:
        """Lets go of the kernel."""


class Standing:
    """One kernel's; a change of it can be waited for."""

    def __init__(self) -> None:
        self.phase: Phase = "waiting"
        self.lease: Lease | None = None
        """As the broker last described it; None until it has been asked."""
        self.sentence = ""
        """Why the kernel has ended."""
        self.desks: dict[str, Desk] = {}
        """By the page's session."""
        self._pages: dict[str, Closable] = {}
        self._left_at = time.monotonic()
        self._away_since: float | None = None
        self._ends_at: float | None = None
        self._news = asyncio.Event()

    async def change(self, within: float | None = None) -> None:
        """Returns at the next change, or after `within` seconds."""
        news = self._news
        try:
            async with asyncio.timeout(within):
                await news.wait()
        except TimeoutError:
            return

    def begin(self) -> None:
        """The kernel is asked for again; its pages have forgotten their cells."""
        self.phase, self.lease, self._ends_at = "waiting", None, None
        self.forget()

    def forget(self) -> None:
        """Drops what pages have sent, as they did themselves when they restarted the kernel."""
        self.desks = {}
        self._tell()

    def see(self, lease: Lease) -> None:
        """The broker has described the lease."""
        self.lease, self._away_since = lease, None
        if lease.ends_in_s is not None:
            self._ends_at = time.monotonic() + lease.ends_in_s
        self._tell()

    def run(self) -> None:
        """The kernel runs and may be connected to."""
        self.phase = "running"
        self._tell()

    def end(self, sentence: str) -> None:
        """The kernel has ended, or there will be none; `sentence` says why."""
        self.phase, self.sentence = "ended", sentence
        self._tell()

    def miss(self) -> None:
        """The broker does not answer."""
        if self._away_since is None:
            self._away_since = time.monotonic()
        self._tell()

    def away(self) -> float:
        """Seconds for which the broker has not answered."""
        return 0.0 if self._away_since is None else time.monotonic() - self._away_since

    def remaining(self) -> float | None:
        """Seconds until the kernel's time is over; None where there is no limit."""
        return None if self._ends_at is None else self._ends_at - time.monotonic()

    def enter(self, session: str, page: Closable) -> None:
        """A page opens its websocket; one that it had before is closed, noticed or not."""
        earlier = self._pages.get(session)
        self._pages[session] = page
        if earlier is not None:
            earlier.disconnect()

    def leave(self, session: str, page: Closable) -> None:
        """A page's websocket is closed."""
        if self._pages.get(session) is page:
            del self._pages[session]
            self._left_at = time.monotonic()

    def desk(self, session: str) -> Desk:
        """What this page has sent, also over websockets that are closed by now."""
        return self.desks.setdefault(session, Desk())

    def deserted(self) -> float:
        """Seconds since the last page was closed; 0 while one is open."""
        return 0.0 if self._pages else time.monotonic() - self._left_at

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
