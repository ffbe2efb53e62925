"""A school year in moments: when assignments are handed out and due, when works come in. Pure.

Called by `made_up.works`. Local times are naive until the last step: all is of one time zone.
"""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

_SATURDAY = 5
_DUE_HOURS = (18, 20, 21)
_HOLIDAYS = (((10, 25), (11, 1)), ((12, 26), (12, 31)), ((1, 1), (1, 8)), ((3, 23), (3, 31)))
"""Weeks that begin from the one to the other, as (month, day): nothing is handed out."""


def first_day(year: int) -> date:
    """The school year's first day."""
    return date(year, 9, 1)


def last_day(year: int) -> date:
    """The school year's last day."""
    return date(year + 1, 5, 31)


def weeks(year: int) -> list[date]:
    """The Mondays of the weeks in which something may be handed out, to be done within the year."""
    monday = first_day(year)
    monday += timedelta(days=-monday.weekday() % 7)
    found = []
    while monday <= last_day(year) - timedelta(days=20):
        today = (monday.month, monday.day)
        if not any(begin <= today <= end for begin, end in _HOLIDAYS):
            found.append(monday)
        monday += timedelta(days=7)
    return found


class Clock:
    """Moments of one random source in one time zone."""

    def __init__(self, rng: Random, timezone: str) -> None:
        self._rng = rng
        self._zone = ZoneInfo(timezone)

    def utc(self, local: datetime) -> datetime:
        """The moment that this local time is."""
        return local.replace(tzinfo=self._zone).astimezone(UTC)

    def released(self, monday: date) -> datetime:
        """Somewhere in the lessons of this week."""
        return self._on(monday + timedelta(days=self._rng.randrange(5)), 8.5, 14)

    def due(self, released: datetime) -> datetime:
        """The evening of a school day, a week or a little more later."""
        day = released.date() + timedelta(days=self._rng.randint(7, 11))
        if day.weekday() >= _SATURDAY:
            day -= timedelta(days=day.weekday() - _SATURDAY + 1)
        return datetime.combine(day, time(self._rng.choice(_DUE_HOURS)))

    def corrected(self, released: datetime) -> datetime:
        """When a mistake in the assignment was mended: in the next lesson but one."""
        return self._on(released.date() + timedelta(days=2), 8.5, 14)

    def in_time(self, released: datetime, due: datetime) -> datetime:
        """When a work comes: in lessons and in the evening, most of them in the last days."""
        days = (due.date() - released.date()).days
        day = due.date() - timedelta(days=min(days, int(self._rng.expovariate(1 / 2.5))))
        moment = self._awake(day)
        if moment > due:
            moment = self._on(day, 8.5, due.hour)
        return moment if moment > released else self._on(released.date(), 14.1, 21.5)

    def late(self, due: datetime) -> datetime:
        """A day or some days after the deadline."""
        return self._awake(due.date() + timedelta(days=self._rng.randint(1, 6)))

    def again(self, before: datetime) -> datetime:
        """When the same pupil hands in once more: soon, or on the next day."""
        if self._rng.random() < 0.7:
            return before + timedelta(seconds=self._rng.uniform(90, 1200))
        return self._awake(before.date() + timedelta(days=1))

    def _awake(self, day: date) -> datetime:
        in_lesson = day.weekday() < _SATURDAY and self._rng.random() < 0.45
        return self._on(day, 8.5, 14.5) if in_lesson else self._on(day, 14.5, 21.5)

    def _on(self, day: date, begin: float, end: float) -> datetime:
        """Between these hours."""
        seconds = self._rng.uniform(begin * 3600, end * 3600)
        return datetime.combine(day, time()) + timedelta(seconds=seconds)
