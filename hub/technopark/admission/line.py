"""The line as the hub meets it: who comes, looks, closes the page, and whose server is ready.

The spawner asks for a turn around each start; pages look. All state is in memory: a hub that starts
again has an empty line, and the waiting pages stand in it again by themselves. It starts and stops
nothing, and waits for nothing on the hub's loop. Whose turn it is stands in `turns`.
"""

import asyncio
import logging
import time
import weakref
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from typing import Protocol

from technopark.admission.looks import (
    AWAY,
    COMING,
    READY,
    REFUSED,
    SHOW_REFUSED,
    STARTING,
    Look,
    State,
)
from technopark.admission.order import Start
from technopark.admission.room import Room
from technopark.admission.turns import ServerName, Turns, Waiter
from technopark.admission.width import Width, estimate
from technopark.settings import Settings

log = logging.getLogger(__name__)

STEP = 0.5
"""Seconds between two looks at the machine while anybody waits."""
TELL = 1.0
"""A waiting page is told of its place so often, at most."""
TELL_AGAIN = 5.0
"""And so often where nothing changed: else nobody would notice that the page was closed."""
FIRST_GUESS = 3.0
"""Seconds that a start is taken to last before any was measured."""
_NEWEST = 0.2
"""What the newest start counts for in how long starts last."""


class Server(Protocol):
    """What the line wants to know of a server: JupyterHub's own word on it."""

    @property
    def ready(self) -> bool:
        """Whether it answers."""

    @property
    def pending(self) -> str | None:
        """What is being done with it, such as `spawn`."""

    @property
    def container_id(self) -> str:
        """The engine's id of its container; empty: it has none yet."""

    @property
    def is_in_use(self) -> bool:
        """Whether anybody has come to it since it started."""


