"""How much memory the timetable's lessons need, hour by hour, and where that is too much. Pure.

Called by `commands` when a timetable is saved and by `pages` for the forecast. What one server
needs and what a machine leaves to servers is `technopark.capacity`'s word.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from technopark import capacity
from technopark.bell.calendar import Lesson
from technopark.language import Language, translate
from technopark.settings import Settings

_NO_TENTHS = 10
"""GB from which on tenths say nothing."""


@dataclass(frozen=True)
class Machine:
    """What servers may take."""

    memory: int
    """Bytes of the whole machine."""
    room: int
    """Bytes that are left to servers."""
    server: int
    """Bytes to reckon for one server with a kernel at work."""
    stays: timedelta
    """So long servers go on after their lesson, until the culler takes them."""


def this_machine(settings: Settings) -> Machine:
    """The machine that this runs on."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(
        memory=memory,
        room=capacity.memory_for_servers(memory),
        # The largest of the known courses: lessons need not fit exactly, but they must fit.
        server=settings.bell.server_memory or capacity.server_memory("", settings.servers.way),
        stays=timedelta(minutes=settings.servers.idle_minutes),
    )


@dataclass(frozen=True)
class Load:
    """What servers need from one moment to another."""

    starts: datetime
    ends: datetime
    servers: int
    lessons: tuple[Lesson, ...]
    """Those whose servers they are: lessons that go on, and that were over lately."""


def loads(lessons: Iterable[Lesson], sizes: Mapping[str, int], machine: Machine) -> list[Load]:
    """What is needed when, in order; nothing is said of times without servers.

    Args:
        lessons: of any classrooms.
        sizes: how many servers a lesson of each classroom has.
        machine: how long servers stay after a lesson.
    """
    held = [(lesson.starts, lesson.ends + machine.stays, lesson) for lesson in lessons]
    moments = sorted({moment for first, last, _ in held for moment in (first, last)})
    waiting = sorted(held, key=lambda one: one[0], reverse=True)
    there: list[tuple[datetime, datetime, Lesson]] = []
    found: list[Load] = []
    for first, last in pairwise(moments):
        while waiting and waiting[-1][0] <= first:
            there.append(waiting.pop())
        there = [one for one in there if one[1] > first]
        if there:
            # Two lessons of one classroom have the same servers.
            rooms = {lesson.classroom for _, _, lesson in there}
            servers = sum(sizes.get(room, 0) for room in rooms)
            found.append(Load(first, last, servers, tuple(sorted(one[2] for one in there))))
    return found


@dataclass(frozen=True)
class Collision:
    """A time at which lessons need more memory than servers may take."""

    load: Load
    """At its worst."""
    machine: Machine

    @property
    def needs(self) -> int:
        """Bytes."""
        return self.load.servers * self.machine.server


def collisions(found: Sequence[Load], machine: Machine) -> list[Collision]:
    """Where it is too much: one for each time without a break, at its worst."""
    worst: list[Collision] = []
    last: Load | None = None
    for load in found:
        if load.servers * machine.server <= machine.room:
            continue
        collision = Collision(load, machine)
        if last and last.ends == load.starts:
            if worst[-1].load.servers < load.servers:
                worst[-1] = collision
        else:
            worst.append(collision)
        last = load
    return worst


def in_words(
    collision: Collision,
    zone: ZoneInfo,
    titles: Mapping[str, str],
    language: Language,
    with_date: bool = True,
) -> str:
    """A collision as a sentence for the admin."""
    starts = collision.load.starts.astimezone(zone)
    style = "EEEE d MMMM" if with_date else "EEEE"
    day = format_date(starts.date(), style, locale=language)
    lessons = ", ".join(
        f"{titles.get(lesson.classroom, lesson.classroom)} "
        f"({lesson.starts.astimezone(zone):%H:%M}–{lesson.ends.astimezone(zone):%H:%M})"
        for lesson in collision.load.lessons
    )
    return translate(
        "{day}, {time}: {needs} GB needed for {servers} servers, the machine has {memory} GB, "
        "{room} of them for servers. These lessons collide: {lessons}.",
        language,
        day=day[0].upper() + day[1:],
        time=f"{starts:%H:%M}",
        needs=gigabytes(collision.needs, language),
        servers=collision.load.servers,
        memory=gigabytes(collision.machine.memory, language),
        room=gigabytes(collision.machine.room, language),
        lessons=lessons,
    )


def gigabytes(number: int, language: Language = "en") -> str:
    """Bytes in GB; from ten on without tenths."""
    whole = number / capacity.GIGABYTE
    return str(format_decimal(whole, "0" if whole >= _NO_TENTHS else "0.0", locale=language))


def yearly(found: Iterable[Collision], zone: ZoneInfo) -> list[tuple[Collision, int]]:
    """Collisions that come back every week told once, with how often they come."""
    told: dict[object, tuple[Collision, int]] = {}
    for collision in found:
        starts = collision.load.starts.astimezone(zone)
        rooms = frozenset(lesson.classroom for lesson in collision.load.lessons)
        key = (starts.weekday(), starts.time(), rooms)
        first, times = told.get(key, (collision, 0))
        told[key] = (first, times + 1)
    return list(told.values())


def cores() -> int:
    """The cores of this machine."""
    return os.cpu_count() or 1
