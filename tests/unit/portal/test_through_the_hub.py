"""The portal beside a real hub: people sign in at the hub and come back to the page they wanted."""

from collections.abc import Iterator

import httpx
import pytest
from support.forms import form_with
from support.hub_with_stand_ins import TEACHER, hub_with_stand_ins, signed_in
from support.park import Park
from support.portal import portal_beside
from support.visitor import Visitor
from support.waiting import eventually

from technopark.bench.hub.people import Visit

pytestmark = pytest.mark.slow

ROOM, OTHER = "room-0000", "room-0001"


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Park]:
    """A hub with its proxy, and the portal as the supervisor runs it."""
    folder = tmp_path_factory.mktemp("hub")
    coming = [Visit("masha", ROOM), Visit("petya", ROOM), Visit("lena", OTHER)]
    with hub_with_stand_ins(folder, coming) as (park, place), portal_beside(place):
        yield park


@pytest.fixture
def come(park: Park) -> Iterator[dict[str, Visitor]]:
    with signed_in(park, "masha", TEACHER + ROOM) as visitors:
        yield {visitor.name: visitor for visitor in visitors}


def see(visitor: Visitor, path: str) -> httpx.Response:
    address = visitor.park.settings.web.service_address("portal")
    return visitor.http.get(f"{address}{path}")


def press(visitor: Visitor, page: httpx.Response, button: str, **typed: str) -> httpx.Response:
    form = form_with(page.text, button)
    origin = {"Origin": visitor.park.address}
    url = page.url.join(form.action)
    return visitor.http.post(url, data=form.fields | typed, headers=origin)


def test_a_teacher_comes_from_the_hub_and_a_pupil_joins(
    park: Park, come: dict[str, Visitor]
) -> None:
    teacher, masha = come[TEACHER + ROOM], come["masha"]
    eventually(lambda: "Классы" in teacher.http.get("/hub/home").text, 20, "the link")
    page = see(teacher, f"classrooms/{ROOM}?from=hub")
    assert page.status_code == 200, "not to the first page, but to the one that was asked for"
    assert page.url.path.endswith(f"/classrooms/{ROOM}")
    assert page.url.query == b"from=hub"

    page = see(teacher, "classrooms/new")
    page = press(teacher, page, "Создать класс", title="6Б, данные")
    assert page.url.path.endswith("/classrooms/6b-dannye")
    page = press(teacher, page, "Создать код")
    code = page.text.split('<p class="code">')[1].split("<")[0]

    assert "Вступить в класс" in masha.http.get("/hub/home").text
    page = press(masha, see(masha, "join"), "Вступить", code=code)
    assert "Ты в классе «6Б, данные»" in page.text
    assert "6Б, данные" in masha.http.get("/hub/home").text
    assert see(masha, "classrooms/6b-dannye").status_code == 404


def test_a_closed_class_is_gone_from_the_hub(park: Park, come: dict[str, Visitor]) -> None:
    teacher, masha = come[TEACHER + ROOM], come["masha"]
    assert f"/{ROOM}" in masha.http.get("/hub/home").text
    page = press(teacher, see(teacher, f"classrooms/{ROOM}/settings"), "Закрыть класс")
    assert f"/{ROOM}" not in masha.http.get("/hub/home").text
    press(teacher, page, "Отменить")
    assert f"/{ROOM}" in masha.http.get("/hub/home").text


def test_a_teacher_gets_into_a_pupils_server_and_into_none_of_another_class(
    park: Park, come: dict[str, Visitor]
) -> None:
    teacher, masha = come[TEACHER + ROOM], come["masha"]
    masha.start(ROOM)
    answer = see(teacher, f"classrooms/{ROOM}/live/look/masha")
    if "oauth2/authorize" in answer.url.path:  # the hub asks before somebody enters another's
        answer = press(teacher, answer, "Войти сюда")
    place = masha.server_url(ROOM).partition("/user/")[2]
    assert answer.status_code == 200
    assert answer.url.path.startswith(f"/user/{place}lab")
    with signed_in(park, "lena") as (lena,):
        lena.start(OTHER)
        assert see(teacher, f"classrooms/{OTHER}/live/look/lena").status_code == 404
        assert teacher.http.get(f"/hub/user/lena/{OTHER}/lab").status_code == 404


def test_who_is_not_signed_in_meets_the_hubs_own_page(park: Park) -> None:
    with httpx.Client(follow_redirects=True, trust_env=False) as nobody:
        answer = nobody.get(f"{park.settings.web.service_address('portal')}classrooms")
    assert answer.url.path == "/hub/login"
