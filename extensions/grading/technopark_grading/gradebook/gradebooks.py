"""Opens gradebooks for nbgrader's grading, which does so at each of some fifteen steps.

Called by nbgrader's own code once `install` has put `opened` in its place. Its gradebook makes an
engine and looks for each table every time, and waits for the disk after each cell; that was half of
what a submission cost.
"""

import functools
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbgrader.converters.autograde
import nbgrader.preprocessors.latesubmissions
import nbgrader.preprocessors.overwritecells
import nbgrader.preprocessors.overwritekernelspec
import nbgrader.preprocessors.saveautogrades
from nbgrader.api import Gradebook
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.orm import scoped_session, sessionmaker

OPENERS = (
    nbgrader.converters.autograde,
    nbgrader.preprocessors.latesubmissions,
    nbgrader.preprocessors.overwritecells,
    nbgrader.preprocessors.overwritekernelspec,
    nbgrader.preprocessors.saveautogrades,
)
"""The modules of nbgrader that open gradebooks while they grade."""


def install() -> None:
    """Let nbgrader's grading open its gradebooks here; may be called again."""
    for module in OPENERS:
        module.Gradebook = opened


def opened(db_url: str, course_id: str = "default_course", authenticator: Any = None) -> Any:
    """A gradebook, as nbgrader opens it; the database is looked at only the first time."""
    return _Opened(db_url, course_id, authenticator)


def to_disk(db_url: str, course_id: str) -> None:
    """Wait until all that is in the gradebook would survive a power cut."""
    if not db_url.startswith("sqlite"):
        return
    with opened(db_url, course_id) as gradebook:
        gradebook.db.execute(text("PRAGMA wal_checkpoint"))


class _Opened(Gradebook):
    """nbgrader's gradebook on an engine that others use, too."""

    def __init__(self, db_url: str, course_id: str, authenticator: Any) -> None:
        # these are all that nbgrader's own sets
        self.engine = _engine_of(db_url, course_id, _which_file(db_url, course_id))
        self.db = scoped_session(sessionmaker(autoflush=True, bind=self.engine, future=True))
        self.course_id = course_id
        self.authenticator = authenticator

    def close(self) -> None:
        """End the session; the engine remembers what it has compiled."""
        self.db.remove()


@functools.cache
def _engine_of(db_url: str, course_id: str, _file: int) -> Engine:
    _make(db_url, course_id)
    engine = create_engine(db_url, future=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _write_ahead)
    return engine


def _make(db_url: str, course_id: str) -> None:
    """Make the gradebook's tables and the course in it, if need be, as nbgrader does."""
    Gradebook(db_url, course_id).close()


def _write_ahead(connection: sqlite3.Connection, _record: Any) -> None:
    """Let commits wait for no disk; `to_disk` does, once for a submission."""
    # somebody else may be writing: then it stays as it is until the next connection
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def _which_file(db_url: str, course_id: str) -> int:
    """Tells a gradebook from another one that a teacher has put in its place."""
    database = make_url(db_url).database
    if not db_url.startswith("sqlite") or not database:
        return 0
    if not Path(database).exists():
        _make(db_url, course_id)
    return Path(database).stat().st_ino
