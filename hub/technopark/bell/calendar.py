"""When lessons are: weekly lessons, days that differ and holidays become moments. Pure.

Called by `timetable` (which reads the store), by the import's check of capacity and by tests. Days
and times are those on the wall of the classroom's site; moments are UTC.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from technopark.store import DayKind, Weeks

_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Lesson:
    """One lesson: a classroom, from when until when."""

    starts: datetime
    ends: datetime
    classroom: str

    @property
    def key(self) -> str:
        """What names it; a lesson at another time is another lesson."""
        return f"{self.classroom}@{self.starts:%Y%m%dT%H%MZ}"


@dataclass(frozen=True)
class Place:
    """What the calendar needs to know of a classroom."""

    site: str
    zone: ZoneInfo


@dataclass(frozen=True)
class Weekly:
    """A lesson of every week, or of every other one."""

    classroom: str
    weekday: int
    starts: time
    minutes: int
    first_day: date | None = None
    last_day: date | None = None
    weeks: Weeks = "all"

    def is_on(self, day: date) -> bool:
        """Whether the lesson is on this day, if nothing else is said of it."""
        return (
            day.weekday() == self.weekday
            and (self.first_day is None or self.first_day <= day)
            and (self.last_day is None or day <= self.last_day)
            and (self.weeks == "all" or (self.weeks == "odd") == bool(day.isocalendar().week % 2))
        )


@dataclass(frozen=True)
class Day:
    """What is said of one day of a classroom; see `store.LessonDay`."""

    classroom: str
    kind: DayKind
    day: date
    starts: time | None
    minutes: int = 0


@dataclass(frozen=True)
class Holidays:
    """Days without lessons; `site` None: in the whole park."""

    site: str | None
    first_day: date
    last_day: date
    title: str = ""


Part = Weekly | Day | Holidays


@dataclass(frozen=True)
class Said:
    """What somebody, such as a file, says about lessons."""

    weekly: tuple[Weekly, ...] = ()
    days: tuple[Day, ...] = ()
    holidays: tuple[Holidays, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is no lesson in it, ever."""
        return not self.weekly and not any(day.kind != "cancelled" for day in self.days)

    @property
    def parts(self) -> tuple[Part, ...]:
        """All that is said, one after the other."""
        return (*self.weekly, *self.days, *self.holidays)


def said_by(parts: Iterable[Part]) -> Said:
    """All parts of what somebody says, each once."""
    found = list(dict.fromkeys(parts))
    return Said(
        tuple(one for one in found if isinstance(one, Weekly)),
        tuple(one for one in found if isinstance(one, Day)),
        tuple(one for one in found if isinstance(one, Holidays)),
    )


@dataclass(frozen=True)
class Timetable:
    """All that is said about lessons, and where they are."""

    places: Mapping[str, Place]
    said: Said = Said()

    def lessons(self, since: datetime, until: datetime) -> list[Lesson]:
        """The lessons that are not over at `since` and start before `until`, in order."""
        first = since.astimezone(UTC).date() - 2 * _DAY
        days = (until.astimezone(UTC).date() - first).days + 2
        found = {
            lesson
            for number in range(days)
            for lesson in self._on(first + number * _DAY)
            if since < lesson.ends and lesson.starts < until
        }
        return sorted(found)

    def _on(self, day: date) -> Iterator[Lesson]:
        said = [each for each in self.said.days if each.day == day]
        off = {(each.classroom, each.starts) for each in said if each.kind == "cancelled"}
        usual = [
            (one.classroom, one.starts, one.minutes) for one in self.said.weekly if one.is_on(day)
        ]
        usual += [
            (one.classroom, one.starts, one.minutes)
            for one in said
            if one.kind == "dated" and one.starts
        ]
        for classroom, starts, minutes in usual:
            if (
                classroom in self.places
                and not self._is_holiday(classroom, day)
                and not {(classroom, starts), (classroom, None)} & off
            ):
                yield self._lesson(classroom, day, starts, minutes)
        for one in said:
            if one.kind == "added" and one.starts and one.classroom in self.places:
                yield self._lesson(one.classroom, day, one.starts, one.minutes)

    def _is_holiday(self, classroom: str, day: date) -> bool:
        site = self.places[classroom].site
        return any(
            holiday.site in (None, site) and holiday.first_day <= day <= holiday.last_day
            for holiday in self.said.holidays
        )

    def _lesson(self, classroom: str, day: date, starts: time, minutes: int) -> Lesson:
        # An hour that a clock skips in spring is the next one (PEP 495, fold 0).
        local = datetime.combine(day, starts, tzinfo=self.places[classroom].zone)
        first = local.astimezone(UTC)
        return Lesson(first, first + timedelta(minutes=minutes), classroom)
