"""The timetable as a calendar (iCalendar, .ics), as calendars of schools and phones export it.

Called by `commands`. A calendar is taken wholly or not at all: every wrong event is named.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import recurring_ical_events

from technopark.bell.calendar import Day, Place, Said, said_by
from technopark.yamlfile import FileError

CLASSROOM = "X-TECHNOPARK-CLASSROOM"
"""The property of an event, or of the whole calendar, that names its classroom."""

AHEAD = timedelta(days=400)
"""So far events are taken over: a school's year."""
_BEFORE = timedelta(days=7)
_LONGEST = timedelta(hours=10)


def is_calendar(path: Path) -> bool:
    """Whether a file says by its name that it is a calendar."""
    return path.suffix.lower() in (".ics", ".ical", ".ifb", ".icalendar")


def read_calendar(
    path: Path, places: Mapping[str, Place], now: datetime, classroom: str = ""
) -> tuple[Said, list[str]]:
    """The lessons in a calendar, each on its day, and what else is to be told of it.

    An event's classroom is `classroom` where given; else what its property X-TECHNOPARK-CLASSROOM
    or the calendar's names; else the one of its CATEGORIES that is a classroom's id; else the first
    word of its SUMMARY that is one. Events of whole days are no lessons.

    Args:
        path: the file.
        places: the classrooms that there are.
        now: events from a week before until `AHEAD` are taken over.
        classroom: whose lessons all events are.

    Raises:
        FileError: the file or some of its events cannot be used; a line for each.
    """
    calendar, text = _parsed(path)
    whole = classroom or str(calendar.get(CLASSROOM, ""))
    try:
        events = recurring_ical_events.of(calendar).between(now - _BEFORE, now + AHEAD)
    except (ValueError, TypeError) as error:
        raise FileError(f"{path}: holds an event that cannot be understood: {error}") from None
    found: list[Day] = []
    problems: dict[str, None] = {}
    left_out = 0
    for event in events:
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        if not isinstance(event["DTSTART"].dt, datetime):
            left_out += 1
            continue
        try:
            found.append(_lesson(event, whole or _classroom(event, places), places))
        except ValueError as problem:
            problems[f"{path}:{_line(text, event)}: {_called(event)}: {problem}"] = None
    if problems:
        raise FileError("\n".join([*problems, f"{path}: nothing was imported"]))
    notes = [f"{left_out} events of whole days were left out."] if left_out else []
    return said_by(found), notes


def _parsed(path: Path) -> tuple[Any, Sequence[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise FileError(f"{path}: is not UTF-8 text") from None
    try:
        return icalendar.Calendar.from_ical(text), text.splitlines()
    except (ValueError, IndexError) as error:
        raise FileError(f"{path}: is not a calendar (iCalendar): {error}") from None


def _lesson(event: Any, classroom: str, places: Mapping[str, Place]) -> Day:
    if classroom not in places:
        raise ValueError(f"there is no classroom '{classroom}'")
    zone = places[classroom].zone
    first, last = _local(event["DTSTART"].dt, zone), _local(event["DTEND"].dt, zone)
    if not timedelta(minutes=1) <= last - first <= _LONGEST:
        raise ValueError(f"a lesson lasts from a minute to ten hours, not {last - first}")
    day: date = first.date()
    starts = first.time().replace(tzinfo=None, second=0, microsecond=0)
    return Day(classroom, "dated", day, starts, round((last - first).total_seconds() / 60))


def _local(moment: datetime, zone: Any) -> datetime:
    """A moment on the wall of the site; one without a zone is there already."""
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def _classroom(event: Any, places: Mapping[str, Place]) -> str:
    if named := str(event.get(CLASSROOM, "")).strip():
        return named
    candidates = [*_categories(event), *str(event.get("SUMMARY", "")).split()]
    known = [word for word in (one.strip(" ,.;:()[]") for one in candidates) if word in places]
    if not known:
        raise ValueError(
            f"names no classroom: give it {CLASSROOM}, a category or a title with the classroom's "
            "id, or say --classroom for the whole file"
        )
    return known[0]


def _categories(event: Any) -> list[str]:
    given = event.get("CATEGORIES", [])
    return [
        str(name)
        for one in (given if isinstance(given, list) else [given])
        for name in getattr(one, "cats", [one])
    ]


def _called(event: Any) -> str:
    title = event.get("SUMMARY", "an event without a title")
    return f"'{title}' ({event['DTSTART'].dt:%Y-%m-%d %H:%M})"


def _line(text: Sequence[str], event: Any) -> int:
    """The line on which the event's name stands (its UID), or the first one."""
    uid = f"UID:{event.get('UID', '')}"
    return next((number for number, line in enumerate(text, 1) if line.strip() == uid), 1)
