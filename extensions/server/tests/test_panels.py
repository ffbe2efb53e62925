"""nbgrader is imported by the first click on one of its panels, and not before."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application, RequestHandler

from technopark_server import panels


class Page(RequestHandler):
    """A page of nbgrader's."""


@pytest.fixture
def imported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of extensions that were imported; each answers below its own name."""
    names: list[str] = []

    def extension(name: str) -> ModuleType:
        names.append(name.rpartition(".")[2])
        module: Any = ModuleType(name)

        def load(server: Any) -> None:
            paths = panels.PATHS[name.rpartition(".")[2]]
            pages = [(f"{server.base_url}{path}", Page) for path in paths]
            server.web_app.add_handlers(".*$", pages)

        module.load_jupyter_server_extension = load
        return module

    monkeypatch.setattr(panels, "import_module", extension)
    return names


@pytest.fixture
def server() -> Any:
    return SimpleNamespace(base_url="/user/kid/", web_app=Application())


def answers(server: Any, path: str) -> type:
    """The class of page that answers at `path`."""
    asked = HTTPServerRequest(
        start_line=RequestStartLine("GET", path, "HTTP/1.1"),
        headers=HTTPHeaders({"Host": "park.example"}),
    )
    found: type = server.web_app.find_handler(asked).handler_class
    return found


def test_other_pages_import_nothing(server: Any, imported: list[str]) -> None:
    panels.LateExtensions(server, panels.EXTENSIONS["pupil"])
    assert answers(server, "/user/kid/api/contents") is not Page
    assert answers(server, "/user/kid/assignments-of-mine") is not Page
    assert imported == []


def test_the_first_click_imports_once(server: Any, imported: list[str]) -> None:
    panels.LateExtensions(server, panels.EXTENSIONS["pupil"])
    assert answers(server, "/user/kid/assignments") is Page
    assert answers(server, "/user/kid/assignments/validate") is Page
    assert imported == ["validate_assignment", "assignment_list"]


def test_a_pupil_has_no_formgrader(server: Any, imported: list[str]) -> None:
    panels.LateExtensions(server, panels.EXTENSIONS["pupil"])
    assert answers(server, "/user/kid/formgrader") is not Page


def test_a_grading_server_has(server: Any, imported: list[str]) -> None:
    panels.LateExtensions(server, panels.EXTENSIONS["grader"])
    assert answers(server, "/user/kid/formgrader") is Page
    assert answers(server, "/user/kid/assignments") is not Page
