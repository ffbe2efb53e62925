"""A park that has people and work in it is brought up to date: every row is still there."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, MetaData, Table, func, insert, select, text
from sqlalchemy.types import JSON, Boolean, Date, DateTime, Float, Integer, LargeBinary, Time

from technopark.store import database
from technopark.store.database import Store, migrate

MIGRATIONS = Path(database.__file__).parent / "migrations"


def _revisions() -> list[str]:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()][::-1]


@pytest.fixture
def store(empty_database_url: str) -> Iterator[Store]:
    store = Store(database._engine(empty_database_url))
    yield store
    store.close()


@pytest.mark.parametrize("revision", _revisions())
def test_an_older_park_keeps_every_row(store: Store, revision: str) -> None:
    migrate(store, revision)
    with store.engine.connect() as connection:
        before = _fill(connection)
        connection.commit()
    assert len(before) > 5

    migrate(store)
    with store.engine.connect() as connection:
        after = _count(connection)
        assert {name: after[name] for name in before} == before
        if connection.dialect.name == "sqlite":
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1, "keys are enforced again"


def _tables(connection: Connection) -> list[Table]:
    seen = MetaData()
    seen.reflect(connection, only=lambda name, _: name.startswith("park_"))
    return [table for table in seen.sorted_tables if table.name != "park_version"]


def _fill(connection: Connection) -> dict[str, int]:
    """One row in each table, each pointing to the one row of its parents."""
    rows: dict[str, dict[str, Any]] = {}
    for table in _tables(connection):
        row = {column.name: _value(column) for column in table.columns if not column.nullable}
        for key in table.foreign_keys:
            if key.column.table.name in rows and not key.parent.nullable:
                row[key.parent.name] = rows[key.column.table.name].get(key.column.name, 1)
        rows[table.name] = row
        if not connection.scalar(select(func.count()).select_from(table)):
            connection.execute(insert(table).values(row))
    return _count(connection)


def _count(connection: Connection) -> dict[str, int]:
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in _tables(connection)
    }


def _value(column: Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, DateTime):
        return dt.datetime(2026, 9, 1, 8, 30, tzinfo=dt.UTC)
    if isinstance(kind, Date):
        return dt.date(2026, 9, 1)
    if isinstance(kind, Time):
        return dt.time(8, 30)
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer | Float):
        return 1
    if isinstance(kind, LargeBinary):
        return b"1"
    return {} if isinstance(kind, JSON) else "1"