class Line:
    """The line of one park.

    Args:
        settings: the park's.
        room: what says whether there is memory.
        width: what says how many may start at a time.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        settings: Settings,
        room: Room | None = None,
        width: Width | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = settings.admission
        self._clock = clock
        self._room = room or Room(settings)
        self._width = width or Width(settings.admission)
        self._turns = Turns(self._rules, self._room, self._width, clock)
        self._servers: weakref.WeakValueDictionary[ServerName, Server]
        self._servers = weakref.WeakValueDictionary()
        self._passed: set[ServerName] = set()
        self._refused: dict[ServerName, float] = {}
        self._pages: Counter[ServerName] = Counter()
        self._start_seconds = FIRST_GUESS
        self._keeper: asyncio.Task[None] | None = None

    # -- for the spawner ---------------------------------------------------------------------

    def know(self, name: ServerName, server: Server) -> None:
        """From now on `server` is the one that pages mean; it is forgotten with its last user."""
        self._servers[name] = server
        if server.pending:  # what was said of an earlier start counts no more
            self._passed.discard(name)
            self._refused.pop(name, None)

    @asynccontextmanager
    async def turn(self, start: Start, leave: Callable[[], None] | None) -> AsyncIterator[None]:
        """Waits for the turn of `start` and holds it for as long as the block lasts.

        Args:
            start: who wants a server.
            leave: ends the start; called when its page was closed for too long while it waited.
                None: nobody looks on (a warm start, an admin's), so it waits however long it takes.

        Raises:
            NoRoomError: there is no memory, and has been none for long.
        """
        waiter = self._come(start, leave)
        try:
            await waiter.turn
            began = self._clock()
            yield
            took = self._clock() - began
            self._start_seconds += _NEWEST * (took - self._start_seconds)
            self._passed.add(start.server)
            self._room.add_one()
        except Exception:
            self._refused[start.server] = self._clock()
            raise
        finally:
            self._turns.leave(waiter)

    # -- for the pages -----------------------------------------------------------------------

    def look(self, name: ServerName) -> Look:
        """Where a server stands."""
        waiter = self._turns.waiting.get(name)
        if waiter:
            return self._place(waiter)
        server = self._servers.get(name)
        if name in self._turns.starting:
            return STARTING
        if server and server.pending == "spawn":
            return STARTING if name in self._passed else COMING
        if server and server.ready:
            return READY
        return REFUSED if name in self._refused else AWAY

    def looks(self) -> dict[ServerName, Look]:
        """Where every server stands that is not away."""
        long_ago = self._clock() - SHOW_REFUSED
        self._refused = {name: at for name, at in self._refused.items() if at > long_ago}
        names = {*self._servers.keys(), *self._turns.waiting, *self._turns.starting}
        looks = {name: self.look(name) for name in (*names, *self._refused)}
        return {name: look for name, look in looks.items() if look.state is not State.AWAY}

    def visit(self, name: ServerName) -> None:
        """Somebody has come in person for a server that waits: clicked, or opened its page."""
        waiter = self._turns.waiting.get(name)
        if waiter is None:
            return
        waiter.seen = self._clock()
        if waiter.start.is_warm:
            self._turns.stand(waiter, replace(waiter.asked, is_warm=False, since=waiter.seen))
            self._turns.move_up()

    async def watch(self, name: ServerName) -> AsyncGenerator[Look, None]:
        """Where a server stands, now and whenever that changes, until it is ready or away.

        As long as somebody watches, the place is kept.
        """
        with self._page(name):
            told, at = None, 0.0
            while (look := self.look(name)).state in (State.WAITING, State.STARTING):
                if look != told or self._clock() - at >= TELL_AGAIN:
                    told, at = look, self._clock()
                    yield look
                await self._news(name, TELL)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._turns.waiting)

    @property
    def starting(self) -> int:
        """How many start now."""
        return len(self._turns.starting)

    @property
    def is_calm(self) -> bool:
        """Whether nobody waits or starts."""
        return not (self._turns.waiting or self._turns.starting)

    @property
    def is_needed(self) -> bool:
        """Whether anybody waits, starts, or has a server."""
        return not self.is_calm or any(server.ready for server in [*self._servers.values()])

    @property
    def at_a_time(self) -> int:
        """How many may start at a time now."""
        return self._width.now

    @property
    def is_short(self) -> bool:
        """Whether those who wait do so for want of memory."""
        return self._turns.is_short

    @property
    def refused(self) -> int:
        """Starts that were refused for want of memory since the hub started."""
        return self._turns.refused

    @property
    def refused_at(self) -> float | None:
        """The last of them, in Unix seconds."""
        return self._turns.refused_at

    # -- who comes and goes ------------------------------------------------------------------

    def _come(self, start: Start, leave: Callable[[], None] | None) -> Waiter:
        now = self._clock()
        future = asyncio.get_running_loop().create_future()
        waiter = Waiter(start, start, leave, future, came=now, seen=now)
        is_watched = self._pages[start.server] > 0
        self._turns.stand(waiter, replace(start, is_warm=start.is_warm and not is_watched))
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())
        self._turns.come(waiter)
        return waiter

    @contextmanager
    def _page(self, name: ServerName) -> Iterator[None]:
        self._pages[name] += 1
        self.visit(name)
        try:
            yield
        finally:
            self._pages[name] -= 1
            if self._pages[name] <= 0:
                del self._pages[name]
            if waiter := self._turns.waiting.get(name):
                waiter.seen = self._clock()

    async def _news(self, name: ServerName, seconds: float) -> None:
        waiter = self._turns.waiting.get(name)
        if waiter is None:
            await asyncio.sleep(seconds)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(waiter.news.wait(), seconds)

    def _let_go(self, now: float) -> None:
        """Whoever closed the page long ago leaves; a warm start then waits as it did before."""
        for name, waiter in list(self._turns.waiting.items()):
            if self._pages[name] > 0 or now - waiter.seen < self._rules.keep_place_seconds:
                continue
            if waiter.start != waiter.asked:
                self._turns.stand(waiter, waiter.asked)
            elif waiter.leave:
                log.info("%s closed the waiting page of %s and leaves the line", *name)
                waiter.leave()

    # -- whose turn it is --------------------------------------------------------------------

    async def _keep(self) -> None:
        """Looks at the machine and at who is there, as long as anybody waits or starts."""
        self._width.begin()
        while self._turns.waiting or self._turns.starting:
            try:
                await self._room.measure(self._servers)
                self._width.measure(len(self._turns.starting))
                self._let_go(self._clock())
                self._turns.move_up()
                self._turns.refuse(self._clock())
            except Exception:
                log.exception("The line could not be looked after; the next look is soon")
            await asyncio.sleep(STEP)
        self._keeper = None

    def _place(self, waiter: Waiter) -> Look:
        seconds = estimate(waiter.place, self._width.now, self._start_seconds)
        return Look(
            State.WAITING,
            place=waiter.place,
            line=len(self._turns.waiting),
            seconds=None if self.is_short else seconds,
            first_place=max(waiter.first_place, waiter.place),
        )


_the_line: Line | None = None


def the_line(settings: Settings) -> Line:
    """The line of this process, made at the first call."""
    global _the_line
    if _the_line is None:
        _the_line = Line(settings)
    return _the_line
