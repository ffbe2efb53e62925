"""A pupil's server with leased kernels beside local ones, a stand-in for the broker, and a page."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from support.stand_in_broker import StandInBroker
from support.waiting import eventually
from tornado.websocket import WebSocketClientConnection, websocket_connect

V1 = "v1.kernel.websocket.jupyter.org"
CONFIG = """
from technopark_kernels import switch_on
switch_on(c)
c.ServerApp.allow_root = True
c.ServerApp.port_retries = 0
unused = ("jupyterlab", "jupyter_lsp", "notebook", "notebook_shim", "jupyter_server_terminals")
panels = ("assignment_list", "course_list", "formgrader", "validate_assignment")
nbgrader = [f"nbgrader.server_extensions.{name}" for name in panels]
c.ServerApp.jpserver_extensions = dict.fromkeys([*unused, *nbgrader], False)
"""


@contextmanager
def free_ports(count: int) -> Iterator[int]:
    """The first of `count` ports, one after the other, that nobody has; ours while the block runs.

    Kernels listen on them later and again. So what keeps other processes' tests away is not the
    port but a name that goes with it, of which the kernel lets only one be there.
    """
    for first in range(23000, 32000, count):
        with ExitStack() as names:
            try:
                for port in range(first, first + count):
                    name = names.enter_context(socket.socket(socket.AF_UNIX))
                    name.bind(f"\0technopark-tests-{port}")
                    with socket.socket() as tried:
                        tried.bind(("", port))
            except OSError:
                continue
            yield first
            return
    raise AssertionError("no free ports")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[StandInBroker]:
    """The broker, with one device."""
    (tmp_path / "home" / "data-6a").mkdir(parents=True)
    with free_ports(5) as first, StandInBroker(tmp_path / "home", first) as broker:
        yield broker


@dataclass
class Server:
    """A running Jupyter Server."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def ask(self, method: str, path: str, content: object = None) -> Any:
        """What its API answers. Raises HTTPError where it refuses."""
        answer = requests.request(
            method,
            f"{self.url}/api/{path}",
            json=content,
            headers={"Authorization": "token secret"},
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def start(self, name: str = "python3-gpu", path: str = "x.ipynb") -> str:
        """Opens a notebook; the id of its kernel."""
        session = {"path": path, "name": path, "type": "notebook", "kernel": {"name": name}}
        return str(self.ask("POST", "sessions", session)["kernel"]["id"])


@pytest.fixture
def port() -> Iterator[int]:
    """The server's."""
    with free_ports(1) as port:
        yield port


@pytest.fixture
def server(tmp_path: Path, broker: StandInBroker, port: int) -> Iterator[Server]:
    config = tmp_path / "config.py"
    config.write_text(CONFIG)
    log = tmp_path / "server.log"
    environment = {
        **os.environ,
        "HOME": str(broker.folder),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "no-config"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTERHUB_API_TOKEN": "the-token",
        "TECHNOPARK_BROKER_URL": broker.url,
        "TECHNOPARK_LANGUAGE": "en",
        "A_SECRET": "of the server",
    }
    command = [sys.executable, "-m", "jupyter_server", f"--config={config}", f"--port={port}"]
    options = ["--no-browser", "--IdentityProvider.token=secret", "--ServerApp.ip=127.0.0.1"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, *options],
            cwd=broker.folder / "data-6a",
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", log, process)

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return server.ask("GET", "status") is not None
        except OSError:
            return False

    try:
        eventually(answers, 30, "the server answers")
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


@dataclass
class Message:
    """What a page has received."""

    channel: str
    kind: str
    parent: str
    content: dict[str, Any]
    metadata: dict[str, Any]


@dataclass
class Page:
    """A notebook's side of the websocket, as far as Lab's is needed."""

    socket: WebSocketClientConnection
    session: str
    received: list[Message] = field(default_factory=list)

    async def send(self, kind: str, content: dict[str, Any], channel: str = "shell") -> str:
        """Sends a message; its id."""
        header = {
            "msg_id": uuid4().hex,
            "username": "kid",
            "session": self.session,
            "date": datetime.now(UTC).isoformat(),
            "msg_type": kind,
            "version": "5.3",
        }
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        await self.socket.write_message(serialize_msg_to_ws_v1(message, channel, pack), binary=True)
        return header["msg_id"]

    async def run(self, source: str, allow_stdin: bool = False) -> str:
        """Shift+Enter; the cell's id."""
        return await self.send(
            "execute_request", {"code": source, "silent": False, "allow_stdin": allow_stdin}
        )

    async def until(self, wanted: Callable[[Message], bool], seconds: float = 30) -> Message:
        """The first message, also of those before, that is wanted."""
        for message in self.received:
            if wanted(message):
                return message
        async with asyncio.timeout(seconds):
            while True:
                raw = await self.socket.read_message()
                assert isinstance(raw, bytes), f"the server closed the websocket: {raw!r}"
                channel, parts = deserialize_msg_from_ws_v1(raw)
                header, parent, metadata, content = (json.loads(part) for part in parts[:4])
                message = Message(
                    channel, header["msg_type"], parent.get("msg_id", ""), content, metadata
                )
                self.received.append(message)
                if wanted(message):
                    return message

    async def shown(self, cell: str, text: str) -> Message:
        """The output of a cell that has `text` in it."""
        return await self.until(
            lambda said: said.parent == cell and said.channel == "iopub" and text in output(said)
        )

    async def answered(self, cell: str) -> dict[str, Any]:
        """The reply to a cell, once it is done."""
        reply = await self.until(lambda said: said.parent == cell and said.channel == "shell")
        await self.until(
            lambda said: said.parent == cell and said.content.get("execution_state") == "idle"
        )
        return reply.content

    def outputs(self, cell: str) -> list[str]:
        """What is seen below a cell at the end, as text."""
        seen: dict[str, str] = {}
        for said in self.received:
            if said.parent != cell or said.channel != "iopub":
                continue
            if said.kind == "clear_output":
                seen = {}
            elif text := output(said):
                name = said.content.get("transient", {}).get("display_id") or uuid4().hex
                seen[name] = text
        return list(seen.values())


def pack(value: object) -> bytes:
    return json.dumps(value).encode()


def output(said: Message) -> str:
    """A message's output as text; empty where it is none."""
    if said.kind == "stream":
        return str(said.content["text"])
    if said.kind == "error":
        return str(said.content["ename"])
    return str(said.content.get("data", {}).get("text/plain", ""))


@pytest.fixture
async def sit_down(server: Server) -> AsyncIterator[Callable[..., Any]]:
    """Opens a page of a kernel; the websocket is closed at the end."""
    pages: list[Page] = []

    async def open_page(kernel: str, session: str = "", **options: Any) -> Page:
        session = session or uuid4().hex
        url = server.url.replace("http", "ws", 1) + f"/api/kernels/{kernel}/channels"
        socket = await websocket_connect(
            f"{url}?session_id={session}&token=secret",
            subprotocols=[V1],
            max_message_size=100 << 20,
            connect_timeout=5,
            **options,
        )
        pages.append(Page(socket, session))
        return pages[-1]

    yield open_page
    for page in pages:
        page.socket.close()
        while await page.socket.read_message() is not None:
            pass  # what came meanwhile
