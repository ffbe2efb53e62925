"""Opening the park's database: SQLite with durable commits, or PostgreSQL by URL.

`open_store` is called by every process of the park and by the commands; whoever has a `Store` asks
it for sessions, and nobody else makes an SQLAlchemy engine.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

_migrating = threading.Lock()
"""Alembic keeps what it works on in globals."""


class Store:
    """The park's database. `read` and `write` give sessions; `write` commits at its end."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        # SQLite's own waiting is by sleeping, and unlucky threads sleep for seconds.
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session whose changes are thrown away."""
        with self._sessions() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: committed at the end of the block, rolled back when it raises."""
        with self._turn, self._sessions.begin() as session:
            if self.engine.dialect.name == "sqlite":
                # Takes the write lock at once: a transaction that reads first and writes later
                # would fail, not wait, when another writer came in between.
                session.connection().exec_driver_sql("BEGIN IMMEDIATE")
            yield session

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """The store at `url` (an SQLAlchemy URL), its tables brought up to date.

    Safe to call from several processes at once: each migration is a transaction.
    """
    store = Store(_engine(url))
    migrate(store)
    return store


def migrate(store: Store, revision: str = "head") -> None:
    """Brings the tables to `revision` (Alembic)."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with _migrating, store.engine.connect() as connection, _free_to_rebuild(connection):
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@contextmanager
def _free_to_rebuild(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew and dropping the old one, to which others point.

    With keys enforced the drop is refused as soon as there are rows; so they are not for this
    while, and `migrations/env.py` looks at all of them before it commits.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30}, pool_size=16, max_overflow=48)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        # We say BEGIN ourselves (see `Store.write`); the driver must not.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine
