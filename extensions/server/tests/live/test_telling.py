"""A real server with a real kernel tells a portal's stand-in what its pupil does."""

import itertools
import json
import os
import time
import uuid
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from support.waiting import eventually
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from technopark_server.live import extension
from technopark_server.live.extension import URL
from technopark_server.live.reporting import EVERY

from .conftest import CELLS, NOTEBOOK, OWN_WORDS, Portal


class Lab:
    """What Lab's page does."""

    def __init__(self, address: str) -> None:
        self._address, self._open = address, ExitStack()
        self._socket: ClientConnection | None = None

    def ask(self, method: str, path: str, content: object = None) -> requests.Response:
        url = f"http://{self._address}{path}"
        return requests.request(method, url, json=content, timeout=30)

    def open(self) -> None:
        session = {"path": NOTEBOOK, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
        kernel = self.ask("POST", "api/sessions", session).json()["kernel"]["id"]
        socket = connect(
            f"ws://{self._address}api/kernels/{kernel}/channels?session_id=page",
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
