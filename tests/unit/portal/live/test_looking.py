"""A teacher looks over a pupil's shoulder; each look is in the log, and nobody else may."""

import httpx
import pytest
from sqlalchemy import select
from support.live_class import ROOM, Hub, Server

from technopark.people import audit, classrooms
from technopark.people.audit import Did
from technopark.people.hub_scopes import hub_rights
from technopark.portal.frame import PREFIX
from technopark.store import AuditEntry, Pseudonym, Store

from ..conftest import Open, Somebody


def look(somebody: Somebody, pupil: str = "masha", room: str = ROOM) -> httpx.Response:
    path = f"{PREFIX}classrooms/{room}/live/look/{pupil}"
    return somebody.http.get(path, follow_redirects=False)


def log(park: Store) -> list[tuple[str, str, str, str]]:
    """Who did what to whom where, as far as it is about looking."""
    with park.read() as session:
        names = {one.pseudonym: one.name for one in session.scalars(select(Pseudonym))}
        found = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.did.in_([Did.LOOKED, Did.ENTERED]))
            .order_by(AuditEntry.id)
        )
        return [(names[one.who], one.did, names[one.whom], one.classroom_id) for one in found]


def test_it_leads_to_the_open_notebook_and_is_in_the_log_each_time(
    sit_down: Open, bridge: httpx.Client, park: Store
) -> None:
    anna = sit_down("anna")
    place = "http://localhost:8000/hub/user/masha/data-6a/lab/workspaces/look"
    assert look(anna).headers["Location"] == place
    Server(bridge, "masha").report(notebook="работа 1/count?.ipynb")
    answer = look(anna)
    assert answer.status_code == 303
    path = "/tree/%D1%80%D0%B0%D0%B1%D0%BE%D1%82%D0%B0%201/count%3F.ipynb"
    assert answer.headers["Location"] == place + path
    assert log(park) == [("anna", "looked", "masha", ROOM)] * 2


@pytest.mark.parametrize("name", ["../../../../hub/logout", "a/./b", "//evil", "a\\..\\b", "/x"])
def test_a_notebook_of_a_hostile_name_leads_nowhere_else(
    sit_down: Open, bridge: httpx.Client, name: str
) -> None:
    Server(bridge, "masha").report(notebook=name)
    where = httpx.URL(look(sit_down("anna")).headers["Location"])
    assert where.host == "localhost"
    assert where.path == "/hub/user/masha/data-6a/lab/workspaces/look"


@pytest.mark.parametrize(
    ("who", "pupil", "room"),
    [
        ("oleg", "masha", ROOM),
        ("anna", "masha", "robots-5b"),
        ("north-admin", "masha", ROOM),
        ("chief", "masha", ROOM),
        ("petya", "masha", ROOM),
        ("masha", "masha", ROOM),
        ("anna", "anna", ROOM),
        ("anna", "oleg", ROOM),
        ("anna", "grading-data-6a", ROOM),
        ("anna", "nobody", ROOM),
    ],
)
def test_nobody_looks_but_who_teaches_this_very_class(
    sit_down: Open, park: Store, who: str, pupil: str, room: str
) -> None:
    assert look(sit_down(who), pupil, room).status_code == 404
    assert log(park) == []


def test_the_hub_opens_that_one_server_and_not_the_same_pupils_other_one(park: Store) -> None:
    with park.read() as session:
        anna = hub_rights(session, "anna")
    assert anna
    scopes = [scope for role in anna.roles.values() for scope in role]
    entered = {one for one in scopes if one.startswith("access:servers")}
    assert "access:servers!server=masha/data-6a" in entered
    assert not [one for one in entered if "robots-5b" in one]


def test_a_browser_that_fetches_in_advance_has_not_looked(sit_down: Open, park: Store) -> None:
    anna = sit_down("anna")
    anna.http.headers["Sec-Purpose"] = "prefetch"
    assert look(anna).status_code == 503
    assert log(park) == []


def test_who_comes_by_the_address_alone_is_in_the_log_by_the_servers_word(
    bridge: httpx.Client, park: Store
) -> None:
    answer = Server(bridge, "masha").report(visitors=["anna"])
    assert answer.json() == {"hand": False, "names": {"anna": "Anna"}}
    assert log(park) == [("anna", "entered", "masha", ROOM)]


def test_one_look_is_one_entry(sit_down: Open, bridge: httpx.Client, park: Store) -> None:
    look(sit_down("anna"))
    Server(bridge, "masha").report(visitors=["anna"])
    assert [did for _, did, _, _ in log(park)] == ["looked"]


def test_a_server_brings_nobody_into_the_log_who_could_not_be_there(
    bridge: httpx.Client, park: Store
) -> None:
    told = ["oleg", "petya", "masha", "grading-data-6a", "nobody", "north-admin"]
    answer = Server(bridge, "masha").report(visitors=told)
    assert answer.json()["names"] == {}
    assert log(park) == []


@pytest.mark.parametrize("told", [["x"] * 11, ["Anna Petrovna"], [""], ["../anna"], "anna"])
def test_what_is_no_list_of_names_is_not_taken(bridge: httpx.Client, told: object) -> None:
    assert Server(bridge, "masha").report(visitors=told).status_code == 422


def test_the_page_has_the_link_where_somebody_is_there(sit_down: Open, hub: Hub) -> None:
    hub.put("masha", "ready")
    page = sit_down("anna").see(f"classrooms/{ROOM}/live")
    assert f'href="{PREFIX}classrooms/{ROOM}/live/look/masha"' in page
    assert "/live/look/petya" not in page
    assert f'href="{PREFIX}classrooms/{ROOM}/send?to=petya"' in page


def test_who_only_looks_after_the_school_is_offered_neither(sit_down: Open, hub: Hub) -> None:
    hub.put("masha", "ready")
    page = sit_down("north-admin").see(f"classrooms/{ROOM}/live")
    assert '<table class="class" ' in page, "without `teaches` the style hides them"
    assert "Send to everybody" not in page


def test_a_teacher_who_was_taken_off_looks_no_more(sit_down: Open, park: Store) -> None:
    anna = sit_down("anna")
    assert look(anna).status_code == 303
    with park.write() as session:
        classrooms.remove_member(session, ROOM, "anna")
    assert look(anna).status_code == 404
    assert audit.Did.LOOKED in [did for _, did, _, _ in log(park)]
