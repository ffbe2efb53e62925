"""The bell's rounds: look at the timetable and, when a lesson is near, at the hub; do what is due.

Called by `app` again and again. What it remembers beside the store may be lost with the process:
the next one decides anew from the store and the hub.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median

from technopark.bell import capacity, plan, timetable
from technopark.bell.calendar import Lesson, Timetable
from technopark.bell.duties import Duties
from technopark.bell.evening import Missing
from technopark.bell.hub import Hub, HubAwayError, HubRefusesError
from technopark.bell.pace import BUSY_SECONDS, pace_of
from technopark.bell.plan import Owner, Pace, Server
from technopark.bell.warm import WarmStarts
from technopark.people import changes
from technopark.settings import Settings
from technopark.store import Store

log = logging.getLogger("technopark.bell")

IDLE_SECONDS = 15.0
"""Between two looks at the store while no lesson is near."""
AGAIN_SECONDS = 2.0
"""Until the next round where one failed."""
_RIGHTS_SECONDS = 60.0
"""Between two times that the hub is asked to look at the bell's rights again."""
_WATCHED_SECONDS = 10.0
"""Between two looks at the hub while a lesson comes, or warm servers wait for their pupils."""
_SPARING = 20
"""A look that kept the hub busy for so long is followed by as many times so long without one."""
_KNOWN_FOR = timedelta(minutes=5)
"""So long the day's lessons are not reckoned again."""
_BEFORE, _AFTER = timedelta(hours=12), timedelta(hours=24)
_RETRY_SECONDS = 15.0
"""Until a start that failed is tried again; it doubles with each further failure."""
_MEASURED = 20
"""Starts that tell how long one takes."""


@dataclass
class _Asked:
    """A start that the hub was asked for."""

    times: int
    at: float
    """When last, on the steady clock."""

    @property
    def again_at(self) -> float:
        return self.at + _RETRY_SECONDS * 2.0 ** (self.times - 1)


def _being_asked(owner: Owner) -> Server:
    """A server that the hub may not show yet."""
    person, classroom = owner
    return Server(person, classroom, False, "spawn", True, None, None)


