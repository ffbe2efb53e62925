"""The broker as it runs, in this process, with a stand-in for the hub and one for the engine."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from support.fake_engine import FakeEngine
from support.service import running

from technopark.kernels import relay
from technopark.kernels.app import create_app
from technopark.settings import Database, Leases, Settings
from technopark.store import CourseVersion, Store

KEY = "k" * 40


@contextmanager
def hub() -> Iterator[str]:
    """A hub whose tokens say whose server they are of: `masha@data-6a`."""

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            token = self.headers.get("Authorization", "").removeprefix("token ")
            name, _, classroom = token.partition("@")
            scopes = [f"access:servers!server={name}/{classroom}"] if classroom else []
            body = json.dumps({"kind": "user", "name": name, "scopes": scopes}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hub/api"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Clock:
    """The real time, and what a test adds to it."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class Holder:
    """A server that asks the broker."""

    def __init__(self, http: httpx.Client, token: str) -> None:
        self.http = http
        self.headers = {"Authorization": f"token {token}", "Accept-Language": "en"}

    def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        return self.http.request(method, path, headers=self.headers, **arguments)

    def ask(self, kernel: str = "k1", **changes: Any) -> dict[str, Any]:
        """Asks for a GPU; the lease."""
        answer = self.call("POST", "/leases", json=wish(kernel, **changes))
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def ask_sandbox(self) -> dict[str, Any]:
        answer = self.call("POST", "/leases", json={"flavour": "sandbox"})
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def look(self, lease: dict[str, Any], **query: Any) -> dict[str, Any]:
        answer = self.call("GET", f"/leases/{lease['id']}", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def until(self, lease: dict[str, Any], state: str, seconds: float = 10) -> dict[str, Any]:
        """Waits for the state as real holders do, by long polls."""
        until = time.monotonic() + seconds
        seen = self.look(lease)
        while seen["state"] != state:
            assert time.monotonic() < until, f"{state} did not come: {seen}"
            seen = self.look(lease, since=seen["version"], wait=1)
        return seen

    def release(self, lease: dict[str, Any]) -> None:
        assert self.call("DELETE", f"/leases/{lease['id']}").status_code == 204


def wish(kernel: str = "k1", **changes: Any) -> dict[str, Any]:
    """What a server sends to get a GPU."""
    connection = {
        "key": "secret-key",
        "signature_scheme": "hmac-sha256",
        "curve_publickey": KEY,
        "curve_secretkey": KEY,
    }
    asked = {"flavour": "gpu", "kernel_id": kernel, "connection": connection}
    return asked | {"cwd": "", "environment": {}} | changes


@dataclass
class Park:
    """A running broker, and what is around it."""

    settings: Settings
    store: Store
    engine: FakeEngine
    clock: Clock
    hub_url: str
    url: str = ""
    http: httpx.Client | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        app = create_app(self.settings, self.hub_url, self.engine, self.clock)
        self.url = self._open.enter_context(running(app, **relay.SERVED))
        client = httpx.Client(base_url=self.url, timeout=60, trust_env=False, verify=False)  # noqa: S501  # plain HTTP
        self.http = self._open.enter_context(client)

    def stop(self) -> None:
        """The broker ends; leases, containers and the store stay as they are."""
        self._open.close()
        self.http = None

    def holder(self, token: str) -> Holder:
        assert self.http
        return Holder(self.http, token)


@pytest.fixture
def leases() -> Leases:
    return Leases()


@pytest.fixture
def settings(tmp_path: Path, database_url: str, leases: Leases) -> Settings:
    url = "" if database_url.startswith("sqlite") else database_url
    database = Database(url=url.replace("+psycopg", ""))
    return Settings(data=tmp_path, language="ru", leases=leases, database=database)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def gpu_park(park: Store) -> Store:
    """The small park; its course has kernels on a GPU."""
    with park.write() as session:
        for version in session.scalars(select(CourseVersion)):
            version.gpu_image = "sha256:3"
    return park


@pytest.fixture
def broker(gpu_park: Store, settings: Settings, engine: FakeEngine) -> Iterator[Park]:
    with hub() as url:
        made = Park(settings, gpu_park, engine, Clock(), url)
        made.start()
        try:
            yield made
        finally:
            engine.gate.set()
            made.stop()


@pytest.fixture
def masha(broker: Park) -> Holder:
    return broker.holder("masha@data-6a")


@pytest.fixture
def petya(broker: Park) -> Holder:
    return broker.holder("petya@data-6a")


@pytest.fixture
def grader(broker: Park) -> Holder:
    return broker.holder("grading-data-6a@data-6a")


Ask = Callable[[], dict[str, Any]]
