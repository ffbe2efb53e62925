"""A real server with a real kernel tells a portal's stand-in what its pupil does."""

import itertools
import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from support.waiting import eventually
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from technopark_server.live import extension
from technopark_server.live.extension import URL
from technopark_server.live.reporting import EVERY

TOKEN = {"Authorization": "token open"}
CONFIG = """
from technopark_kernels import switch_on
switch_on(c)
c.ServerApp.allow_root = True
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.open_browser = False
c.ServerApp.root_dir = {root!r}
c.IdentityProvider.token = "open"
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
            answer = json.dumps({"hand": bool(told.get("hand")) and not seen.lowered}).encode()
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
        "JUPYTER_CONFIG_DIR": str(tmp_path / "no-config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    words = [sys.executable, "-m", "jupyter_server", f"--config={config}", "--port=0"]
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=root, env=environment, stdout=log, stderr=log)
    try:
        found = eventually(lambda: told(tmp_path / "runtime"), 60, "the server is up")
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


class Lab:
    """What Lab's page does."""

    def __init__(self, address: str) -> None:
        self._address, self._open = address, ExitStack()
        self._socket: ClientConnection | None = None

    def ask(self, method: str, path: str, content: object = None) -> requests.Response:
        url = f"http://{self._address}{path}"
        return requests.request(method, url, json=content, headers=TOKEN, timeout=30)

    def open(self) -> None:
        session = {"path": NOTEBOOK, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
        kernel = self.ask("POST", "api/sessions", session).json()["kernel"]["id"]
        socket = connect(
            f"ws://{self._address}api/kernels/{kernel}/channels?session_id=page",
            additional_headers=TOKEN,
            subprotocols=[Subprotocol("v1.kernel.websocket.jupyter.org")],
            max_size=None,
        )
        self._socket = self._open.enter_context(socket)

    def run(self, name: str, code: str) -> None:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "session": "page",
            "username": "",
            "version": "5.3",
            "date": "2026-11-24T07:00:00Z",
        }
        content = {"code": code, "silent": False, "store_history": True, "stop_on_error": True}
        parts = (header, {}, {"cellId": name}, content)
        pieces = [b"shell", *(json.dumps(part).encode() for part in parts)]
        offsets = [8 * (len(pieces) + 2)]
        for piece in pieces:
            offsets.append(offsets[-1] + len(piece))
        head = [len(offsets), *offsets]
        assert self._socket
        self._socket.send(b"".join(one.to_bytes(8, "little") for one in head) + b"".join(pieces))

    def close(self) -> None:
        self._open.close()


@pytest.mark.slow
def test_the_park_hears_how_a_pupil_gets_on(address: str, portal: tuple[Portal, str]) -> None:
    seen, page = portal[0], Lab(address)

    def tells(expected: dict[str, Any]) -> None:
        eventually(lambda: seen.last == expected, 30, f"{expected}, not {seen.reports}")

    page.open()
    opened = {"notebook": NOTEBOOK, "task": "", "passed": 0, "tests": 1}
    tells(opened)
    page.run("answer", CELLS["answer"])
    page.run("test", CELLS["test"])
    tells(opened | {"task": "count", "error": "AssertionError"})
    page.run("answer", CELLS["mend"])
    page.run("test", CELLS["test"])
    passed = opened | {"task": "count", "passed": 1}
    tells(passed)

    count = len(seen.reports)
    time.sleep(2 * EVERY)
    assert len(seen.reports) == count, "only where something changed"

    answer = page.ask("POST", "technopark/hand", {"raised": True})
    assert answer.json() == {"raised": True}
    eventually(lambda: "hand" in seen.last, 30, "raised")
    seen.lowered = True
    tells(passed)
    assert page.ask("GET", "technopark/hand").json() == {"raised": False}
    assert page.ask("POST", "technopark/hand", {"raised": "please"}).status_code == 400

    page.close()
    tells({})
    assert seen.paths == {"/work/data-6a"}
    assert seen.tokens == {"token its-own"}
    assert OWN_WORDS not in json.dumps(seen.reports)
    gaps = [after - before for before, after in itertools.pairwise(seen.at)]
    assert min(gaps) > EVERY - 0.1, "not more often than that"


def test_outside_a_park_nothing_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (URL, "TECHNOPARK_CLASSROOM"):
        monkeypatch.delenv(name, raising=False)
    server: Any = object()  # it is not even looked at
    extension._load_jupyter_server_extension(server)
    assert URL not in os.environ
