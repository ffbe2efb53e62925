"""The hub's own database does not wait for the disk at every commit; others go on doing so."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event
from support.waiting import eventually

from technopark.store import hub_database
from technopark.store.hub_database import commit_quickly

NORMAL, FULL = 1, 2


@pytest.fixture
def hub_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The hub's database, opened quickly from now on; what listens is gone with the test."""
    listening = []
    listens_for = event.listens_for

    def remember(target: object, name: str) -> object:
        def listen(function: object) -> object:
            listening.append((target, name, function))
            return listens_for(target, name)(function)

        return listen

    monkeypatch.setattr(event, "listens_for", remember)
    monkeypatch.setattr(hub_database, "_EVERY_SECONDS", 0.05)
    ended = commit_quickly(tmp_path / "hub.sqlite")
    yield tmp_path / "hub.sqlite"
    ended.set()
    for target, name, function in listening:
        event.remove(target, name, function)


def pragmas(file: Path) -> tuple[str, int]:
    engine: Engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous")
        ]
    engine.dispose()
    return found[0], found[1]


def test_the_hubs_commits_do_not_wait(hub_file: Path) -> None:
    assert pragmas(hub_file) == ("wal", NORMAL)


def test_other_databases_stay_as_they_are(hub_file: Path) -> None:
    assert pragmas(hub_file.with_name("park.sqlite")) == ("delete", FULL)


def test_what_is_logged_comes_into_the_file_though_no_commit_moves_it(hub_file: Path) -> None:
    engine = create_engine(f"sqlite:///{hub_file}")
    log = hub_file.with_name("hub.sqlite-wal")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one() == 0
        connection.exec_driver_sql("CREATE TABLE pupils (name TEXT)")
        connection.commit()
        alone = hub_file.with_name("copy.sqlite")

        def has_moved() -> bool:
            """Whether the file tells of it without its log."""
            shutil.copyfile(hub_file, alone)
            with closing(sqlite3.connect(alone)) as copy:
                return bool(copy.execute("SELECT name FROM sqlite_master").fetchall())

        assert log.stat().st_size > 0
        eventually(has_moved, 10, "what was logged is in the file")
    engine.dispose()
