"""What tests of a pupil's server share: the server as it runs, and a stand-in for the portal."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from support.waiting import eventually

from technopark_server.live.extension import OWNER, URL

PUPIL = "masha"
CONFIG = """
from jupyter_server.auth import IdentityProvider, User


class AsTheySay(IdentityProvider):
    # stands in for the hub: people are who they say they are
    def get_user(self, handler):
        return User(username=handler.request.headers.get("X-Name", "masha"))


c.ServerApp.identity_provider_class = AsTheySay
c.ServerApp.disable_check_xsrf = True

from technopark_kernels import switch_on
switch_on(c)
c.ServerApp.allow_root = True
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.open_browser = False
c.ServerApp.root_dir = {root!r}
unused = ("jupyterlab", "jupyter_lsp", "notebook", "notebook_shim", "jupyter_server_terminals")
panels = ("assignment_list", "course_list", "formgrader", "validate_assignment")
nbgrader = [f"nbgrader.server_extensions.{{name}}" for name in panels]
c.ServerApp.jpserver_extensions = {{
    **dict.fromkeys([*unused, *nbgrader], False), "technopark_server": True
}}
"""

NOTEBOOK = "count/count.ipynb"
OWN_WORDS = "the pupils own words"


def cell(name: str, source: str, **nbgrader: Any) -> dict[str, Any]:
    return {
        "id": name,
        "cell_type": "code",
        "source": source,
        "outputs": [],
        "execution_count": None,
        "metadata": {"nbgrader": nbgrader} if nbgrader else {},
    }


CELLS = {
    "answer": f"{OWN_WORDS!r}\ntotal = 4",
    "test": f"assert total == 5, {OWN_WORDS!r}",
    "mend": "total = 5",
}


class Portal:
    """What was reported, and when."""

    def __init__(self) -> None:
        self.reports: list[dict[str, Any]] = []
        self.at: list[float] = []
        self.paths: set[str] = set()
        self.tokens: set[str] = set()
        self.lowered = False
        self.called: dict[str, str] = {}

    @property
    def last(self) -> dict[str, Any]:
        """The newest report; how long an error lasts aside."""
        told = self.reports[-1] if self.reports else {"nothing": "yet"}
        return {name: value for name, value in told.items() if name != "error_seconds"}


@pytest.fixture
def portal() -> Iterator[tuple[Portal, str]]:
    seen = Portal()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.reports.append(told)
            seen.at.append(time.monotonic())
            seen.paths.add(self.path)
            seen.tokens.add(self.headers["Authorization"])
            is_up = bool(told.get("hand")) and not seen.lowered
            names = {name: seen.called.get(name, name) for name in told.get("visitors", ())}
            answer = json.dumps({"hand": is_up, "names": names}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield seen, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def address(portal: tuple[Portal, str], tmp_path: Path) -> Iterator[str]:
    """A pupil's server, with leased kernels' own class of websockets beneath ours."""
    root = tmp_path / "home"
    (root / "count").mkdir(parents=True)
    cells = [
        cell("answer", CELLS["answer"], solution=True, grade=False, grade_id="count"),
        cell("test", CELLS["test"], solution=False, grade=True, grade_id="count-test"),
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (root / NOTEBOOK).write_text(json.dumps(notebook), "utf-8")
    config = tmp_path / "config.py"
    config.write_text(CONFIG.format(root=str(root)), "utf-8")
    environment = os.environ | {
        URL: portal[1],
        "TECHNOPARK_CLASSROOM": "data-6a",
        "JUPYTERHUB_API_TOKEN": "its-own",
        OWNER: PUPIL,
        "JUPYTER_CONFIG_DIR": str(tmp_path / "no-config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    words = [sys.executable, "-m", "jupyter_server", f"--config={config}", "--port=0"]
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=root, env=environment, stdout=log, stderr=log)
    try:
        found = eventually(lambda: told(tmp_path / "runtime"), 60, "the server is up")
        eventually(lambda: answers(found["port"]), 60, "and answers")
        yield f"127.0.0.1:{found['port']}/"
    finally:
        process.terminate()
        process.wait(30)
        print((tmp_path / "server.log").read_text())


def told(runtime: Path) -> dict[str, Any] | None:
    """What a server that is up writes about itself."""
    for file in runtime.glob("jpserver-*.json"):
        with suppress(ValueError):
            return dict(json.loads(file.read_text()))
    return None


def answers(port: int) -> bool:
    """Whether it listens yet: on a busy machine it says where it is before."""
    with suppress(requests.ConnectionError):
        return requests.get(f"http://127.0.0.1:{port}/api", timeout=30).ok
    return False
