"""Rosters change while the park runs: the hub follows within seconds, without a restart."""

import csv
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from support.park import Park
from support.visitor import Visitor
from support.waiting import eventually

from technopark.people.changes import note_change
from technopark.people.classrooms import add_members, remove_member
from technopark.store import Person, Store, open_store

pytestmark = pytest.mark.docker
Arrive = Callable[[str], Visitor]
CLASS = "data-6a"
STEP_SECONDS = 30
"""The hub looks every two seconds; a machine that runs other parks as well may take many more."""


@pytest.fixture
def store(park: Park) -> Iterator[Store]:
    with closing(open_store(park.settings.database_url)) as opened:
        yield opened


def test_a_pupil_of_a_new_roster_signs_in_and_starts(
    park: Park, visitor: Arrive, signed_in: Arrive, tmp_path: Path
) -> None:
    teacher = signed_in("anna-pavlovna")
    name = f"olya-{uuid4().hex[:8]}"
    roster = tmp_path / "6a.csv"
    roster.write_text(f"ФИО;Класс;Логин\nЧижова Оля;{CLASS};{name}\n", encoding="cp1251")
    said = park.call("roster", "import", str(roster))
    assert "1 rows imported, 1 new people" in said

    olya = visitor(name)
    home = olya.sign_in(words_of(park, name))
    assert "6А · Первые данные" in home.text
    assert olya.start(CLASS).status_code == httpx.codes.OK
    server = f"/users/{name}/servers/{CLASS}"
    eventually(
        lambda: teacher.hub("GET", server).is_success, STEP_SECONDS, "her teacher sees her server"
    )
    assert teacher.hub("DELETE", server).is_success


def test_who_leaves_the_class_loses_the_running_server(store: Store, signed_in: Arrive) -> None:
    petya = signed_in("petya")
    petya.start(CLASS)
    with store.write() as session:
        assert remove_member(session, CLASS, "petya")
    try:
        eventually(
            lambda: CLASS not in petya.hub("GET", "/users/petya").json()["servers"],
            STEP_SECONDS,
            "the server of who left the class is stopped",
        )
        refused = petya.start(CLASS)
        assert refused.status_code == httpx.codes.FORBIDDEN
        assert "нет в твоём списке" in refused.text
    finally:
        with store.write() as session:
            add_members(session, CLASS, "pupil", ["petya"])
    assert petya.start(CLASS).status_code == httpx.codes.OK


def test_who_leaves_the_park_is_signed_out(
    park: Park, store: Store, signed_in: Arrive, visitor: Arrive
) -> None:
    lena = signed_in("lena")
    token = lena.hub("POST", "/users/lena/tokens", json={"expires_in": 600}).json()["token"]
    set_active(store, "lena", active=False)
    try:
        eventually(
            lambda: lena.http.get("/hub/home").url.path == "/hub/login",
            STEP_SECONDS,
            "the open session of who left the park is refused",
        )
        assert visitor("lena").sign_in().status_code == httpx.codes.FORBIDDEN
        shown = {"Authorization": f"token {token}"}
        answer = httpx.get(f"{park.address}/hub/api/user", headers=shown)
        assert answer.status_code == httpx.codes.FORBIDDEN
    finally:
        set_active(store, "lena", active=True)
    assert visitor("lena").sign_in().status_code == httpx.codes.OK


def words_of(park: Park, name: str) -> str:
    """The passphrase that the newest import wrote down for printing."""
    newest = max((park.settings.data / "secrets").glob("passphrases-*.csv"))
    rows = csv.reader(newest.read_text("utf-8-sig").splitlines(), delimiter=";")
    return next(words for _, _, login, words in rows if login == name)


def set_active(store: Store, name: str, *, active: bool) -> None:
    """Marks the person as one who left the park, or came back."""
    with store.write() as session:
        session.get_one(Person, name).active = active
        note_change(session)
