"""Pupils in gradebooks (nbgrader's SQLite files), found and deleted by the gradebooks' own keys.

Called by `traces` for every SQLite file of a grading home, and by `export`. nbgrader itself is not
needed: whatever refers to a student, in whichever version, refers by a foreign key.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

_MAGIC = b"SQLite format 3\0"
_WAIT_SECONDS = 30.0
_STUDENTS = "student"

Rows = dict[str, list[dict[str, Any]]]


def is_database(start: bytes) -> bool:
    """Whether a file that begins so is SQLite's."""
    return start.startswith(_MAGIC)


def of_student(path: Path, name: str) -> Rows:
    """The student's rows, by table; none where it is no gradebook, or not of this student."""
    found: Rows = {}
    with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS)) as connection:
        connection.row_factory = sqlite3.Row
        if _STUDENTS in _tables(connection):
            _walk(connection, _STUDENTS, "id = ?", name, found)
    return found


def forget_student(path: Path, name: str) -> int:
    """Deletes the student, with marks, comments and all; leaves no bytes of it in the file.

    Returns:
        The number of rows that went.

    Raises:
        sqlite3.OperationalError: somebody writes to it all the time.
    """
    with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
        if _STUDENTS not in _tables(connection):
            return 0
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN IMMEDIATE")
        gone = _delete(connection, _STUDENTS, "id = ?", name)
        connection.execute("COMMIT")
        # Also where nothing was found: an earlier attempt may have ended before this.
        wipe(connection)
        return gone


def wipe(connection: sqlite3.Connection) -> None:
    """Leaves no bytes of what was ever deleted, neither in the file nor in its log.

    Raises:
        sqlite3.OperationalError: somebody reads or writes all the time.
    """
    connection.execute("VACUUM")
    (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise sqlite3.OperationalError("the log of the database is in use")


def _tables(connection: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    return [name for (name,) in connection.execute(query)]


def _refers(connection: sqlite3.Connection, table: str) -> list[tuple[str, str, str]]:
    """What refers to the table: (table, its column, the column that is meant)."""
    found = []
    for other in _tables(connection):
        for key in connection.execute(f'PRAGMA foreign_key_list("{other}")'):
            if key[2] == table and other != table:
                found.append((other, key[3], key[4] or "id"))  # noqa: PERF401  # reads better
    return found


def _walk(connection: sqlite3.Connection, table: str, where: str, name: str, found: Rows) -> None:
    rows = connection.execute(f'SELECT * FROM "{table}" WHERE {where}', [name]).fetchall()  # noqa: S608  # names of its own tables
    if rows:
        found[table] = [dict(row) for row in rows]
        for other, column, meant in _refers(connection, table):
            inner = f'"{column}" IN (SELECT "{meant}" FROM "{table}" WHERE {where})'  # noqa: S608
            _walk(connection, other, inner, name, found)


def _delete(connection: sqlite3.Connection, table: str, where: str, name: str) -> int:
    gone = 0
    for other, column, meant in _refers(connection, table):
        inner = f'"{column}" IN (SELECT "{meant}" FROM "{table}" WHERE {where})'  # noqa: S608
        gone += _delete(connection, other, inner, name)
    return gone + connection.execute(f'DELETE FROM "{table}" WHERE {where}', [name]).rowcount  # noqa: S608
