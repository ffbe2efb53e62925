"""What to start and what to take down now, so that servers are ready at the bell. Pure.

Called by `rounds` every few seconds with what the timetable, the rosters and the hub say. It
remembers nothing: after a kill, a restart or a jump of the clock it decides from what there is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from technopark.bell.calendar import Lesson

Owner = tuple[str, str]
"""A person and a classroom: what names a server."""


@dataclass(frozen=True)
class Pace:
    """How fast and how early servers are started."""

    each: timedelta
    """From one start to the next, on a machine that does other things too."""
    lead: timedelta
    """No server is started longer than this before its lesson."""
    ready: timedelta
    """All servers are to be ready so long before the bell."""
    unused: timedelta
    """So long after the bell a server that nobody came to is taken down."""
    at_a_time: int
    """Starts that the hub is asked for at a time."""


@dataclass(frozen=True)
class Server:
    """A server as the hub shows it."""

    person: str
    classroom: str
    is_ready: bool
    pending: str
    """What is being done with it: spawn, stop or, mostly, nothing."""
    is_warm: bool
    """Whether the bell asked for it."""
    started: datetime | None
    last_activity: datetime | None

    @property
    def owner(self) -> Owner:
        """Whose it is, for which classroom."""
        return self.person, self.classroom


@dataclass(frozen=True)
class Decision:
    """What is to be done now."""

    start: tuple[Owner, ...] = ()
    unwanted: tuple[Server, ...] = ()
    """Warm servers that no lesson waits for any more: to be stopped if nobody came to them."""
    late: frozenset[Lesson] = field(default_factory=frozenset)
    """Lessons whose servers will not all be ready at the bell."""


def begins(
    lessons: Iterable[Lesson], missing: Mapping[Lesson, int], pace: Pace
) -> dict[Lesson, datetime]:
    """When the starts for each lesson must begin at the latest.

    Starts follow one another, so those of an earlier lesson are over before those of a later one
    begin: whoever is late for a crowded bell begins the sooner.

    Args:
        lessons: those to come.
        missing: how many servers each lesson lacks.
        pace: how fast one start follows another.
    """
    found: dict[Lesson, datetime] = {}
    over: datetime | None = None
    in_order = sorted(lessons, key=lambda one: one.starts, reverse=True)
    for starts, at_once in groupby(in_order, key=lambda one: one.starts):
        classes = list(at_once)
        end = starts - pace.ready
        end = min(end, over) if over else end
        over = end - sum(missing.get(lesson, 0) for lesson in classes) * pace.each
        found |= dict.fromkeys(classes, max(over, starts - pace.lead))
    return found


def waits(lessons: Iterable[Lesson], now: datetime, pace: Pace) -> set[str]:
    """The classrooms whose servers a lesson waits for now: before the bell and just after it."""
    return {
        lesson.classroom
        for lesson in lessons
        if lesson.starts - pace.lead <= now < min(lesson.starts + pace.unused, lesson.ends)
    }


def is_near(lessons: Iterable[Lesson], now: datetime, pace: Pace) -> bool:
    """Whether a lesson comes for which servers may have to be started."""
    return any(lesson.starts - pace.lead <= now < lesson.starts for lesson in lessons)


def decide(
    now: datetime,
    lessons: Sequence[Lesson],
    rosters: Mapping[str, Sequence[str]],
    servers: Iterable[Server],
    pace: Pace,
    put_off: frozenset[Owner] = frozenset(),
) -> Decision:
    """What to ask the hub for now.

    Args:
        now: the time.
        lessons: those that are on or come, in order.
        rosters: who comes to them, by classroom; who is named first is started first.
        servers: all servers that the hub shows the bell.
        pace: how fast and how early.
        put_off: whose start failed lately and is not asked for again yet.
    """
    there = {server.owner: server for server in servers}
    coming = [lesson for lesson in lessons if now < lesson.starts]
    lacking = {lesson: _lacking(lesson, rosters, there) for lesson in coming}
    missing = {lesson: len(owners) for lesson, owners in lacking.items()}
    begin = begins(coming, missing, pace)
    wanted: dict[Owner, None] = {}
    for _, _, owner in sorted(
        (lesson.starts, number, owner)
        for lesson in coming
        if begin[lesson] <= now
        for number, owner in lacking[lesson]
    ):
        wanted[owner] = None
    asked = sum(server.is_warm and server.pending == "spawn" for server in there.values())
    free = [owner for owner in wanted if owner not in put_off and owner not in there]
    waited_for = waits(lessons, now, pace)
    return Decision(
        start=tuple(free[: max(0, pace.at_a_time - asked)]),
        unwanted=tuple(
            server
            for server in there.values()
            if server.is_warm and server.is_ready and server.classroom not in waited_for
        ),
        late=frozenset(
            lesson
            for lesson in coming
            if begin[lesson] <= now and now + missing[lesson] * pace.each > lesson.starts
        ),
    )


def nobody_came(
    server: Server, was_entered: bool, ready: datetime | None, lesson: Lesson | None
) -> bool:
    """Whether a warm server may be taken down.

    Args:
        server: as the hub shows it now.
        was_entered: whether a browser was ever let into it.
        ready: when the bell saw it become ready; None: it was away just then.
        lesson: the latest lesson it can have been started for; None: that was cancelled.
    """
    if was_entered:
        return False
    # Programs enter with tokens of their own. Their use shows in the last activity, which before
    # that is at most the moment at which the server was ready.
    quiet = max((moment for moment in (ready, lesson and lesson.starts) if moment), default=None)
    last = server.last_activity
    return last is None or (quiet is not None and last <= quiet) or last == server.started


def _lacking(
    lesson: Lesson, rosters: Mapping[str, Sequence[str]], there: Mapping[Owner, Server]
) -> list[tuple[int, Owner]]:
    """Whose server is not ready, with their places on the roster."""
    owners = [(person, lesson.classroom) for person in rosters.get(lesson.classroom, ())]
    return [
        (number, owner)
        for number, owner in enumerate(owners)
        if owner not in there or not there[owner].is_ready
    ]
