"""The databases themselves: does the hub know somebody, and no bytes of what was deleted.

Called by `deletion`. A row that is deleted stays in the file until its place is used again; so the
files are written anew. On PostgreSQL it is VACUUM's work, and that of whoever keeps its backups.
"""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import create_engine, inspect, text

from technopark.safety import gradebooks
from technopark.settings import Settings
from technopark.store import Store

_TRIES = 50
_PAUSE_SECONDS = 0.2


def hub_knows(settings: Settings, name: str) -> bool:
    """Whether JupyterHub still has this user."""
    file = _hub_file(settings)
    if file and not file.exists():
        return False
    engine = create_engine(settings.hub_database_url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("users"):
                return False
            query = text("SELECT 1 FROM users WHERE name = :name")
            return connection.execute(query, {"name": name}).first() is not None
    finally:
        engine.dispose()


def wipe(settings: Settings, store: Store) -> None:
    """Leaves no bytes of deleted rows in the databases of hub and park.

    Raises:
        sqlite3.OperationalError: one of them is busy all the time.
    """
    file = _hub_file(settings)
    if file is None:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM"))
        return
    for path in (settings.data / "park.sqlite", file):
        if path.exists():
            with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as database:
                _wipe(database)


def _wipe(database: sqlite3.Connection) -> None:
    """Readers come and go; in one of the pauses between them it works."""
    for _ in range(_TRIES - 1):
        try:
            gradebooks.wipe(database)
        except sqlite3.OperationalError:
            time.sleep(_PAUSE_SECONDS)
        else:
            return
    gradebooks.wipe(database)


def _hub_file(settings: Settings) -> Path | None:
    """The hub's file; None: PostgreSQL."""
    url = settings.hub_database_url
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else None
