"""A school's calendar: which events are whose lessons, and when."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from technopark.bell.calendar import Day, Place
from technopark.bell.icalendars import read_calendar
from technopark.yamlfile import FileError

PLACES = {
    "data-6a": Place("north", ZoneInfo("Europe/Moscow")),
    "robots-5b": Place("south", ZoneInfo("Asia/Yekaterinburg")),
}
NOW = datetime(2026, 11, 20, tzinfo=UTC)
WEEKLY = """\
DTSTART;TZID=Europe/Moscow:20261124T100000
DTEND;TZID=Europe/Moscow:20261124T104500
RRULE:FREQ=WEEKLY;COUNT=3
EXDATE;TZID=Europe/Moscow:20261201T100000
"""
ONCE = "DTSTART:20261124T070000Z\nDURATION:PT45M\n"


def calendar(folder: Path, *events: str, head: str = "") -> Path:
    file = folder / "school.ics"
    bodies = "".join(
        f"BEGIN:VEVENT\nUID:event-{number}\nDTSTAMP:20260901T000000Z\n{event}END:VEVENT\n"
        for number, event in enumerate(events)
    )
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n{head}{bodies}END:VCALENDAR\n"
    file.write_text(text.replace("\n", "\r\n"), encoding="utf-8")
    return file


def test_an_event_that_comes_back_is_a_lesson_on_each_of_its_days(tmp_path: Path) -> None:
    file = calendar(tmp_path, f"SUMMARY:data-6a: first data\n{WEEKLY}")
    said, notes = read_calendar(file, PLACES, NOW)
    assert said.days == (
        Day("data-6a", "dated", date(2026, 11, 24), time(10), 45),
        Day("data-6a", "dated", date(2026, 12, 8), time(10), 45),
    )
    assert notes == []


@pytest.mark.parametrize(
    ("event", "head", "classroom"),
    [
        ("SUMMARY:Робот\nX-TECHNOPARK-CLASSROOM:robots-5b\n", "", "robots-5b"),
        ("SUMMARY:Робот\nCATEGORIES:школа,robots-5b\n", "", "robots-5b"),
        ("SUMMARY:Робот (robots-5b)\n", "", "robots-5b"),
        ("SUMMARY:Робот\n", "X-TECHNOPARK-CLASSROOM:robots-5b\n", "robots-5b"),
        ("SUMMARY:data-6a\nCATEGORIES:robots-5b\n", "", "robots-5b"),
    ],
)
def test_whose_lesson_it_is(tmp_path: Path, event: str, head: str, classroom: str) -> None:
    said, _ = read_calendar(calendar(tmp_path, event + ONCE, head=head), PLACES, NOW)
    assert said.days == (Day(classroom, "dated", date(2026, 11, 24), time(12), 45),), (
        "the clock of its own site"
    )


def test_a_calendar_may_be_one_classrooms(tmp_path: Path) -> None:
    said, _ = read_calendar(calendar(tmp_path, f"SUMMARY:Робот\n{ONCE}"), PLACES, NOW, "data-6a")
    assert said.days == (Day("data-6a", "dated", date(2026, 11, 24), time(10), 45),)


def test_a_moved_and_a_cancelled_repetition(tmp_path: Path) -> None:
    moved = (
        "SUMMARY:data-6a\nRECURRENCE-ID;TZID=Europe/Moscow:20261208T100000\n"
        "DTSTART;TZID=Europe/Moscow:20261209T120000\nDTEND;TZID=Europe/Moscow:20261209T124500\n"
    )
    file = calendar(
        tmp_path, f"SUMMARY:data-6a\n{WEEKLY}", f"SUMMARY:data-6a\nSTATUS:CANCELLED\n{ONCE}"
    )
    text = file.read_text("utf-8")
    end = text.index("END:VCALENDAR")
    event = f"BEGIN:VEVENT\nUID:event-0\nDTSTAMP:20260901T000000Z\n{moved}END:VEVENT\n"
    file.write_text(text[:end] + event.replace("\n", "\r\n") + text[end:], "utf-8", newline="")
    said, _ = read_calendar(file, PLACES, NOW)
    assert [(one.day, one.starts) for one in said.days] == [
        (date(2026, 11, 24), time(10)),
        (date(2026, 12, 9), time(12)),
    ]


def test_whole_days_are_left_out_and_told(tmp_path: Path) -> None:
    file = calendar(tmp_path, "SUMMARY:Каникулы\nDTSTART;VALUE=DATE:20261228\n")
    said, notes = read_calendar(file, PLACES, NOW)
    assert said.is_empty
    assert notes == ["1 events of whole days were left out."]


def test_an_event_without_a_classroom_is_named_by_its_line(tmp_path: Path) -> None:
    file = calendar(tmp_path, f"SUMMARY:data-6a\n{ONCE}", f"SUMMARY:Математика\n{ONCE}")
    with pytest.raises(FileError) as told:
        read_calendar(file, PLACES, NOW)
    first, last = str(told.value).splitlines()
    assert first.startswith(
        f"{file}:12: 'Математика' (2026-11-24 07:00): names no classroom: give it X-TECHNOPARK"
    )
    assert last == f"{file}: nothing was imported"


def test_what_is_no_calendar(tmp_path: Path) -> None:
    file = tmp_path / "school.ics"
    file.write_text("classroom;weekday\n", encoding="utf-8")
    with pytest.raises(FileError, match="is not a calendar"):
        read_calendar(file, PLACES, NOW)
