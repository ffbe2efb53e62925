"""`technopark bell`: an admin brings a timetable in, changes it, looks what comes of it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from technopark import settings as park_settings
from technopark.bell import commands
from technopark.people import changes
from technopark.settings import Bell, Settings
from technopark.store import Store

Call = Callable[..., str]
TODAY = datetime.now(ZoneInfo("Europe/Moscow")).date()
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def call(park: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Call:
    big = settings.model_copy(update={"bell": Bell(server_memory=1 << 40)})
    chosen = {"settings": settings}
    monkeypatch.setattr(park_settings, "load", lambda: chosen["settings"])
    monkeypatch.setattr(commands.evening, "missing", lambda _settings, _images: [])

    def run(*arguments: str, greedy: bool = False) -> str:
        chosen["settings"] = big if greedy else settings
        result = CliRunner().invoke(commands.app, list(arguments))
        return str(result.exception) if result.exception else result.output

    return run


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "north.csv"
    file.write_text(
        f"what;classroom;date;starts;minutes\nadded;data-6a;{TOMORROW};10:00;45\n"
        f"added;robots-5b;{TOMORROW};10:00;45\n",
        encoding="utf-8",
    )
    return file


def test_a_timetable_is_tried_then_imported_then_replaced(
    call: Call, table: Path, park: Store
) -> None:
    assert call("list").startswith("The timetable says nothing yet")
    tried = call("import", str(table), "--dry-run")
    assert tried.startswith("Would be imported from north.csv: 2 new, 0 taken back, 0 as before.")
    assert call("list").startswith("The timetable says nothing yet")
    assert "memory enough" in call("import", str(table))
    with park.read() as session:
        noted = changes.revision(session)
    assert "0 new, 0 taken back, 2 as before" in call("import", str(table))
    with park.read() as session:
        assert changes.revision(session) == noted, "nothing changed"
    call("holiday", "2031-01-01", "--title", "New Year")
    table.write_text("what;classroom\n", encoding="utf-8")
    assert "0 new, 2 taken back" in call("import", str(table))
    assert "2031-01-01 to 2031-01-01 everywhere New Year" in call("list")


def test_nothing_is_half_imported(call: Call, table: Path) -> None:
    with table.open("a", encoding="utf-8") as file:
        file.write("added;nowhere;2026-11-24;10:00;45\n")
    told = call("import", str(table))
    assert f"{table}:4: there is no classroom 'nowhere'" in told
    assert call("list").startswith("The timetable says nothing yet")


def test_too_little_memory_is_a_warning_in_both_languages(call: Call, table: Path) -> None:
    told = call("import", str(table), greedy=True)
    assert told.startswith("Imported from north.csv: 2 new")
    assert "Warning: " in told
    assert "These lessons collide: data-6a (10:00–10:45), robots-5b (10:00–10:45)." in told
    assert "Внимание: " in told


def test_a_lesson_is_cancelled_and_held_after_all(call: Call, table: Path, tmp_path: Path) -> None:
    weekly = tmp_path / "weekly.csv"
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[TOMORROW.weekday()]
    weekly.write_text(f"classroom;weekday;starts;minutes\ndata-6a;{day};12:00;45\n", "utf-8")
    call("import", str(weekly))
    assert f"{TOMORROW} 12:00-12:45  data-6a" in call("next", "1")
    assert "no such lesson" in call("cancel", "data-6a", str(TOMORROW), "13:00")
    assert "cancelled" in call("cancel", "data-6a", str(TOMORROW), "12:00")
    call("import", str(weekly))
    assert f"{TOMORROW} 12:00" not in call("next", "1"), "said by hand, it outlives an import"
    assert call("cancel", "data-6a", str(TOMORROW), "12:00", "--undo").startswith("Taken back")
    assert f"{TOMORROW} 12:00" in call("next", "1")


def test_holidays_are_taken_back(call: Call) -> None:
    assert "everywhere" in call("holiday", "2026-12-28", "2027-01-10", "--title", "New Year")
    assert call("holiday", "2026-12-28", "2027-01-10", "--undo").startswith("Taken back")
    assert "so they stay" in call("holiday", "2026-12-28", "2027-01-10", "--undo")
    assert "No classroom is at a site nowhere." in call(
        "holiday", "2026-12-28", "--site", "nowhere"
    )


def test_lessons_that_come_back_are_reckoned_with(call: Call, table: Path) -> None:
    call("import", str(table))
    call("holiday", str(TOMORROW))
    assert "Warning" in call("holiday", str(TOMORROW), "--undo", greedy=True)
    for room in ("data-6a", "robots-5b"):
        call("cancel", room, str(TOMORROW))
    assert "Warning" in call("cancel", "data-6a", str(TOMORROW), "--undo", greedy=True)
    assert "memory enough" in call("cancel", "robots-5b", str(TOMORROW), "--undo")


def test_what_is_exported_can_be_imported(call: Call, table: Path, tmp_path: Path) -> None:
    call("import", str(table))
    out = tmp_path / "all.csv"
    call("export", str(out))
    told = call("import", str(out), "--source", "north.csv")
    assert "0 new, 0 taken back, 2 as before" in told


def test_the_forecast_shows_hours_and_days(call: Call, table: Path) -> None:
    call("import", str(table))
    shown = call("forecast")
    assert "Memory for servers: " in shown
    assert "10:00 " in shown
    assert call("forecast", greedy=True).count("!") > 0


def test_days_and_times_that_are_none(call: Call) -> None:
    assert "is not a day" in call("cancel", "data-6a", "tomorrow")
    assert "is not a time of day" in call("cancel", "data-6a", "2026-11-24", "noon")
    assert "There is no classroom x." in call("cancel", "x", "2026-11-24")
