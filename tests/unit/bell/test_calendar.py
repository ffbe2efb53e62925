"""When lessons are: weeks, days that differ, holidays, and clocks that are put forward and back."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technopark.bell.calendar import Day, Holidays, Lesson, Part, Place, Timetable, Weekly, said_by

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
PLACES = {"data-6a": Place("north", MOSCOW), "robots-5b": Place("south", BERLIN)}
TEN = time(10)
TUESDAY = Weekly("data-6a", 1, TEN, 45)


def starts(*parts: Part, since: str, until: str) -> list[str]:
    """The lessons between two days, as their sites' clocks show them."""
    first = datetime.fromisoformat(since).replace(tzinfo=UTC)
    last = datetime.fromisoformat(until).replace(tzinfo=UTC)
    return [
        f"{lesson.starts.astimezone(PLACES[lesson.classroom].zone):%Y-%m-%d %H:%M}"
        for lesson in Timetable(PLACES, said_by(parts)).lessons(first, last)
    ]


def test_a_weekly_lesson_comes_back_every_week_between_its_first_and_last_day() -> None:
    lesson = Weekly("data-6a", 1, TEN, 45, date(2026, 9, 8), date(2026, 9, 22))
    assert starts(lesson, since="2026-09-01", until="2026-10-01") == [
        "2026-09-08 10:00",
        "2026-09-15 10:00",
        "2026-09-22 10:00",
    ]


def test_lessons_of_odd_and_even_weeks_take_turns() -> None:
    odd = Weekly("data-6a", 1, TEN, 45, weeks="odd")
    even = Weekly("data-6a", 1, TEN, 45, weeks="even")
    assert starts(odd, since="2026-09-01", until="2026-09-20") == ["2026-09-08 10:00"]
    assert starts(even, since="2026-09-01", until="2026-09-20") == [
        "2026-09-01 10:00",
        "2026-09-15 10:00",
    ]


def test_the_clock_on_the_wall_counts_also_after_it_was_put_back() -> None:
    lesson = Weekly("robots-5b", 0, TEN, 45)
    found = Timetable(PLACES, said_by([lesson])).lessons(
        datetime(2026, 10, 19, tzinfo=UTC), datetime(2026, 10, 27, tzinfo=UTC)
    )
    assert [one.starts.hour for one in found] == [8, 9], "UTC, before and after the change"
    assert {one.ends - one.starts for one in found} == {timedelta(minutes=45)}


def test_an_hour_that_does_not_exist_is_the_next_one() -> None:
    lesson = Weekly("robots-5b", 6, time(2, 30), 45)
    assert starts(lesson, since="2026-03-29", until="2026-03-30") == ["2026-03-29 03:30"]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (Day("data-6a", "cancelled", date(2026, 9, 8), TEN), ["2026-09-01 10:00"]),
        (Day("data-6a", "cancelled", date(2026, 9, 8), None), ["2026-09-01 10:00"]),
        (
            Day("data-6a", "cancelled", date(2026, 9, 8), time(11)),
            ["2026-09-01 10:00", "2026-09-08 10:00"],
        ),
        (Holidays(None, date(2026, 9, 7), date(2026, 9, 9)), ["2026-09-01 10:00"]),
        (Holidays("north", date(2026, 9, 8), date(2026, 9, 8)), ["2026-09-01 10:00"]),
        (
            Holidays("south", date(2026, 9, 8), date(2026, 9, 8)),
            ["2026-09-01 10:00", "2026-09-08 10:00"],
        ),
    ],
)
def test_what_is_said_of_a_day_goes_before_the_week(change: Part, left: list[str]) -> None:
    assert starts(TUESDAY, change, since="2026-09-01", until="2026-09-10") == left


def test_an_added_lesson_is_also_in_holidays_and_a_dated_one_is_not() -> None:
    off = Holidays(None, date(2026, 9, 1), date(2026, 9, 9))
    added = Day("data-6a", "added", date(2026, 9, 3), TEN, 45)
    dated = Day("data-6a", "dated", date(2026, 9, 4), TEN, 45)
    assert starts(off, added, dated, since="2026-09-01", until="2026-09-10") == ["2026-09-03 10:00"]


def test_a_closed_classroom_has_no_lessons() -> None:
    gone = Weekly("gone", 1, TEN, 45)
    assert starts(gone, since="2026-09-01", until="2026-09-10") == []


def test_a_lesson_that_is_on_belongs_to_what_is_asked_for() -> None:
    table = Timetable(PLACES, said_by([TUESDAY]))
    middle = datetime(2026, 9, 1, 7, 30, tzinfo=UTC)
    assert table.lessons(middle, middle) == [
        Lesson(
            datetime(2026, 9, 1, 7, tzinfo=UTC), datetime(2026, 9, 1, 7, 45, tzinfo=UTC), "data-6a"
        )
    ]


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001  # aware by `timezones`
weekly_lessons = st.builds(
    Weekly,
    st.sampled_from(sorted(PLACES)),
    st.integers(0, 6),
    st.times(),
    st.integers(1, 600),
    weeks=st.sampled_from(["all", "odd", "even"]),
)


@given(st.lists(weekly_lessons, max_size=6), moments, st.integers(0, 20), st.integers(0, 20))
def test_asking_for_two_times_finds_what_asking_for_both_finds(
    weekly: list[Weekly], since: datetime, first: int, second: int
) -> None:
    table = Timetable(PLACES, said_by(weekly))
    middle, until = since + timedelta(days=first), since + timedelta(days=first + second)
    both = {*table.lessons(since, middle), *table.lessons(middle, until)}
    assert both == set(table.lessons(since, until)) | {
        lesson for lesson in table.lessons(middle, until) if lesson.ends <= since
    }
