"""A broker for tests of the kernels' package: its line is a list, its containers are processes.

Answers as docs/leases.md says. It runs on a thread of its own; a test turns its screws.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

T = TypeVar("T")
PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


@dataclass
class Given:
    """A lease as the stand-in has it."""

    id: str
    order: dict[str, Any]
    state: str = "waiting"
    version: int = 1
    more: dict[str, Any] = field(default_factory=dict)
    """What else its view shows."""
    ip: str = ""
    process: subprocess.Popen[bytes] | None = None
    idle: list[float] = field(default_factory=list)


class StandInBroker:
    """Start it with `with`; `url` is where it answers.

    Args:
        folder: for connection files and what kernels say; also the kernels' home.
        first_port: kernels listen on five ports from here, each on an address of its own.
        devices: how many leases run at a time.
    """

    def __init__(self, folder: Path, first_port: int, devices: int = 1) -> None:
        self.folder = folder
        self.devices = devices
        self.leases: dict[str, Given] = {}
        self.asked: list[tuple[str, str]] = []
        self.refusal: tuple[int, str] | None = None
        self.moves = False
        """Whether a restarted kernel gets another address."""
        self._first_port = first_port
        self._addresses = iter(f"127.0.88.{number}" for number in range(1, 255))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._port = 0
        self._server: HTTPServer | None = None

    def __enter__(self) -> "StandInBroker":
        self._thread.start()
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        for lease in self.leases.values():
            self._kill(lease)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        """Where it answers, also after it was away."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def only(self) -> Given:
        """The one lease that has not ended."""
        (lease,) = [lease for lease in self.leases.values() if lease.state != "ended"]
        return lease

    def open(self) -> None:
        """Answers from now on."""
        self._there(self._listen)

    def close(self) -> None:
        """Answers no more, and cuts off who waits for an answer; kernels run on."""
        self._there(self._hang_up)

    def grant(self, devices: int = 1) -> None:
        """There are now so many devices; whoever waits gets them in the order of asking."""
        self.devices = devices
        self._there(self._serve_line)

    def end(self, reason: str, **more: Any) -> None:
        """Ends the one lease, as the real broker does by itself."""
        lease = self.only
        self._there(lambda: self._finish(lease, "ended", reason=reason, **more))

    def change(self, **more: Any) -> None:
        """Shows something else of the one lease."""
        lease = self.only
        self._there(lambda: self._tell(lease, **more))

    def kill(self) -> None:
        """Kills the one kernel, as lack of memory does."""
        self._kill(self.only)

    def _there(self, act: Callable[[], T]) -> T:
        async def run() -> T:
            return act()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(30)

    def _listen(self) -> None:
        pages = [
            (r"/leases", _Leases, {"broker": self}),
            (r"/leases/([^/]+)(?:/(signal|stop))?", _OneLease, {"broker": self}),
        ]
        self._server = HTTPServer(Application(pages, log_function=lambda _: None))
        sockets = bind_sockets(self._port, "127.0.0.1")
        self._port = sockets[0].getsockname()[1]
        self._server.add_sockets(sockets)

    def _hang_up(self) -> None:
        assert self._server is not None
        self._server.stop()
        for connection in list(self._server._connections):
            connection.stream.close()

    def ask(self, order: dict[str, Any]) -> Given:
        for lease in self.leases.values():
            if lease.order["kernel_id"] == order["kernel_id"] and lease.state == "stopped":
                lease.order = order
                self._start(lease)
                return lease
        lease = Given(uuid4().hex, order)
        self.leases[lease.id] = lease
        self._serve_line()
        return lease

    def view(self, lease: Given) -> dict[str, Any]:
        ports = {name: self._first_port + number for number, name in enumerate(PORTS)}
        line = [one for one in self.leases.values() if one.state == "waiting"]
        waits = lease.state == "waiting"
        return {
            "id": lease.id,
            "flavour": "gpu",
            "state": lease.state,
            "version": lease.version,
            "place": line.index(lease) + 1 if waits else None,
            "line": len(line),
            "estimate_s": 60.0 * (line.index(lease) + 1) if waits else None,
            "address": {"ip": lease.ip, **ports} if lease.state == "running" else None,
            "device": "demo-gpu-0" if lease.ip else None,
            "ends_in_s": None,
            "warn_s": 300.0,
            "exit_code": None,
            "reason": None,
            "message": None,
            **lease.more,
        }

    def stop(self, lease: Given) -> None:
        if lease.state in ("starting", "running"):
            self._finish(lease, "stopped", exit_code=137)

    def give_back(self, lease: Given) -> None:
        if lease.state != "ended":
            self._finish(lease, "ended", reason="released")

    def _serve_line(self) -> None:
        for lease in list(self.leases.values()):
            taken = sum(one.state in ("running", "stopped") for one in self.leases.values())
            if lease.state == "waiting" and taken < self.devices:
                self._start(lease)

    def _start(self, lease: Given) -> None:
        if not lease.ip or self.moves:
            lease.ip = next(self._addresses)
        file = self.folder / f"{lease.id}.json"
        ports = {name: self._first_port + number for number, name in enumerate(PORTS)}
        connection = {**lease.order["connection"], "transport": "tcp", "ip": lease.ip, **ports}
        file.write_text(json.dumps(connection))
        environment = {"HOME": str(self.folder), "PATH": os.environ["PATH"]}
        with (self.folder / f"{lease.id}.log").open("ab") as log:
            lease.process = subprocess.Popen(
                [sys.executable, "-m", "ipykernel_launcher", "-f", str(file)],
                cwd=self.folder / lease.order["cwd"],
                env={**environment, **lease.order["environment"]},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        lease.more = {}
        self._tell(lease, "running")
        self._loop.create_task(self._watch(lease, lease.process))

    async def _watch(self, lease: Given, process: subprocess.Popen[bytes]) -> None:
        await asyncio.to_thread(process.wait)
        if lease.process is process and lease.state == "running":
            code = process.returncode
            self._finish(lease, "stopped", exit_code=128 - code if code < 0 else code)

    def _finish(self, lease: Given, state: str, **more: Any) -> None:
        self._tell(lease, state, **more)
        self._kill(lease)
        self._serve_line()
        for other in self.leases.values():
            if other.state == "waiting":
                self._tell(other)

    def _kill(self, lease: Given) -> None:
        if lease.process is not None and lease.process.poll() is None:
            os.killpg(lease.process.pid, signal.SIGKILL)
            lease.process.wait()

    def _tell(self, lease: Given, state: str = "", **more: Any) -> None:
        lease.state = state or lease.state
        lease.more = {**lease.more, **more}
        lease.version += 1


class _Page(RequestHandler):
    def initialize(self, broker: StandInBroker) -> None:
        self.broker = broker

    def prepare(self) -> None:
        self.broker.asked.append((self.request.method or "", self.request.path))
        if self.request.headers.get("Authorization") != "token the-token":
            self.set_status(401)
            self.finish({"code": "who", "message": "Who are you?"})

    def answer(self, lease: Given, status: int = 200) -> None:
        self.set_status(status)
        self.finish(self.broker.view(lease))


class _Leases(_Page):
    def post(self) -> None:
        if self.broker.refusal is not None:
            status, message = self.broker.refusal
            self.set_status(status)
            self.finish({"code": "refused", "message": message})
            return
        self.answer(self.broker.ask(json.loads(self.request.body)), 202)


class _OneLease(_Page):
    async def get(self, name: str, _: str | None = None) -> None:
        lease = self.broker.leases.get(name)
        if lease is None:
            self.set_status(404)
            self.finish({"code": "none", "message": "There is no such lease."})
            return
        if idle := self.get_argument("idle", None):
            lease.idle.append(float(idle))
        waited = 0.0
        while lease.version <= int(self.get_argument("since")) and waited < 2:
            await asyncio.sleep(0.02)
            waited += 0.02
        self.answer(lease)

    def post(self, name: str, act: str) -> None:
        lease = self.broker.leases[name]
        if act == "stop":
            self.broker.stop(lease)
        elif lease.process is not None:
            lease.process.send_signal(json.loads(self.request.body)["number"])
        self.set_status(204)

    def delete(self, name: str, _: str | None = None) -> None:
        if name in self.broker.leases:
            self.broker.give_back(self.broker.leases[name])
        self.set_status(204)