class Rounds:
    """One bell."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        hub: Hub,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        cores: int = capacity.cores(),
    ) -> None:
        self._store = store
        self._hub = hub
        self._now = now
        self._pace = pace_of(settings, cores)
        self._duties = Duties(settings, store)
        self._revision = -1
        self._timetable = Timetable({})
        self._rosters: dict[str, tuple[str, ...]] = {}
        self._lessons: list[Lesson] = []
        self._reckoned: datetime | None = None
        self._asked: dict[Owner, _Asked] = {}
        self._took: deque[float] = deque(maxlen=_MEASURED)
        self._warm: WarmStarts | None = None
        self._pending: set[Owner] = set()
        self._asking: dict[Owner, asyncio.Task[None]] = {}
        self._keeping: asyncio.Task[None] | None = None
        self._late: frozenset[Lesson] = frozenset()
        self._ask_for_rights_at = 0.0

    @property
    def pace(self) -> Pace:
        """How fast servers are started; slower than planned where starts were seen to take long."""
        if not self._took:
            return self._pace
        seen = timedelta(seconds=median(self._took) / self._pace.at_a_time)
        return replace(self._pace, each=max(self._pace.each, seen))

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Images of the coming lessons that were not where they are needed, at the last look."""
        return self._duties.missing

    async def end(self) -> None:
        """Asks for nothing more; what the hub was asked for goes on, other duties are done."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        if self._keeping:
            await self._keeping

    async def step(self) -> float:
        """One round; the seconds after which the next one is due."""
        now = self._now()
        is_new = await asyncio.to_thread(self._read, now)
        if is_new and (self._keeping is None or self._keeping.done()):
            # An engine may take its time, and the bell must not wait for it.
            duties = asyncio.to_thread(self._duties.keep, self._timetable, now)
            self._keeping = asyncio.create_task(duties)
        warm = await asyncio.to_thread(self._known_warm, is_new)
        if not warm and not plan.is_near(self._lessons, now, self._pace):
            return IDLE_SECONDS
        try:
            return await self._look(warm, now)
        except HubRefusesError as problem:
            log.info("%s", problem)
            if time.monotonic() >= self._ask_for_rights_at:
                self._ask_for_rights_at = time.monotonic() + _RIGHTS_SECONDS
                await asyncio.to_thread(self._ask_for_rights)
            return AGAIN_SECONDS
        except HubAwayError as problem:
            log.info("%s", problem)
            return AGAIN_SECONDS

    def _ask_for_rights(self) -> None:
        """The hub gave the bell its rights before it knew of the last starts: it looks again."""
        with self._store.write() as session:
            changes.note_change(session)

    def _read(self, now: datetime) -> bool:
        """Brings what is known of the timetable up to date, at little cost where nothing changed.

        Returns:
            Whether the day's lessons were reckoned anew.
        """
        with self._store.read() as session:
            number = changes.revision(session)
            if number != self._revision:
                self._timetable = timetable.read(session)
                self._reckoned = None
            elif self._reckoned and abs(now - self._reckoned) < _KNOWN_FOR:
                return False
            self._lessons = self._timetable.lessons(now - _BEFORE, now + _AFTER)
            rooms = {lesson.classroom for lesson in self._lessons}
            rosters = timetable.rosters(session, rooms) if rooms else {}
            self._rosters = {room: roster.everybody for room, roster in rosters.items()}
        self._revision, self._reckoned = number, now
        return True

    async def _look(self, warm: WarmStarts, now: datetime) -> float:
        steady = time.monotonic()
        servers = warm.mark(await self._hub.servers())
        looked = time.monotonic() - steady
        await asyncio.to_thread(self._note, warm, servers, now)
        put_off = frozenset(
            owner for owner, asked in self._asked.items() if steady < asked.again_at
        )
        coming = [lesson for lesson in self._lessons if now < lesson.ends]
        asked = {owner: _being_asked(owner) for owner in self._asking}
        there = asked | {server.owner: server for server in servers}
        decision = plan.decide(now, coming, self._rosters, there.values(), self.pace, put_off)
        self._warn(decision.late)
        if decision.start:
            await asyncio.to_thread(warm.ask, decision.start, now)
            self._start(decision.start)
        await self._take_down(warm, decision.unwanted, now)
        is_busy = (
            decision.start
            or self._asking
            or any(server.is_warm and server.pending for server in servers)
        )
        return max(BUSY_SECONDS if is_busy else _WATCHED_SECONDS, _SPARING * looked)

    def _known_warm(self, is_new: bool) -> WarmStarts:
        if self._warm is None:
            self._warm = WarmStarts(self._store)
        if is_new:
            self._warm.forget_closed()
        return self._warm

    def _note(self, warm: WarmStarts, servers: Sequence[Server], now: datetime) -> None:
        """Remembers when servers became ready, as far as it was seen."""
        new = [one for one in servers if one.is_ready and one.owner in self._pending]
        warm.became_ready([server.owner for server in new if server.is_warm], now)
        for server in new:
            if asked := self._asked.pop(server.owner, None):
                self._took.append(time.monotonic() - asked.at)
        warm.sweep(servers, now)
        self._pending = {server.owner for server in servers if server.pending == "spawn"}

    def _start(self, owners: Sequence[Owner]) -> None:
        """Asks the hub, which may take ten seconds to answer; the rounds go on meanwhile."""
        steady = time.monotonic()
        for owner in owners:
            before = self._asked.get(owner)
            self._asked[owner] = _Asked(before.times + 1 if before else 1, steady)
            self._asking[owner] = asyncio.create_task(self._ask(owner))
        self._pending |= set(owners)

    async def _ask(self, owner: Owner) -> None:
        person, classroom = owner
        try:
            if await self._hub.start(owner):
                log.info("%s: the server of %s is being started", classroom, person)
            else:
                log.warning("%s: the hub does not start the server of %s", classroom, person)
        except HubAwayError as problem:
            log.info("%s: the server of %s: %s", classroom, person, problem)
        finally:
            del self._asking[owner]

    async def _take_down(self, warm: WarmStarts, servers: Sequence[Server], now: datetime) -> None:
        over: list[Owner] = []
        for server in servers:
            was_entered = await self._hub.was_entered(server.owner)
            begun = [
                lesson
                for lesson in self._lessons
                if lesson.classroom == server.classroom and lesson.starts <= now
            ]
            ready = warm.ready_at(server.owner)
            if not plan.nobody_came(server, was_entered, ready, max(begun, default=None)):
                over.append(server.owner)
            elif await self._hub.stop(server.owner):
                log.info("%s: nobody came to the server of %s", server.classroom, server.person)
                over.append(server.owner)
        await asyncio.to_thread(warm.forget, over)

    def _warn(self, late: frozenset[Lesson]) -> None:
        for lesson in late - self._late:
            log.warning(
                "%s: not all servers will be ready at %s UTC",
                lesson.classroom,
                lesson.starts.strftime("%H:%M"),
            )
        self._late = late
