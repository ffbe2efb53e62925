"""JupyterHub's own pages can be read and used by everybody: axe-core, at a PC and on a phone.

Hub and proxy are real, engine and servers are played: it needs neither engine nor images here.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from support.axe import faults
from support.hub_with_stand_ins import TEACHER, hub_with_stand_ins
from support.park import Park
from support.waiting import eventually

from technopark.bench.hub.people import Visit
from technopark.bench.hub.place import Place
from technopark.language import LANGUAGES
from technopark.machine.proxy import ERROR_PAGES
from technopark.portal.hub.hub_pages import TEMPLATES

pytestmark = pytest.mark.browser

ROOM = "room-0000"
LOCALES = {"ru": "ru-RU", "en": "en-GB"}
SHOWN_ELSEWHERE = {"card.html", "openid_problem.html", "stop_pending.html", "park.html"}
PARTS = {"ahead.html"}
"""Looked at with their own stories, or a few words that are gone at once; and the frame."""
Sit = Callable[[str], Page]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Park, Place]]:
    coming = [Visit("masha", ROOM), Visit("petya", ROOM)]
    with hub_with_stand_ins(tmp_path_factory.mktemp("hub"), coming) as made:
        yield made


@pytest.fixture
def park(hub: tuple[Park, Place]) -> Park:
    return hub[0]


@pytest.fixture(params=LANGUAGES)
def sit_down(request: pytest.FixtureRequest, park: Park, chromium: Browser) -> Iterator[Sit]:
    """Sits somebody down at a browser of this language and signs them in; nobody: not in."""
    with ExitStack() as stack:

        def sit(name: str = "") -> Page:
            context = chromium.new_context(locale=LOCALES[request.param], base_url=park.address)
            stack.callback(context.close)
            page = context.new_page()
            page.goto("/hub/login")
            assert page.locator("html").get_attribute("lang") == request.param
            if name:
                page.fill("#username", name)
                page.fill("#password", park.words[name])
                page.click("button.big")
                page.wait_for_url("**/hub/home")
            return page

        yield sit


@contextmanager
def held_still(place: Place) -> Iterator[None]:
    """The engine does nothing: whoever starts a lesson waits until the end of the block."""
    os.kill(place.pids["stand-ins"], signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(place.pids["stand-ins"], signal.SIGCONT)


def test_signing_in(sit_down: Sit) -> None:
    page = sit_down("")
    assert faults(page) == []
    page.fill("#username", "masha")
    page.fill("#password", "не те слова")
    page.click("button.big")
    expect(page.get_by_role("alert")).to_be_visible()
    assert faults(page) == []


def test_the_card_of_somebody_else(sit_down: Sit) -> None:
    page = sit_down("masha")
    page.goto("/hub/card")
    assert faults(page) == []


@pytest.mark.parametrize("name", ["petya", TEACHER + ROOM])
def test_the_classes(sit_down: Sit, name: str) -> None:
    assert faults(sit_down(name)) == []


def test_a_computer_that_is_off(sit_down: Sit) -> None:
    page = sit_down("masha")
    page.goto(f"/user/masha/{ROOM}/lab")
    expect(page.locator("#start")).to_be_visible()
    assert faults(page) == []


def test_waiting(hub: tuple[Park, Place], sit_down: Sit) -> None:
    page = sit_down("masha")
    with held_still(hub[1]):
        page.goto(f"/hub/spawn/masha/{ROOM}")
        page.wait_for_url("**/spawn-pending/**")
        expect(page.locator("#message")).not_to_be_empty()
        assert faults(page) == []
    page.wait_for_url(f"**/user/masha/{ROOM}/**")
    [cookie] = [
        one["value"]
        for one in page.context.cookies(f"{hub[0].address}/hub/")
        if one["name"] == "_xsrf" and one["path"] == "/hub/"
    ]
    server = f"/hub/api/users/masha/servers/{ROOM}"
    page.request.delete(server, headers={"X-XSRFToken": cookie})
    eventually(lambda: not _runs(page), 30, "it is off")


def _runs(page: Page) -> bool:
    return bool(page.request.get("/hub/api/users/masha").json()["servers"].get(ROOM))


def test_a_program_gets_a_token_and_loses_it(park: Park, sit_down: Sit) -> None:
    page = sit_down("petya")
    page.goto("/hub/token")
    assert faults(page) == []
    page.fill("#note", "робот")
    page.locator("#new button").click()
    expect(page.locator("#made-title")).to_be_focused()
    token = page.locator("#token").inner_text()
    assert faults(page) == []
    asked = {"Authorization": f"token {token}"}
    assert page.request.get("/hub/api/user", headers=asked).json()["name"] == "petya"

    page.reload()
    row = page.get_by_role("row").filter(has_text="робот").first
    expect(row).to_be_visible()
    assert faults(page) == []
    row.get_by_role("button").click()
    expect(page.get_by_role("row").filter(has_text="робот")).to_have_count(0)
    with_token = page.context.browser.new_context(base_url=park.address)  # type: ignore[union-attr]
    assert with_token.request.get("/hub/api/user", headers=asked).status == 403
    with_token.close()


def test_what_cannot_be_opened(sit_down: Sit) -> None:
    page = sit_down("petya")
    for path, status in (("/hub/nowhere", 404), ("/hub/admin", 403)):
        answer = page.goto(path)
        assert answer
        assert answer.status == status
        assert faults(page) == []


def test_to_somebody_elses_computer_one_is_asked_first(sit_down: Sit) -> None:
    pupil, teacher = sit_down("petya"), sit_down(TEACHER + ROOM)
    pupil.goto(f"/hub/spawn/petya/{ROOM}")
    pupil.wait_for_url(f"**/user/petya/{ROOM}/**")
    teacher.goto(f"/user/petya/{ROOM}/lab")
    expect(teacher.locator("[name=scopes]").first).to_be_attached()
    assert faults(teacher) == []


def test_signing_out(sit_down: Sit) -> None:
    page = sit_down("petya")
    page.goto("/hub/logout")
    assert faults(page) == []


def test_the_hub_is_away(chromium: Browser) -> None:
    page = chromium.new_page()
    text = (ERROR_PAGES / "error.html").read_text("utf-8")
    assert "location.reload()" in text
    page.set_content(text.replace("location.reload()", "0"))
    assert faults(page) == []
    page.close()


def test_no_page_of_the_hub_is_forgotten() -> None:
    shown = {
        "login.html",
        "home.html",
        "not_running.html",
        "spawn_pending.html",
        "token.html",
        "error.html",
        "404.html",
        "oauth.html",
        "logout.html",
    }
    assert {path.name for path in TEMPLATES.glob("*.html")} == shown | SHOWN_ELSEWHERE | PARTS
