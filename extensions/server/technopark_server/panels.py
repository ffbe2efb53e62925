"""nbgrader's panels in JupyterLab, whose server side is imported by the first request for it.

Jupyter Server calls `_load_jupyter_server_extension`. nbgrader takes a second of CPU to import, and
a whole class starts at the bell; so the first click pays, and who does not click does not.
"""

import os
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest
from tornado.routing import PathMatches, Router, Rule

PATHS = {
    "assignment_list": ("assignments", "courses"),
    "course_list": ("formgraders",),
    "formgrader": ("formgrader",),
    "validate_assignment": ("assignments/validate",),
}
"""What nbgrader's extensions answer to, below the server's base address."""

EXTENSIONS = {
    "pupil": ("validate_assignment", "assignment_list"),
    "grader": ("validate_assignment", "course_list", "formgrader"),
}
"""Which of them a server has, by `TECHNOPARK_ROLE`."""


class VersionHandler(JupyterHandler):
    """`nbgrader_version`: every page asks it when it opens, so it is answered without nbgrader."""

    @web.authenticated
    def get(self) -> None:
        """Answer whether the page's panels and the server are of one version."""
        asked = self.get_argument("version")
        ours = version("nbgrader")
        answer: dict[str, bool | str] = {"success": asked == ours}
        if asked != ours:
            answer["message"] = (
                f"Панели этой страницы от nbgrader {asked}, а сервер — {ours}. Обнови страницу. / "
                f"This page's panels are nbgrader {asked}, the server is {ours}. Reload the page."
            )
        self.finish(answer)


class LateExtensions(Router):
    """Stands where nbgrader's routes will be, and puts them there at the first request.

    Args:
        server: the running `ServerApp`.
        names: nbgrader's extensions; the first one to know a path answers it.
    """

    def __init__(self, server: Any, names: Sequence[str]) -> None:
        self._server = server
        self._names = names
        paths = "|".join(sorted({path for name in names for path in PATHS[name]}))
        self._rule = Rule(PathMatches(rf"{server.base_url}(?:{paths})(?:/.*)?"), self)
        self._routes = server.web_app.default_router
        self._routes.rules.insert(-1, self._rule)

    def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> HTTPMessageDelegate | None:
        """Loads the extensions, steps aside, and asks the server's routes again."""
        if self._rule in self._routes.rules:
            self._routes.rules.remove(self._rule)
            load(self._server, self._names)
        handler: HTTPMessageDelegate | None = self._routes.find_handler(request, **kwargs)
        return handler


def load(server: Any, names: Sequence[str]) -> None:
    """Imports nbgrader's extensions and adds their routes."""
    for name in names:
        module = import_module(f"nbgrader.server_extensions.{name}")
        module.load_jupyter_server_extension(server)


def _load_jupyter_server_extension(server: Any) -> None:
    path = url_path_join(server.base_url, "nbgrader_version")
    server.web_app.add_handlers(".*$", [(path, VersionHandler)])
    role = os.environ.get("TECHNOPARK_ROLE", "pupil")
    if role == "grader":
        # There is one a classroom, its first page is formgrader, and its own buttons are put there.
        load(server, EXTENSIONS[role])
    else:
        LateExtensions(server, EXTENSIONS[role])
