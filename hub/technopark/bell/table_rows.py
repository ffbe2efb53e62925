"""One row of a timetable's table: its cells in words, and what it says of lessons.

Called by `table`. A wrong cell is a `ValueError` with a sentence; the line is the caller's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from technopark.bell.calendar import Day, Holidays, Part, Place, Weekly
from technopark.store import Weeks

COLUMNS = {
    "what": ("what", "что"),
    "classroom": ("classroom", "класс", "группа"),
    "weekday": ("weekday", "день недели", "день"),
    "date": ("date", "дата"),
    "starts": ("starts", "начало"),
    "minutes": ("minutes", "минут", "минуты"),
    "from": ("from", "с"),
    "until": ("until", "по"),
    "weeks": ("weeks", "недели"),
    "new_date": ("new_date", "новая дата"),
    "new_starts": ("new_starts", "новое начало"),
    "site": ("site", "школа"),
    "title": ("title", "название"),
}
_WHAT = {
    "": "lesson",
    "урок": "lesson",
    "отмена": "cancelled",
    "отменён": "cancelled",
    "отменен": "cancelled",
    "добавлен": "added",
    "дополнительно": "added",
    "перенос": "moved",
    "каникулы": "holiday",
    "праздник": "holiday",
}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAYS_RU = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
_DAY_BEGINNINGS = (
    *(("monday", "понедельник"), ("tuesday", "вторник"), ("wednesday", "среда")),
    *(("thursday", "четверг"), ("friday", "пятница"), ("saturday", "суббота")),
    ("sunday", "воскресенье"),
)
_WEEKS: dict[str, Weeks] = {
    **dict.fromkeys(("", "all", "все"), "all"),
    **dict.fromkeys(("odd", "нечётные", "нечетные"), "odd"),
    **dict.fromkeys(("even", "чётные", "четные"), "even"),
}
_LONGEST = 600
"""Minutes of a lesson; a longer one is a slip of the pen."""


@dataclass(frozen=True)
class Row:
    """One line of a table, by our names of the columns."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")

    def needed(self, name: str) -> str:
        """A cell that must not be empty."""
        if not self[name]:
            raise ValueError(f"the column {name} (or «{COLUMNS[name][-1]}») is empty")
        return self[name]


def read_row(row: Row, places: Mapping[str, Place]) -> list[Part]:
    """What a row says.

    Args:
        row: its cells.
        places: the classrooms that there are.

    Raises:
        ValueError: a cell is wrong; says which, and what was expected.
    """
    what = row["what"].lower()
    what = _WHAT.get(what, what)
    if what == "holiday":
        return [_holiday(row, {place.site for place in places.values()})]
    if what not in _READERS:
        raise ValueError(f"expected {', '.join([*_READERS, 'holiday'])}, not '{row['what']}'")
    if row.needed("classroom") not in places:
        raise ValueError(f"there is no classroom '{row['classroom']}'")
    return _READERS[what](row)


def _lesson(row: Row) -> list[Part]:
    first, last = _day(row, "from"), _day(row, "until")
    if first and last and last < first:
        raise ValueError(f"the lesson ends on {last}, before it begins on {first}")
    weekday, weeks = _weekday(row.needed("weekday")), _weeks(row["weeks"])
    return [Weekly(row["classroom"], weekday, _starts(row), _minutes(row), first, last, weeks)]


def _cancelled(row: Row) -> list[Part]:
    starts = _time(row["starts"]) if row["starts"] else None
    return [Day(row["classroom"], "cancelled", _needed_day(row, "date"), starts)]


def _added(row: Row) -> list[Part]:
    return [Day(row["classroom"], "added", _needed_day(row, "date"), _starts(row), _minutes(row))]


def _dated(row: Row) -> list[Part]:
    return [Day(row["classroom"], "dated", _needed_day(row, "date"), _starts(row), _minutes(row))]


def _moved(row: Row) -> list[Part]:
    day, starts = _needed_day(row, "date"), _starts(row)
    new_day = _day(row, "new_date") or day
    new_starts = _time(row["new_starts"]) if row["new_starts"] else starts
    if (new_day, new_starts) == (day, starts):
        raise ValueError("a moved lesson needs a new_date, a new_starts or both")
    room = row["classroom"]
    return [
        Day(room, "cancelled", day, starts),
        Day(room, "added", new_day, new_starts, _minutes(row)),
    ]


def _holiday(row: Row, sites: set[str]) -> Holidays:
    first = _needed_day(row, "from")
    last = _day(row, "until") or first
    if last < first:
        raise ValueError(f"the holidays end on {last}, before they begin on {first}")
    if row["site"] and row["site"] not in sites:
        raise ValueError(f"no classroom is at a site '{row['site']}'")
    return Holidays(row["site"] or None, first, last, row["title"])


_READERS: dict[str, Callable[[Row], list[Part]]] = {
    "lesson": _lesson,
    "cancelled": _cancelled,
    "added": _added,
    "moved": _moved,
    "dated": _dated,
}
"""By what a row is about."""


def _weekday(text: str) -> int:
    wanted = text.lower()
    for number, names in enumerate(_DAY_BEGINNINGS):
        short = (WEEKDAYS[number], _WEEKDAYS_RU[number], str(number + 1))
        if wanted in names or wanted in short:
            return number
    raise ValueError(f"expected a day of the week such as mon or пн, not '{text}'")


def _weeks(text: str) -> Weeks:
    wanted = _WEEKS.get(text.lower())
    if wanted is None:
        raise ValueError(f"expected all, odd or even weeks, not '{text}'")
    return wanted


def _needed_day(row: Row, name: str) -> date:
    row.needed(name)
    day = _day(row, name)
    assert day  # noqa: S101  # it is not empty
    return day


def _day(row: Row, name: str) -> date | None:
    text = row[name]
    if not text:
        return None
    for style in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, style).date()  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
    raise ValueError(f"expected a day such as 2026-09-01 or 01.09.2026 in {name}, not '{text}'")


def _starts(row: Row) -> time:
    return _time(row.needed("starts"))


def _time(text: str) -> time:
    try:
        return datetime.strptime(text.replace(".", ":"), "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        raise ValueError(f"expected a time of day such as 10:00, not '{text}'") from None


def _minutes(row: Row) -> int:
    text = row.needed("minutes")
    if not text.isdecimal() or not 0 < int(text) <= _LONGEST:
        raise ValueError(f"expected the minutes of a lesson, 1 to {_LONGEST}, not '{text}'")
    return int(text)
