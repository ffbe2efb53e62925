"""A pupil with a running server is deleted beside a real hub, and is in none of its files."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from support.hub_with_stand_ins import TEACHER, hub_with_stand_ins, signed_in
from support.park import Park
from support.portal import portal_beside
from support.waiting import eventually

from technopark.bench.hub.people import Visit
from technopark.people.audit import THE_PARK
from technopark.safety import deletion
from technopark.safety.deletion import NotYetError
from technopark.settings import Settings
from technopark.store import Person, open_store

from .conftest import rows_with

pytestmark = pytest.mark.slow

ROOM, NAME = "room-0000", "ivolgina-dasha"


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Park]:
    folder = tmp_path_factory.mktemp("hub")
    coming = [Visit(NAME, ROOM), Visit("petya", ROOM)]
    with hub_with_stand_ins(folder, coming) as (park, place), portal_beside(place):
        yield park


def files_with(data: Path, name: str) -> set[str]:
    found = set()
    for folder, _, names in os.walk(data):
        for one in names:
            path = Path(folder, one)
            if path.is_file() and name.encode() in path.read_bytes():
                found.add(path.relative_to(data).as_posix())
    return found


def users(settings: Settings) -> set[str]:
    engine = create_engine(settings.hub_database_url)
    with engine.connect() as connection:
        found = {name for (name,) in connection.execute(text("SELECT name FROM users"))}
    engine.dispose()
    return found


def test_her_server_ends_and_the_hub_forgets_her(park: Park) -> None:
    settings = park.settings
    with signed_in(park, NAME, "petya", TEACHER + ROOM) as (dasha, petya, teacher):
        for visitor in (dasha, petya):
            visitor.start(ROOM)
        portal = settings.web.service_address("portal")
        assert teacher.http.get(f"{portal}classrooms/{ROOM}/live").is_success
        before = files_with(settings.data, NAME)
        assert {"hub.sqlite", "park.sqlite", "logs/hub.log"} <= {
            one.removesuffix("-wal") for one in before
        }
        store = open_store(settings.database_url)
        with store.write() as session:
            person = session.get_one(Person, NAME)
            number = deletion.ask(session, THE_PARK, person).id

        def is_over() -> bool:
            try:
                return deletion.carry_out(settings, store, number).finished_at is not None
            except NotYetError:
                return False

        eventually(is_over, 60, "she is deleted")
        assert dasha.http.get("/hub/home").url.path.endswith("/login"), "she is signed out"
        assert {"petya", TEACHER + ROOM} <= users(settings)
        assert petya.hub("GET", "/users/petya").json()["servers"][ROOM]["ready"]
        store.close()
    assert NAME not in users(settings)
    assert rows_with(settings.hub_database_url, (NAME,)) == set()
    assert files_with(settings.data, NAME) == set()
