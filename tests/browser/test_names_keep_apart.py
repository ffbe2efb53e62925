"""A page on a pupil's name cannot act as the teacher at the hub, the portal or another's server.

Hub, proxy, portal and browser are real, so are the names; the servers behind them are played, and
the pupil's page is one that the browser is told to be there. No engine and no images are needed.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from support.hub_with_stand_ins import TEACHER, hub_with_stand_ins, signed_in
from support.park import Park
from support.portal import portal_beside
from support.visitor import Visitor

from technopark.bench.hub.people import Visit
from technopark.bench.own_park import free_ports
from technopark.people import finding
from technopark.settings import SOURCE
from technopark.store import open_store

pytestmark = pytest.mark.browser

ROOM, MATE = "room-0000", "petya"
ME = TEACHER + ROOM
SCRIPT = (SOURCE / "tests" / "support" / "hostile_page.js").read_text("utf-8")
EMPTY = ("refused: ", "opaque 0 ", "nothing came", "no window", "sent")
"""How a try begins that brought nothing; what was only sent must have changed nothing."""


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory, names_of_localhost: None) -> Iterator[Park]:
    [port] = free_ports(1)
    web = {"address": f"http://park.localhost:{port}"}
    coming = [Visit("masha", ROOM), Visit(MATE, ROOM)]
    folder = tmp_path_factory.mktemp("hub")
    with hub_with_stand_ins(folder, coming, web=web) as (made, place), portal_beside(place):
        yield made


@pytest.fixture
def pupils(park: Park) -> Iterator[list[Visitor]]:
    """Both are at work."""
    with signed_in(park, "masha", MATE) as visitors:
        for each in visitors:
            each.start(ROOM)
        yield visitors


@pytest.fixture
def page(park: Park, pupils: list[Visitor], chromium: Browser) -> Iterator[Page]:
    """The teacher's, signed in at the hub, the portal and both pupils' servers."""
    context = chromium.new_context(locale="ru-RU")
    context.set_default_timeout(60_000)
    opened = context.new_page()
    opened.goto(park.address)
    opened.fill("#username", ME)
    opened.fill("#password", park.words[ME])
    opened.click("button.big")
    opened.wait_for_url("**/hub/home")
    opened.goto(f"{park.settings.web.service_address('portal')}classrooms/{ROOM}")
    for each in pupils:
        opened.goto(f"{each.server_url(ROOM)}lab")
        opened.locator("button.big").click()
        opened.wait_for_url(f"{each.server_url(ROOM)}**")
    yield opened
    context.close()


def test_a_page_on_a_pupils_name_cannot_act_as_the_teacher(
    park: Park, pupils: list[Visitor], page: Page
) -> None:
    hub, portal = park.address, park.settings.web.service_address("portal")
    masha, mate = pupils
    before = tokens(page, hub)
    page.goto(f"{hub}/hub/home")
    assert asked(page, "/hub/api/user")["name"] == ME, "on the hub's own name a script is answered"
    trick = f"{masha.server_url(ROOM)}trick"
    page.route(trick, lambda route: route.fulfill(content_type="text/html", body="<h1>Ура</h1>"))
    page.goto(trick)
    places = {"hub": hub, "portal": portal, "other": mate.server_url(ROOM)}
    places |= {"room": ROOM, "me": ME, "mate": MATE}
    found: dict[str, str] = page.evaluate(f"(places) => ({SCRIPT})(places)", places)

    cookies = {each.partition("=")[0].strip() for each in found.pop("cookies").split(";")}
    assert cookies <= {"_xsrf", "stand-in"}, "those of a sign-in are for no script"
    assert found.pop("who opened this") == "null"
    assert {what: said for what, said in found.items() if not said.startswith(EMPTY)} == {}
    assert [each.url for each in page.frames if each.url.startswith((hub, portal))] == []
    assert tokens(page, hub) == before, "nobody made a token in the teacher's name"
    with closing(open_store(park.settings.database_url)) as store, store.read() as session:
        names = {one.name for one in finding.members(session, ROOM, "pupil")}
    assert names == {"masha", MATE}, "nobody was taken out of the class"


def tokens(page: Page, hub: str) -> set[str]:
    """The teacher's tokens for programs."""
    asking = page.context.new_page()
    asking.goto(f"{hub}/hub/home")
    found = asked(asking, f"/hub/api/users/{ME}/tokens")["api_tokens"]
    asking.close()
    return {str(one["id"]) for one in found if one["oauth_client"] == "JupyterHub"}


def asked(page: Page, path: str) -> dict[str, Any]:
    """What the hub's API answers to a script on the hub's own page."""
    answer: dict[str, Any] = page.evaluate(
        """async (path) => {
            const [, seal] = document.cookie.match(/_xsrf=([^;]+)/);
            return (await fetch(path, { headers: { "X-XSRFToken": seal } })).json();
        }""",
        path,
    )
    return answer
