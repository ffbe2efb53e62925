"""A pupil's page tries to act as the teacher who looks at it, and nothing comes of it.

Pupils' pages may hold any script, and the teacher is signed in at the hub, at the portal and at
other pupils' servers: what keeps them apart is that each person has a name of their own.
"""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from support.lesson import MINUTE
from support.park import Park
from support.visitor import Visitor

from technopark.people import finding
from technopark.settings import SOURCE
from technopark.store import open_store

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

ROOM, TEACHER, MATE = "data-6a", "anna-pavlovna", "petya"
SCRIPT = (SOURCE / "tests" / "support" / "hostile_page.js").read_text("utf-8")
MAY_LOG = r"CORS|Failed to load resource|frame|WebSocket|Content Security Policy|Blocked|Unsafe"
"""What a browser writes about requests that it keeps from a page."""


@pytest.fixture
def masha(park: Park, signed_in: Callable[[str], Visitor]) -> Visitor:
    """A pupil whose notebook shows a page with a script in it; it is signed as her own work."""
    pupil = signed_in("masha")
    pupil.start(ROOM)
    places = {
        "hub": park.address,
        "portal": park.settings.web.service_address("portal"),
        "other": pupil.server_url(ROOM, MATE),
        "room": ROOM,
        "me": TEACHER,
        "mate": MATE,
    }
    begin = f"({SCRIPT})({json.dumps(places)})"
    told = f"{begin}.then((found) => {{ window.found = found; }});"
    shown = {
        "output_type": "display_data",
        "data": {"text/html": f"<h1>Смотрите!</h1><script>{told}</script>"},
        "metadata": {},
    }
    cell = {
        "cell_type": "code",
        "id": "trick",
        "source": "показать()",
        "metadata": {"trusted": True},
        "outputs": [shown],
        "execution_count": 1,
    }
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    saved = {"type": "notebook", "content": notebook}
    pupil.server("PUT", "api/contents/trick.ipynb", ROOM, json=saved).raise_for_status()
    return pupil


@pytest.fixture
def mate(signed_in: Callable[[str], Visitor]) -> Visitor:
    """Another pupil of the class, who is at work."""
    pupil = signed_in(MATE)
    pupil.start(ROOM)
    return pupil


def come_in(page: Page, address: str) -> None:
    """The teacher goes to a pupil's server, and says that this is meant."""
    page.goto(address)
    page.locator("button.big").click()
    page.wait_for_url("**/user/**")


def test_a_pupils_page_cannot_act_as_the_teacher_who_looks_at_it(
    park: Park, masha: Visitor, mate: Visitor, sit_down: Open
) -> None:
    page = sit_down(TEACHER, may_log=MAY_LOG)
    hub, portal = park.address, park.settings.web.service_address("portal")
    page.goto(f"{portal}classrooms/{ROOM}")
    expect(page.get_by_text(MATE)).to_be_visible(timeout=MINUTE)
    come_in(page, f"{mate.server_url(ROOM)}lab")
    tokens, files = tokens_of(page, hub), files_of(mate)

    come_in(page, f"{masha.server_url(ROOM)}lab/tree/trick.ipynb")
    page.wait_for_function("() => window.found", timeout=3 * MINUTE)
    found: dict[str, str] = page.evaluate("() => window.found")

    assert page.url.startswith(masha.server_url(ROOM)), "the script ran on the pupil's own name"
    names = {each.partition("=")[0].strip() for each in found.pop("cookies").split(";")}
    assert names <= {"_xsrf"}, "cookies of a sign-in are for no script"
    assert found.pop("who opened this") == "null"
    came = {what: said for what, said in found.items() if not is_nothing(said)}
    assert came == {}
    frames = [each.url for each in page.frames if each.url.startswith((hub, portal))]
    assert frames == [], "no page of hub and portal is shown within another's"

    assert tokens_of(page, hub) == tokens, "nobody made a token in the teacher's name"
    assert files_of(mate) == files, "nothing was written at another pupil's"
    assert MATE in pupils(park), "nobody was taken out of the class"
    page.goto(f"{portal}classrooms/{ROOM}")
    expect(page.get_by_text(MATE)).to_be_visible()


def test_the_same_tries_would_find_something_on_the_parks_own_name(
    park: Park, sit_down: Open
) -> None:
    """The control: where a script stands on the hub's own name, the hub answers it."""
    page = sit_down(TEACHER)
    said = json.dumps(asked(page, "/hub/api/user"))
    assert not is_nothing(said)
    assert json.loads(said)["name"] == TEACHER


def is_nothing(said: str) -> bool:
    """Whether a try brought nothing: not answered, an answer without content, or a stranger's."""
    empty = ("refused: ", "opaque 0 ", "nothing came", "no window", "sent")
    return said.startswith(empty) or (said.startswith("basic 4") and TEACHER not in said)


def tokens_of(page: Page, hub: str) -> set[str]:
    """The teacher's tokens for programs."""
    return {one["id"] for one in _tokens(page, hub) if one.get("oauth_client") == "JupyterHub"}


def _tokens(page: Page, hub: str) -> list[dict[str, Any]]:
    # Asked in a window of its own: this one may show the pupil's page.
    asking = page.context.new_page()
    asking.goto(f"{hub}/hub/home")
    found: list[dict[str, Any]] = asked(asking, f"/hub/api/users/{TEACHER}/tokens")["api_tokens"]
    asking.close()
    return found


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


def files_of(pupil: Visitor) -> set[str]:
    """What lies in the pupil's folder of the classroom."""
    folder: Path = pupil.park.settings.homes / pupil.name / ROOM
    return {path.name for path in folder.iterdir()}


def pupils(park: Park) -> set[str]:
    with closing(open_store(park.settings.database_url)) as store, store.read() as session:
        return {one.name for one in finding.members(session, ROOM, "pupil")}
