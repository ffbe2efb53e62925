"""What unit tests share: a store in a folder of its own, and a small park in it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

from technopark.people import classrooms
from technopark.store import CourseVersion, Site, Store, open_store

POSTGRESQL = os.environ.get("TECHNOPARK_TEST_POSTGRESQL", "")
"""An SQLAlchemy URL of a role that may create databases; empty: tests use SQLite."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only tests with a database are run: the others would be the same."""
    if POSTGRESQL:
        asks = {"database_url", "empty_database_url"}
        others = [item for item in items if not asks & set(getattr(item, "fixturenames", ()))]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]


@pytest.fixture
def empty_database_url(tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if not POSTGRESQL:
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    with _database("template0") as url:
        yield url


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database with the park's tables, to be copied: SQLite's file, or PostgreSQL's name."""
    if not POSTGRESQL:
        path = tmp_path_factory.mktemp("migrated") / "park.sqlite"
        open_store(f"sqlite:///{path}").close()
        yield str(path)
        return
    with _database("template0") as url:
        open_store(url).close()
        yield str(make_url(url).database)


@pytest.fixture
def database_url(tmp_path: Path, migrated: str) -> Iterator[str]:
    """A database of the test's own, without people."""
    if not POSTGRESQL:
        yield f"sqlite:///{shutil.copy(migrated, tmp_path / 'park.sqlite')}"
        return
    with _database(migrated) as url:
        yield url


@contextmanager
def _database(template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    engine = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        yield make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = open_store(database_url)
    yield opened
    opened.close()


@pytest.fixture
def park(store: Store) -> Store:
    """Two sites, two classrooms: Masha is a pupil of both, Petya of the first one only."""
    with store.write() as session:
        for site in ("north", "south"):
            session.add(
                Site(
                    id=site,
                    name=site,
                    module="Базовый",
                    speciality="basic",
                    timezone="Europe/Moscow",
                )
            )
        course = CourseVersion(
            course="data-start",
            version="1.0.0",
            title={"ru": "Данные", "en": "Data"},
            image="sha256:1",
            grader_image="sha256:2",
            content="data-start/1.0.0",
            published_at=datetime(2026, 9, 1, tzinfo=UTC),
        )
        session.add(course)
        session.flush()
        people = {
            "masha": "north",
            "petya": "north",
            "anna": "north",
            "oleg": "south",
            "north-admin": "north",
            "south-admin": "south",
            "writer": "north",
            "chief": "north",
            "passer-by": "south",
        }
        for name, site in people.items():
            classrooms.ensure_person(session, name, name.title(), site)
        session.flush()
        classrooms.ensure_grant(session, "north-admin", "admin", "north")
        classrooms.ensure_grant(session, "south-admin", "admin", "south")
        classrooms.ensure_grant(session, "writer", "author")
        classrooms.ensure_grant(session, "chief", "admin")
        for room, site, teacher, pupils in (
            ("data-6a", "north", "anna", ["masha", "petya"]),
            ("robots-5b", "south", "oleg", ["masha"]),
        ):
            classrooms.ensure_classroom(session, room, room, site, course)
            session.flush()
            classrooms.add_members(session, room, "teacher", [teacher])
            classrooms.add_members(session, room, "pupil", pupils)
    return store
