"""nbgrader's panels in JupyterLab, whose server side is imported by the first request for it.

Jupyter Server calls `_load_jupyter_server_extension`. nbgrader takes a second of CPU to import, and
a whole class starts at the bell; so the first click pays, and who does not click does not.
"""

import os
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from tornado.httputil import HTTPMessageDelegate, HTTPServerRequest
from tornado.routing import PathMatches, Router, Rule

PATHS = {
    "assignment_list": ("assignments", "courses", "nbgrader_version"),
    "course_list": ("formgraders", "nbgrader_version"),
    "formgrader": ("formgrader",),
    "validate_assignment": ("assignments/validate", "nbgrader_version"),
}
"""What nbgrader's extensions answer to, below the server's base address."""

EXTENSIONS = {
    "pupil": ("validate_assignment", "assignment_list"),
    "grader": ("validate_assignment", "course_list", "formgrader"),
}
"""Which of them a server has, by `TECHNOPARK_ROLE`."""


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
            for name in self._names:
                module = import_module(f"nbgrader.server_extensions.{name}")
                module.load_jupyter_server_extension(self._server)
        handler: HTTPMessageDelegate | None = self._routes.find_handler(request, **kwargs)
        return handler


def _load_jupyter_server_extension(server: Any) -> None:
    LateExtensions(server, EXTENSIONS[os.environ.get("TECHNOPARK_ROLE", "pupil")])
