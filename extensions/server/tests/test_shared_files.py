"""Lab's page names the front's addresses where the park has a front, and nothing else changes."""

import asyncio
import json
import posixpath
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application, RequestHandler

from technopark_server import shared_files

SHARED = {
    "address": "https://park.example/static",
    "lab": "1ab",
    "themes": "7e5",
    "icons": "1c0",
    "labextensions": {
        "ipycanvas": "ca5",
        "@jupyter/nbgrader": "9ad",
        shared_files.EXTENSION: "5a4",
    },
    "translations": {"ru_RU": "4e1/ru_RU.json"},
}


def page(*more: str) -> dict[str, Any]:
    """Lab's page as the server makes it."""
    names = (*SHARED["labextensions"], *more)
    return {
        "fullStaticUrl": "/user/kid/class/static/lab",
        "fullLabextensionsUrl": "/user/kid/class/lab/extensions",
        "federated_extensions": [{"name": name, "load": "static/entry.js"} for name in names],
        "disabledExtensions": ["@jupyterlab/lsp-extension"],
        "buildAvailable": True,
        "buildCheck": True,
        "hubUser": "kid",
    }


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(shared_files.VARIABLE, json.dumps(SHARED))


@pytest.fixture
def server() -> Any:
    return SimpleNamespace(base_url="/user/kid/class/", web_app=Application())


def loaded_from(config: dict[str, Any]) -> dict[str, str]:
    """What a browser makes of the addresses that Lab's `bootstrap.js` puts together."""
    start = config["fullLabextensionsUrl"]
    found = {}
    for one in config["federated_extensions"]:
        parts = urlsplit(f"{start}/{one['name']}/{one['load']}")
        found[one["name"]] = parts._replace(path=posixpath.normpath(parts.path)).geturl()
    return found


def test_lab_and_extensions_come_from_the_front() -> None:
    config = shared_files.point_to_front(page(), SHARED)
    assert config["fullStaticUrl"] == "https://park.example/static/1ab"
    assert loaded_from(config) == {
        "ipycanvas": "https://park.example/static/ca5/static/entry.js",
        "@jupyter/nbgrader": "https://park.example/static/9ad/static/entry.js",
        shared_files.EXTENSION: "https://park.example/static/5a4/static/entry.js",
    }
    assert config["hubUser"] == "kid"


def test_a_path_written_on_windows_is_a_path() -> None:
    config = page()
    config["federated_extensions"][0]["load"] = "static\\entry.js"
    found = loaded_from(shared_files.point_to_front(config, SHARED))
    assert found["ipycanvas"] == "https://park.example/static/ca5/static/entry.js"


def test_translations_come_from_the_front_in_place_of_labs_own_way() -> None:
    config = shared_files.point_to_front(page(), SHARED)
    texts = {"ru_RU": "https://park.example/static/4e1/ru_RU.json"}
    assert config["technoparkTranslations"] == texts
    assert (
        config["disabledExtensions"] == [shared_files.LABS_OWN, "@jupyterlab/lsp-extension"][::-1]
    )


def test_a_pupils_own_extension_still_works() -> None:
    config = shared_files.point_to_front(page("of-mine"), SHARED)
    assert config["fullLabextensionsUrl"] == "/user/kid/class/lab/extensions"
    assert config["federated_extensions"] == page("of-mine")["federated_extensions"]
    assert "technoparkTranslations" not in config
    assert config["fullStaticUrl"] == "https://park.example/static/1ab"


def test_every_page_is_pointed_to_the_front_in_the_same_way() -> None:
    again = shared_files.point_to_front(page(), SHARED)
    again["federated_extensions"] = page()["federated_extensions"]  # as Lab reads them anew
    again["fullLabextensionsUrl"] = page()["fullLabextensionsUrl"]
    assert shared_files.point_to_front(again, SHARED) == shared_files.point_to_front(page(), SHARED)


def test_what_jupyterhub_adds_to_the_page_stays(server: Any, told: None) -> None:
    def of_the_hub(handler: object, config: dict[str, Any]) -> dict[str, Any]:
        return config | {"hubUser": "kid"}

    server.web_app.settings["page_config_hook"] = of_the_hub
    asyncio.run(shared_files._start_jupyter_server_extension(server))
    config = server.web_app.settings["page_config_hook"](None, page())
    assert config["hubUser"] == "kid"
    assert config["fullLabextensionsUrl"] == "https://park.example/static"


def handler_of(server: Any, path: str) -> tuple[type[RequestHandler], dict[str, Any]]:
    asked = HTTPServerRequest(
        start_line=RequestStartLine("GET", path, "HTTP/1.1"),
        headers=HTTPHeaders({"Host": "kid.park.example"}),
    )
    found = server.web_app.find_handler(asked)
    return found.handler_class, found.handler_kwargs


class LabsOwn(RequestHandler):
    """What Lab itself answers with."""


@pytest.mark.parametrize(
    ("path", "tree"),
    [
        ("lab/api/themes/@jupyterlab/light/index.css", "https://park.example/static/7e5"),
        ("static/favicons/favicon.ico", "https://park.example/static/1c0"),
    ],
)
def test_what_lab_asks_the_server_for_is_sent_on(
    server: Any, told: None, path: str, tree: str
) -> None:
    server.web_app.add_handlers(".*$", [(r"/user/kid/class/.*", LabsOwn)])
    shared_files._load_jupyter_server_extension(server)
    asked = handler_of(server, f"/user/kid/class/{path}")
    assert asked == (shared_files.SharedFile, {"address": tree})
    assert handler_of(server, "/user/kid/class/api/contents")[0] is LabsOwn


def test_without_a_front_nothing_changes(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(shared_files.VARIABLE, raising=False)
    server.web_app.add_handlers(".*$", [(r"/user/kid/class/.*", LabsOwn)])
    shared_files._load_jupyter_server_extension(server)
    asyncio.run(shared_files._start_jupyter_server_extension(server))
    assert handler_of(server, "/user/kid/class/lab/api/themes/a.css")[0] is LabsOwn
    assert "page_config_hook" not in server.web_app.settings


def test_what_is_switched_off_as_a_whole_is_not_even_loaded() -> None:
    config = page()
    config["disabledExtensions"] += ["@jupyter/nbgrader", "ipycanvas:one-of-its-plugins"]
    found = shared_files.point_to_front(config, SHARED)["federated_extensions"]
    assert [one["name"] for one in found] == ["ipycanvas", shared_files.EXTENSION]
