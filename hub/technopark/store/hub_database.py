"""JupyterHub's own database, where it is SQLite: commits that do not wait for the disk.

Called when the hub reads its configuration, before it opens the database. JupyterHub commits some
ten times for each start, on its event loop; with SQLite's defaults every commit waits for the disk,
and with a log of changes every some hundredth one does, for all of them.
"""

import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import Engine, event

_EVERY_SECONDS = 5.0
"""Between two moves of what is logged: a city that arrives logs some megabytes meanwhile."""


def commit_quickly(file: Path) -> threading.Event:
    """Makes this process's connections to `file` keep a log of changes (WAL), written in passing.

    A thread moves what is logged into the file, and waits for the disk. What is lost when the
    machine loses power is the last moment, in which servers started that are gone with it; the
    file stays whole.

    Returns:
        What ends the thread, once it is set.
    """

    @event.listens_for(Engine, "connect")
    def _connected(connection: object, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection) and _is(connection, file):
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA wal_autocheckpoint=0")

    ended = threading.Event()
    threading.Thread(target=_move, args=(file, ended), name="hub.sqlite", daemon=True).start()
    return ended


def _move(file: Path, ended: threading.Event) -> None:
    """Moves what is logged, again and again; nobody who reads or writes waits for it."""
    while not ended.wait(_EVERY_SECONDS):
        if file.exists():
            with suppress(sqlite3.Error), closing(sqlite3.connect(file)) as connection:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _is(connection: sqlite3.Connection, file: Path) -> bool:
    names = [name for _, _, name in connection.execute("PRAGMA database_list")]
    return any(name and Path(name) == file for name in names)
