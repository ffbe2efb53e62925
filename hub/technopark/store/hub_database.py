"""JupyterHub's own database, where it is SQLite: commits that do not wait for the disk.

Called when the hub reads its configuration, before it opens the database. JupyterHub commits some
ten times for each start, on its event loop; with SQLite's defaults every commit waits for the disk.
"""

import sqlite3
from pathlib import Path

from sqlalchemy import Engine, event


def commit_quickly(file: Path) -> None:
    """Makes this process's connections to `file` keep a log of changes (WAL), written in passing.

    What is lost when the machine loses power is the last moment, in which servers started that
    are gone with it; the file stays whole.
    """

    @event.listens_for(Engine, "connect")
    def _connected(connection: object, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection) and _is(connection, file):
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")


def _is(connection: sqlite3.Connection, file: Path) -> bool:
    names = [name for _, _, name in connection.execute("PRAGMA database_list")]
    return any(name and Path(name) == file for name in names)
