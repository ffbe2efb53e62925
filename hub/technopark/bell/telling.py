"""The timetable and the forecast as lines for a terminal. Called by `commands`; in English."""

from datetime import datetime
from typing import Any

from technopark.bell.calendar import Day, Holidays, Lesson, Part, Said, Timetable, Weekly
from technopark.bell.capacity import Machine, gigabytes
from technopark.bell.forecast import Week

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BAR = 8
"""Characters of a full bar."""


def words(part: Part) -> str:
    """One thing that is said, as a line."""
    match part:
        case Weekly():
            weeks = "" if part.weeks == "all" else f", {part.weeks} weeks"
            since = f", from {part.first_day}" if part.first_day else ""
            until = f", until {part.last_day}" if part.last_day else ""
            return (
                f"{part.classroom:20} {_WEEKDAYS[part.weekday]} {part.starts:%H:%M}, "
                f"{part.minutes} min{weeks}{since}{until}"
            )
        case Day(kind="cancelled"):
            what = f"{part.starts:%H:%M}" if part.starts else "all lessons"
            return f"{part.classroom:20} {part.day} {what} cancelled"
        case Day():
            starts = f"{part.starts:%H:%M}" if part.starts else ""
            also = ", also in holidays" if part.kind == "added" else ""
            return f"{part.classroom:20} {part.day} {starts}, {part.minutes} min{also}"
        case Holidays():
            days = f"{part.first_day} to {part.last_day}"
            return f"{'no lessons':20} {days} {part.site or 'everywhere'} {part.title}".rstrip()


def sorted_parts(said: Said) -> list[Part]:
    """What is said, in an order that people can follow."""

    def order(part: Part) -> tuple[Any, ...]:
        match part:
            case Weekly():
                return 0, part.classroom, part.weekday, part.starts.isoformat()
            case Day():
                return 1, part.day, part.classroom, str(part.starts)
            case Holidays():
                return 2, part.first_day, part.site or "", ""

    return sorted(said.parts, key=order)


def lesson(one: Lesson, table: Timetable, pupils: int, begins: datetime | None) -> str:
    """A lesson that comes, in its site's time."""
    zone = table.places[one.classroom].zone
    first, last = one.starts.astimezone(zone), one.ends.astimezone(zone)
    warm = f"servers from {begins.astimezone(zone):%H:%M:%S}" if begins else "it is on"
    return (
        f"{_WEEKDAYS[first.weekday()]} {first:%Y-%m-%d %H:%M}-{last:%H:%M}  {one.classroom:20} "
        f"{pupils:3} pupils, {warm}"
    )


def week(forecast: Week, machine: Machine) -> str:
    """The forecast as a table of hours and days, in GB."""
    head = "      " + "".join(
        f"{_WEEKDAYS[day.weekday()]} {day:%d.%m}".ljust(12) for day in forecast.days
    )
    lines = [f"Memory for servers: {gigabytes(machine.room)} GB", "", head.rstrip()]
    for hour, cells in forecast.rows:
        shown = ""
        for cell in cells:
            if cell is None:
                shown += " " * 12
                continue
            mark = "!" if cell.is_too_much else " "
            bar = "#" * max(1, min(_BAR, round(cell.share * _BAR)))
            shown += f"{gigabytes(cell.needs)}{mark}{bar}"[:11].ljust(12)
        lines.append(f"{hour:%H:%M} {shown}".rstrip())
    if not forecast.rows:
        lines.append("No lessons in the coming week.")
    return "\n".join(lines)
