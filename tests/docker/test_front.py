"""The front of a running park: files for everybody, and small answers from pupils' own servers."""

import json
from collections.abc import Callable

import httpx
import pytest
from support.park import Park
from support.visitor import Visitor
from websockets.sync.client import connect

from technopark.front import cards

pytestmark = pytest.mark.docker
Arrive = Callable[[str], Visitor]
CLASSROOM = "data-6a"


def page_config(lab: httpx.Response) -> dict[str, object]:
    """What Lab's page says of itself."""
    text = lab.text.partition('id="jupyter-config-data" type="application/json">')[2]
    found: dict[str, object] = json.loads(text.partition("</script>")[0])
    return found


def test_a_page_names_the_files_of_the_front(park: Park, signed_in: Arrive) -> None:
    masha = signed_in("masha")
    config = page_config(masha.start(CLASSROOM))
    card = cards.read(park.settings, park.container("masha", CLASSROOM)["Image"])
    assert config["fullStaticUrl"] == f"{park.address}/static/{card.lab}"
    assert config["hubUser"] == "masha"
    # Nobody is signed in there, and nothing asks who it is.
    answer = httpx.get(f"{config['fullStaticUrl']}/package.json")
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["Cache-Control"].endswith("immutable")
    assert answer.headers["Content-Encoding"] in ("br", "gzip")


def test_labs_own_addresses_lead_to_the_front(park: Park, signed_in: Arrive) -> None:
    masha = signed_in("masha")
    masha.start(CLASSROOM)
    for path in (
        "lab/api/themes/@jupyterlab/theme-light-extension/index.css",
        "static/favicons/favicon.ico",
    ):
        answer = masha.server("GET", path, CLASSROOM)
        assert answer.status_code == httpx.codes.OK
        assert str(answer.url).startswith(cards.address(park.settings))


def test_a_server_still_has_its_own_files(signed_in: Arrive) -> None:
    masha = signed_in("masha")
    masha.start(CLASSROOM)
    answer = masha.server("GET", "static/lab/package.json", CLASSROOM)
    assert answer.json()["jupyterlab"]


def test_answers_and_websockets_are_compressed(signed_in: Arrive) -> None:
    masha = signed_in("masha")
    masha.start(CLASSROOM)
    assert masha.server("GET", "lab/api/settings", CLASSROOM).headers["Content-Encoding"] == "gzip"
    assert masha.http.get("/hub/home").headers["Content-Encoding"] == "gzip"
    kernel = masha.new_kernel(CLASSROOM)
    url = f"{masha.server_url(CLASSROOM)}api/kernels/{kernel}/channels"
    cookies = masha.http.build_request("GET", url).headers.get("Cookie", "")
    with connect(
        url.replace("http", "ws", 1),
        additional_headers={"Cookie": cookies, "Origin": url.split("/user/")[0]},
        open_timeout=30,
    ) as socket:
        assert [each.name for each in socket.protocol.extensions] == ["permessage-deflate"]
    assert masha.run(CLASSROOM, kernel, "print('x' * 100_000)") == "x" * 100_000 + "\n"


def test_nothing_of_a_person_is_on_the_shelf(park: Park, signed_in: Arrive) -> None:
    signed_in("masha").start(CLASSROOM)
    image = park.container("masha", CLASSROOM)["Image"]
    told = cards.for_server(park.settings, image)
    assert told
    assert "masha" not in told
    assert told == cards.for_server(park.settings, image)
