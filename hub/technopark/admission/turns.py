"""Whose turn it is: who waits, in which order, who starts now, who is refused for want of memory.

Used by `line`, on the hub's loop. It measures nothing and waits for nothing: what the machine
carries is the word of `room` and `width`, the order that of `order`.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from technopark.admission.order import Group, Start, in_order, joined, served
from technopark.admission.room import Room
from technopark.admission.width import Width
from technopark.settings import Admission

log = logging.getLogger(__name__)

MANY = 100
"""In a longer line it is not worked out anew for each who comes where everybody stands."""

ServerName = tuple[str, str]
"""Whose server, for which classroom."""


class NoRoomError(Exception):
    """The machine has no memory for one more server, and nothing that ends has helped.

    Args:
        figures: what the admin is told.
        is_hopeless: it would have none even if nothing else ran.
    """

    def __init__(self, figures: str, *, is_hopeless: bool) -> None:
        super().__init__(figures)
        self.is_hopeless = is_hopeless


@dataclass(eq=False)
class Waiter:
    """Somebody who wants a server, until it is there."""

    asked: Start
    """As it came; `start` is the same, unless a pupil has come for a warm start."""
    start: Start
    leave: Callable[[], None] | None
    """Ends the start of somebody who went away; None: it has no page to go away from."""
    turn: asyncio.Future[None]
    came: float
    seen: float
    """When its page was last there."""
    place: int = 0
    first_place: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when its turn comes."""


class Turns:
    """Those who wait and those who start.

    Args:
        rules: the settings.
        room: what says whether there is memory.
        width: what says how many may start at a time.
        clock: seconds that never go back.
    """

    def __init__(
        self, rules: Admission, room: Room, width: Width, clock: Callable[[], float]
    ) -> None:
        self._rules, self._room, self._width, self._clock = rules, room, width, clock
        self.waiting: dict[ServerName, Waiter] = {}
        self.starting: dict[ServerName, Waiter] = {}
        self._served: dict[Group, int] = {}
        self._short_since: float | None = None
        self.refused = 0
        """Starts that were refused for want of memory."""
        self.refused_at: float | None = None
        """The last of them, in Unix seconds."""

    @property
    def is_short(self) -> bool:
        """Whether those who wait do so for want of memory."""
        return self._short_since is not None

    def stand(self, waiter: Waiter, start: Start) -> None:
        """Puts somebody into the line, or to another place of it."""
        others = [other.start for other in self.waiting.values() if other is not waiter]
        if not others and not self.starting:
            self._served = {}
        self._served = joined(self._served, start, others)
        waiter.start = start
        self.waiting[start.server] = waiter
        waiter.first_place = 0

    def leave(self, waiter: Waiter) -> None:
        """Somebody's start is over, or has ended while it waited; the next ones move up."""
        for place in (self.waiting, self.starting):
            if place.get(waiter.asked.server) is waiter:
                del place[waiter.asked.server]
        self.move_up()

    def come(self, waiter: Waiter) -> None:
        """Somebody has come: it may be the turn, and else the place is to be told.

        In a long line that has no turn to give now, the next look works the places out for all who
        came until then; meanwhile the newcomer stands at the end.
        """
        if len(self.waiting) < MANY or len(self.starting) < self._width.now:
            self.move_up()
            return
        waiter.place = len(self.waiting)

    def move_up(self) -> None:
        """Gives turns to as many as may start now; all others see where they stand."""
        order = in_order((waiter.start for waiter in self.waiting.values()), self._served)
        given = 0
        for start in order:
            if len(self.starting) >= self._width.now or not self._has_room():
                break
            given += 1
            self._served = served(self._served, start)
            waiter = self.waiting.pop(start.server)
            self.starting[start.server] = waiter
            waiter.news.set()
            if not waiter.turn.done():
                waiter.turn.set_result(None)
        for place, start in enumerate(order[given:], 1):
            waiter = self.waiting[start.server]
            waiter.place = place
            waiter.first_place = max(waiter.first_place, place)
        if not self.waiting:
            self._short_since = None

    def refuse(self, now: float) -> None:
        """Who has waited long for memory is told so, and so is everybody where none can come."""
        if self._short_since is None:
            return
        long = self._rules.refuse_minutes * 60
        for name, waiter in list(self.waiting.items()):
            is_long = now - max(waiter.came, self._short_since) >= long
            is_hopeless = self._room.is_hopeless
            if (is_long or is_hopeless) and not waiter.turn.done():
                self.refused, self.refused_at = self.refused + 1, time.time()
                figures = self._room.words()
                log.error("No server for %s in %s: %s", *name, figures)
                waiter.turn.set_exception(NoRoomError(figures, is_hopeless=is_hopeless))

    def _has_room(self) -> bool:
        if self._room.is_there(len(self.starting)):
            self._short_since = None
            return True
        if self._short_since is None:
            log.warning("No memory for one more server: %s wait", len(self.waiting))
            self._short_since = self._clock()
        return False
