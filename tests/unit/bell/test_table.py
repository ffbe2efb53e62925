"""A school's timetable as a table: what is taken, what is refused and how that is told."""

from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from technopark.bell.calendar import Day, Holidays, Part, Place, Said, Weekly, said_by
from technopark.bell.table import read_table, write_table
from technopark.settings import SOURCE
from technopark.yamlfile import FileError

MOSCOW = ZoneInfo("Europe/Moscow")
PLACES = {
    "data-6a": Place("gymnasium", MOSCOW),
    "robots-5b": Place("ftsh", MOSCOW),
    "bio-7v": Place("school-01", MOSCOW),
}
DAY = date(2026, 11, 25)


def read(folder: Path, text: str, encoding: str = "utf-8") -> Said:
    file = folder / "table.csv"
    file.write_text(text, encoding=encoding)
    return read_table(file, PLACES)


def refusal(folder: Path, text: str) -> list[str]:
    with pytest.raises(FileError) as told:
        read(folder, text)
    return [line.removeprefix(f"{folder}/table.csv") for line in str(told.value).splitlines()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
def test_a_table_from_a_russian_spreadsheet(tmp_path: Path, encoding: str) -> None:
    text = (
        "Класс;День недели;Начало;Минут;С;По;Недели\n"
        "data-6a;Вторник;10:00;45;01.09.2026;31.05.2027;\n"
        "robots-5b;пт;9.00;90;;;нечётные\n"
    )
    assert read(tmp_path, text, encoding).weekly == (
        Weekly("data-6a", 1, time(10), 45, date(2026, 9, 1), date(2027, 5, 31)),
        Weekly("robots-5b", 4, time(9), 90, weeks="odd"),
    )


def test_what_is_said_of_single_days(tmp_path: Path) -> None:
    text = (
        "what,classroom,date,starts,minutes,new_date,new_starts,from,until,site,title\n"
        "# a comment\n\n"
        "cancelled,data-6a,2026-11-25,10:00\n"
        "added,data-6a,2026-11-25,15:00,30\n"
        "moved,robots-5b,2026-11-25,10:00,45,2026-11-26,11:00\n"
        "holiday,,,,,,,2026-12-28,2027-01-10,gymnasium,New Year\n"
    )
    said = read(tmp_path, text)
    assert said.days == (
        Day("data-6a", "cancelled", DAY, time(10)),
        Day("data-6a", "added", DAY, time(15), 30),
        Day("robots-5b", "cancelled", DAY, time(10)),
        Day("robots-5b", "added", date(2026, 11, 26), time(11), 45),
    )
    assert said.holidays == (
        Holidays("gymnasium", date(2026, 12, 28), date(2027, 1, 10), "New Year"),
    )


def test_every_wrong_row_is_named_by_its_line(tmp_path: Path) -> None:
    text = (
        "what;classroom;weekday;starts;minutes;from;until;date\n"
        "lesson;data-7a;tue;10:00;45\n"
        "lesson;data-6a;someday;10:00;45\n"
        "lesson;data-6a;tue;25:00;45\n"
        "lesson;data-6a;tue;10:00;0\n"
        "lesson;data-6a;tue;10:00;45;2026-09-01;2026-08-01\n"
        "lesson;data-6a;tue;11:00;45\n"
        "lesson;data-6a;tue;11:00;45\n"
        "lesson;data-6a;tue;11:00;40\n"
        "party;data-6a;tue;10:00;45\n"
        "added;data-6a;;10:00;45;;;tomorrow\n"
        "lesson;data-6a;tue;10:00;\n"
        "holiday\n"
    )
    assert refusal(tmp_path, text) == [
        ":2: there is no classroom 'data-7a'",
        ":3: expected a day of the week such as mon or пн, not 'someday'",
        ":4: expected a time of day such as 10:00, not '25:00'",
        ":5: expected the minutes of a lesson, 1 to 600, not '0'",
        ":6: the lesson ends on 2026-08-01, before it begins on 2026-09-01",
        ":8: this stands on line 7 already",
        ":9: line 7 says something else about the same lesson",
        ":10: expected lesson, cancelled, added, moved, dated, holiday, not 'party'",
        ":11: expected a day such as 2026-09-01 or 01.09.2026 in date, not 'tomorrow'",
        ":12: the column minutes (or «минуты») is empty",
        ":13: the column from (or «с») is empty",
        ": nothing was imported",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ":1: expected a heading row, such as classroom;weekday;starts"),
        ("classroom;wekday\n", ":1: no such column: wekday; there are what, classroom, weekday"),
        ('# only\n\nclassroom;weekday\ndata-6a;"tue\n', ":4: is not CSV"),
    ],
)
def test_a_file_that_is_no_table(tmp_path: Path, text: str, told: str) -> None:
    assert refusal(tmp_path, text)[0].startswith(told)


def test_the_example_can_be_imported() -> None:
    said = read_table(SOURCE / "config" / "timetable.csv", PLACES)
    assert {one.classroom for one in said.weekly} == set(PLACES)
    assert said.days
    assert said.holidays


days = st.dates(date(2026, 1, 1), date(2030, 1, 1))
minutes = st.times().map(lambda one: one.replace(second=0, microsecond=0))
rooms = st.sampled_from(sorted(PLACES))
parts = st.one_of(
    st.builds(
        Weekly,
        rooms,
        st.integers(0, 6),
        minutes,
        st.integers(1, 600),
        st.none(),
        st.one_of(st.none(), days),
        st.sampled_from(["all", "odd", "even"]),
    ),
    st.builds(Day, rooms, st.just("cancelled"), days, st.one_of(st.none(), minutes)),
    st.builds(Day, rooms, st.sampled_from(["added", "dated"]), days, minutes, st.integers(1, 600)),
    st.builds(
        Holidays,
        st.sampled_from([None, "ftsh"]),
        days,
        st.just(date(2031, 1, 1)),
        st.sampled_from(["", "Новый год; и «Рождество»", 'a "quoted" one']),
    ),
)


def same(part: Part) -> object:
    match part:
        case Weekly():
            return part.classroom, part.weekday, part.starts, part.weeks, part.last_day
        case Day():
            return part.classroom, part.day, part.starts, part.kind == "cancelled"
    return part


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(parts, unique_by=same, max_size=8))
def test_what_is_written_is_read_back(tmp_path: Path, wanted: list[Part]) -> None:
    said = said_by(wanted)
    assert set(read(tmp_path, write_table(said)).parts) == set(said.parts)
