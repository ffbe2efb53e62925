"""The timetable in the store: read whole, replaced source by source, changed by hand.

Called by `rounds` and `pages` (which read) and by `commands` (which writes); the only writer of
these tables. Every change is noted, so that the hub's rights and the bell follow within seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.bell.calendar import Day, Holidays, Part, Place, Said, Timetable, Weekly, said_by
from technopark.people.changes import note_change
from technopark.store import Classroom, Holiday, LessonDay, Membership, Person, WeeklyLesson

BY_HAND = ""
"""The source of what an admin says with a command; no import replaces it."""


@dataclass(frozen=True)
class Changes:
    """What a source says otherwise than before."""

    added: int
    removed: int
    kept: int


@dataclass(frozen=True)
class Roster:
    """Who has a classroom's lessons together, by name."""

    teachers: tuple[str, ...] = ()
    pupils: tuple[str, ...] = ()

    @property
    def everybody(self) -> tuple[str, ...]:
        """All who have a server of their own; teachers come first, as they show how to begin."""
        return self.teachers + self.pupils


def places(session: Session) -> dict[str, Place]:
    """The classrooms that there are."""
    rooms = session.scalars(select(Classroom).where(Classroom.active))
    return {room.id: Place(room.site_id, ZoneInfo(room.site.timezone)) for room in rooms}


def read(session: Session) -> Timetable:
    """All that is said, by whomever."""
    return Timetable(places(session), said(session))


def said(session: Session, source: str | None = None) -> Said:
    """What one source says; None: all of them together."""
    rows = {
        model: [row for row in session.scalars(select(model)) if source in (None, row.source)]
        for model in _MADE_OF
    }
    return Said(
        weekly=tuple(dict.fromkeys(_weekly(row) for row in rows[WeeklyLesson])),
        days=tuple(dict.fromkeys(_day(row) for row in rows[LessonDay])),
        holidays=tuple(dict.fromkeys(_holidays(row) for row in rows[Holiday])),
    )


def sources(session: Session) -> dict[str, int]:
    """Who says something, and how much of it there is."""
    found: dict[str, int] = {}
    for model in _MADE_OF:
        for row in session.scalars(select(model)):
            found[row.source] = found.get(row.source, 0) + 1
    return dict(sorted(found.items()))


def rosters(session: Session, classrooms: Iterable[str]) -> dict[str, Roster]:
    """Who is on the lists of these classrooms."""
    rows = session.execute(
        select(Membership.classroom_id, Membership.role, Membership.person_name)
        .join(Person)
        .where(Membership.classroom_id.in_(set(classrooms)), Person.active)
        .order_by(Membership.person_name)
    )
    names: dict[str, dict[str, list[str]]] = {}
    for classroom, role, person in rows:
        names.setdefault(classroom, {}).setdefault(role, []).append(person)
    return {
        room: Roster(tuple(of.get("teacher", ())), tuple(of.get("pupil", ())))
        for room, of in names.items()
    }


def replace(session: Session, source: str, wanted: Said) -> Changes:
    """From now on `source` says this and nothing else; repeated, it changes nothing."""
    added = removed = kept = 0
    for model, row_of in _MADE_OF.items():
        missing = set(_of(wanted, model))
        for row in session.scalars(select(model).where(model.source == source)):
            if (one := row_of(row)) in missing:
                missing.remove(one)
                kept += 1
            else:
                session.delete(row)
                removed += 1
        session.add_all(_row(source, one) for one in sorted(missing, key=repr))
        added += len(missing)
    if added or removed:
        note_change(session)
    return Changes(added, removed, kept)


def add(session: Session, *wanted: Part) -> int:
    """Says this by hand, beside what was said before; how much of it is new."""
    before = said(session, BY_HAND)
    both = said_by([*before.parts, *wanted])
    return replace(session, BY_HAND, both).added


def take_back(session: Session, *unwanted: Part) -> int:
    """Says this by hand no longer; how much of it had been said."""
    before = said(session, BY_HAND)
    rest = said_by(one for one in before.parts if one not in unwanted)
    return replace(session, BY_HAND, rest).removed


def _weekly(row: WeeklyLesson) -> Weekly:
    return Weekly(
        row.classroom_id,
        row.weekday,
        row.starts,
        row.minutes,
        row.first_day,
        row.last_day,
        row.weeks,
    )


def _day(row: LessonDay) -> Day:
    return Day(row.classroom_id, row.kind, row.day, row.starts, row.minutes)


def _holidays(row: Holiday) -> Holidays:
    return Holidays(row.site_id, row.first_day, row.last_day, row.title)


_MADE_OF: dict[Any, Any] = {WeeklyLesson: _weekly, LessonDay: _day, Holiday: _holidays}


def _of(wanted: Said, model: Any) -> tuple[Any, ...]:
    parts = {WeeklyLesson: wanted.weekly, LessonDay: wanted.days, Holiday: wanted.holidays}
    found: tuple[Any, ...] = parts[model]
    return found


def _row(source: str, one: Part) -> WeeklyLesson | LessonDay | Holiday:
    match one:
        case Weekly():
            return WeeklyLesson(
                source=source,
                classroom_id=one.classroom,
                weekday=one.weekday,
                starts=one.starts,
                minutes=one.minutes,
                first_day=one.first_day,
                last_day=one.last_day,
                weeks=one.weeks,
            )
        case Day():
            return LessonDay(
                source=source,
                classroom_id=one.classroom,
                kind=one.kind,
                day=one.day,
                starts=one.starts,
                minutes=one.minutes,
            )
        case Holidays():
            return Holiday(
                source=source,
                site_id=one.site,
                title=one.title,
                first_day=one.first_day,
                last_day=one.last_day,
            )
