"""What the timetable means for this machine: the coming lessons, the memory they need, collisions.

Called by `commands` (when a timetable is saved, and for an admin who asks) and by `pages`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.bell import capacity, timetable
from technopark.bell.calendar import Lesson, Timetable
from technopark.bell.capacity import Collision, Load, Machine
from technopark.bell.timetable import Roster
from technopark.store import Classroom

A_YEAR = timedelta(days=366)
_DAYS = 7


def servers(rosters: Mapping[str, Roster]) -> dict[str, int]:
    """How many servers a lesson of each classroom has: those of its pupils and of its teachers."""
    return {room: len(roster.everybody) for room, roster in rosters.items()}


def pupils(rosters: Mapping[str, Roster]) -> dict[str, int]:
    """How many pupils each classroom has."""
    return {room: len(roster.pupils) for room, roster in rosters.items()}


def titles(session: Session) -> dict[str, str]:
    """What people call each classroom."""
    return {room.id: room.title for room in session.scalars(select(Classroom))}


def yearly_collisions(
    session: Session, table: Timetable, machine: Machine, now: datetime, zone: ZoneInfo
) -> list[tuple[Collision, int]]:
    """Where the coming year's lessons need too much memory, and how often; see `capacity`."""
    lessons = table.lessons(now, now + A_YEAR)
    sizes = servers(timetable.rosters(session, table.places))
    found = capacity.loads(lessons, sizes, machine)
    return capacity.yearly(capacity.collisions(found, machine), zone)


@dataclass(frozen=True)
class Cell:
    """One hour of the forecast."""

    needs: int
    """Bytes at the hour's worst."""
    servers: int
    lessons: tuple[Lesson, ...]
    is_too_much: bool
    share: float
    """Of the memory for servers, 0 to 1 and beyond."""


@dataclass(frozen=True)
class Week:
    """The coming days hour by hour; only hours in which some day has servers."""

    days: list[date]
    rows: list[tuple[time, list[Cell | None]]]
    collisions: list[Collision]


def week(
    lessons: Sequence[Lesson],
    sizes: Mapping[str, int],
    machine: Machine,
    zone: ZoneInfo,
    now: datetime,
) -> Week:
    """The coming seven days.

    Args:
        lessons: all of the park in that time.
        sizes: how many servers a lesson of each classroom has.
        machine: what there is.
        zone: in which hours are told.
        now: the time; the first day is today.
    """
    found = capacity.loads(lessons, sizes, machine)
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=number) for number in range(_DAYS)]
    rows = []
    for hour in range(24):
        cells = [_cell(found, machine, _hour(day, hour, zone)) for day in days]
        if any(cells):
            rows.append((time(hour), cells))
    return Week(days, rows, capacity.collisions(found, machine))


def _hour(day: date, hour: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=zone)


def _cell(found: Sequence[Load], machine: Machine, hour: datetime) -> Cell | None:
    until = hour + timedelta(hours=1)
    here = [load for load in found if load.starts < until and hour < load.ends]
    if not here:
        return None
    worst = max(here, key=lambda load: load.servers)
    needs = worst.servers * machine.server
    return Cell(
        needs=needs,
        servers=worst.servers,
        lessons=worst.lessons,
        is_too_much=needs > machine.room,
        share=needs / machine.room if machine.room else 1.0,
    )
