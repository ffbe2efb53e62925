"""The table of neighbours is made larger, never smaller, and nothing depends on it."""

from pathlib import Path

import pytest

from technopark.machine.neighbours import ROOM, ensure_room


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """As Linux has it by default."""
    for name, entries in (("gc_thresh1", 128), ("gc_thresh2", 512), ("gc_thresh3", 1024)):
        (tmp_path / name).write_text(f"{entries}\n")
    return tmp_path


def entries(table: Path) -> dict[str, int]:
    return {name: int((table / name).read_text()) for name in ROOM}


def test_there_is_room_for_a_city(table: Path) -> None:
    ensure_room(table)
    assert entries(table) == ROOM


def test_what_an_admin_made_larger_stays(table: Path) -> None:
    (table / "gc_thresh3").write_text("65536\n")
    ensure_room(table)
    assert entries(table) == ROOM | {"gc_thresh3": 65536}


def test_a_machine_without_the_table_needs_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ensure_room(tmp_path)
    assert capsys.readouterr().err == ""


def test_a_machine_that_lets_nobody_set_it_is_told_of(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (table / "gc_thresh3").unlink()
    (table / "gc_thresh3").mkdir()  # neither root nor anybody else may write there
    ensure_room(table)
    assert "sysctl" in capsys.readouterr().err
