"""What the park's store knows of a person: found by the tables' own keys, listed and deleted.

Called by `export` and `deletion` in a transaction. It names few tables, so that those of later
parts are not forgotten: a row that cannot be without the person goes with them, where the column
may be empty it is emptied, and where a name only says who did something a pseudonym takes its
place. `still_named` looks whether that was enough.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    CursorResult,
    String,
    Table,
    cast,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from technopark.store import (
    AuditEntry,
    Base,
    Deletion,
    Extension,
    FeedKey,
    IssuedCard,
    LeaseUsage,
    NameAtAddress,
    Person,
    Pseudonym,
    ShownWork,
    SignInFailure,
    Submission,
)

_NAME_LENGTH = 63
"""Columns of this length hold names of people or of hub users (`Person.name`)."""
_WHOSE = "person_name"
_OWN = (_WHOSE, "name")
"""A column that is called so says whose the row is."""
_SECRETS = ("passphrase_hash", "secret_hash")
"""They help nobody but who would guess words, make a card or look into a calendar."""
_WITH_SECRETS = (Person, IssuedCard, FeedKey)
_ELSEWHERE = {table.__tablename__ for table in (Pseudonym, Deletion, AuditEntry)}
"""These say by themselves when a name goes."""


def of_person(session: Session, name: str) -> dict[str, list[dict[str, Any]]]:
    """Every row that is the person's, by table; what only tells that they did something, too."""
    found: dict[str, list[dict[str, Any]]] = {}
    _collect(session, _table(Person), _table(Person).c.name == name, found)
    for column in _names_without_key():
        _collect(session, column.table, _is_named(column, name), found)
    for tries in _tries_of(name):
        _collect(session, tries.table, tries.condition, found)
    for table, theirs in found.items():
        found[table] = [_without_others(row, name) for row in theirs]
    for row in [row for one in _WITH_SECRETS for row in found.get(one.__tablename__, [])]:
        for secret in _SECRETS:
            row.pop(secret, None)
    return found


def _without_others(row: dict[str, Any], name: str) -> dict[str, Any]:
    """Of a row that is somebody else's (a consent that a teacher wrote down) what this one did.

    That are their name, the moments, and the text where it is they who wrote it.
    """
    if row.get(_WHOSE, name) == name:
        return row
    kept = {
        column: value
        for column, value in row.items()
        if value == name or isinstance(value, datetime)
    }
    return kept | ({"text": row["text"]} if row.get("written_by") == name else {})


def forget_person(session: Session, name: str, pseudonym: str) -> Counter[str]:
    """Deletes the person and all that is theirs; counts the rows, by table."""
    counts: Counter[str] = Counter()
    _delete(session, _table(Person), _table(Person).c.name == name, counts)
    for column in _names_without_key():
        condition = _is_named(column, name)
        if column.primary_key or column.name in _OWN:
            _delete(session, column.table, condition, counts)
        else:
            session.execute(update(column.table).where(condition).values({column: pseudonym}))
    for tries in _tries_of(name):
        _delete(session, tries.table, tries.condition, counts)
    session.execute(delete(Pseudonym).where(Pseudonym.name == name))
    return counts


def forget_work(session: Session, name: str) -> Counter[str]:
    """Deletes what the person handed in and shows, and all that hangs on it."""
    counts: Counter[str] = Counter()
    for table in (_table(Submission), _table(Extension), _table(ShownWork)):
        _delete(session, table, table.c.person_name == name, counts)
    return counts


def still_named(session: Session, name: str) -> list[str]:
    """Columns in which the name stands all the same, as `table.column`."""
    whole = re.compile(rf"(?<![a-z0-9-]){re.escape(name)}(?![a-z0-9-])")
    found = []
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String | JSON) and table.name != Deletion.__tablename__:
                text = cast(column, String)
                values = session.scalars(select(text).where(text.contains(name, autoescape=True)))
                if any(whole.search(value) for value in values):
                    found.append(f"{table.name}.{column.name}")
    return found


def _delete(
    session: Session, table: Table, condition: ColumnElement[bool], counts: Counter[str]
) -> None:
    """Deletes rows, after those that refer to them."""
    for key in _keys_to(table):
        refers = key.parent.in_(select(key.column).where(condition))
        if key.parent.nullable:
            session.execute(update(key.parent.table).where(refers).values({key.parent: None}))
        else:
            _delete(session, key.parent.table, refers, counts)
    done = session.execute(delete(table).where(condition))
    if isinstance(done, CursorResult) and done.rowcount > 0:
        counts[table.name] += done.rowcount


def _collect(
    session: Session,
    table: Table,
    condition: ColumnElement[bool],
    found: dict[str, list[dict[str, Any]]],
) -> None:
    rows = [dict(row) for row in session.execute(select(table).where(condition)).mappings()]
    known = found.setdefault(table.name, [])
    known += [row for row in rows if row not in known]
    if not known:
        del found[table.name]
    for key in _keys_to(table) if rows else ():
        refers = key.parent.in_(select(key.column).where(condition))
        _collect(session, key.parent.table, refers, found)


def _keys_to(table: Table) -> list[Any]:
    return [
        key
        for other in Base.metadata.sorted_tables
        for key in other.foreign_keys
        if key.column.table is table and other is not table
    ]


def _names_without_key() -> list[Column[Any]]:
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String)
        and column.type.length == _NAME_LENGTH
        and not column.foreign_keys
        and table.name not in _ELSEWHERE
        and table is not _table(Person)
    ]


def _is_named(column: Column[Any], name: str) -> ColumnElement[bool]:
    if column.table is _table(LeaseUsage):  # a classroom or a site may be called so, too
        return (column == name) & (column.table.c.level == "person")
    return column == name


@dataclass(frozen=True)
class _Tries:
    table: Table
    condition: ColumnElement[bool]


def _tries_of(name: str) -> Iterator[_Tries]:
    """Failures to sign in, and of other attempts, which `people` calls `what:name`."""
    failures, names = _table(SignInFailure), _table(NameAtAddress)
    for table, key in ((failures, failures.c.key), (names, names.c.name)):
        yield _Tries(table, or_(key == name, key.endswith(f":{name}", autoescape=True)))


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101  # a fact about SQLAlchemy, for the types
    return table
