"""The log of who saw and changed what cannot be changed, and for a year not be shortened."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from technopark.store import AuditEntry, Store

NOW = datetime.now(UTC)


@pytest.fixture
def entries(store: Store) -> Store:
    """Three things that happened: yesterday, and long ago."""
    with store.write() as session:
        for number, days in enumerate((1, 364, 400), 1):
            session.add(
                AuditEntry(id=number, at=NOW - timedelta(days=days), who="p1", did="left", whom="")
            )
    return store


def numbers(store: Store) -> list[int]:
    with store.read() as session:
        return list(session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)))


def test_nobody_changes_an_entry(entries: Store) -> None:
    with pytest.raises(DBAPIError, match="only ever added to"), entries.write() as session:
        session.execute(update(AuditEntry).where(AuditEntry.id == 3).values(who="p2"))


@pytest.mark.parametrize("number", [1, 2])
def test_nobody_deletes_what_is_younger_than_a_year(entries: Store, number: int) -> None:
    with pytest.raises(DBAPIError, match="for a year"), entries.write() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id == number))
    assert numbers(entries) == [1, 2, 3]


def test_what_is_older_may_go(entries: Store) -> None:
    with entries.write() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id == 3))
    assert numbers(entries) == [1, 2]


def test_nobody_puts_another_entry_in_the_place_of_one(entries: Store) -> None:
    if entries.engine.dialect.name == "sqlite":
        statement = (
            "INSERT OR REPLACE INTO park_audit (id, at, who, did, whom, classroom_id, details)"
            " SELECT id, at, 'p2', did, whom, classroom_id, details FROM park_audit WHERE id = 1"
        )
    else:
        statement = "TRUNCATE park_audit"
    with pytest.raises(DBAPIError, match="only ever added to"), entries.write() as session:
        session.execute(text(statement))
    with entries.read() as session:
        assert session.scalar(select(func.count()).where(AuditEntry.who == "p1")) == 3
