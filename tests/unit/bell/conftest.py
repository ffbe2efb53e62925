"""What tests of the bell share: settings, an hour, and a hub that starts servers in no time."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from technopark.bell import timetable
from technopark.bell.calendar import Day
from technopark.bell.plan import Owner, Server
from technopark.settings import Database, Settings
from technopark.store import Store

LESSON = datetime(2026, 11, 24, 7, tzinfo=UTC)
"""Ten o'clock in Moscow."""


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    url = "" if database_url.startswith("sqlite") else database_url
    return Settings(data=tmp_path, database=Database(url=url.replace("+psycopg", "")))


@pytest.fixture
def with_lesson(park: Store) -> Store:
    """The small park, and a lesson of its first classroom."""
    with park.write() as session:
        timetable.add(session, Day("data-6a", "added", date(2026, 11, 24), time(10), 45))
    return park


class FakeHub:
    """Servers in a dictionary; counts what it is asked."""

    def __init__(self) -> None:
        self.there: dict[Owner, Server] = {}
        self.entered: set[Owner] = set()
        self.calls = 0
        self.started: list[Owner] = []
        self.stopped: list[Owner] = []
        self.now = LESSON

    async def servers(self) -> list[Server]:
        self.calls += 1
        return list(self.there.values())

    async def start(self, owner: Owner) -> bool:
        self.calls += 1
        self.started.append(owner)
        self.there[owner] = Server(*owner, False, "spawn", False, self.now, self.now)
        return True

    async def stop(self, owner: Owner) -> bool:
        self.calls += 1
        self.stopped.append(owner)
        del self.there[owner]
        return True

    async def was_entered(self, owner: Owner) -> bool:
        self.calls += 1
        return owner in self.entered

    def finish(self) -> None:
        """All starts come to their end."""
        for owner, server in self.there.items():
            self.there[owner] = replace(server, is_ready=True, pending="")
