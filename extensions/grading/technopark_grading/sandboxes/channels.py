"""The ways to a sandbox: a program of this machine, or a lease of the broker.

`nbgrader_settings` chooses: a course's check, which is in a container of its own already, runs the
sandbox's program itself; a classroom's grading server asks the broker, and never runs pupils' code.
"""

import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
import websocket

from technopark_grading.sandboxes.sandbox import NoSandboxError, OpenSandbox, Sandbox

BROKER_PATIENCE_S = 120
"""How long a broker may be away, as when it is started anew."""

_POLL_S = 25
_AGAIN_S = 2.0
_GOODBYE_S = 1
_CHUNK = 1 << 16


class LocalChannel:
    """The sandbox's program as a child of this process, in a folder of its own."""

    lease = ""

    def __init__(self, python: str) -> None:
        """Start it.

        Args:
            python: the Python whose packages cells may import.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="sandbox-", ignore_cleanup_errors=True)
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JUPYTERHUB_", "TECHNOPARK_BROKER", "TECHNOPARK_EXCHANGE"))
        }
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            [python, "-P", "-m", "technopark_sandbox", "--folder", self._folder.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment | one,
        )

    def send(self, data: bytes) -> None:
        """Pass bytes on."""
        assert self._process.stdin is not None  # noqa: S101 (it is a pipe)
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def receive(self, seconds: float) -> bytes:
        """What has come, as soon as something has."""
        assert self._process.stdout is not None  # noqa: S101 (it is a pipe)
        output = self._process.stdout.fileno()
        if not select.select([output], [], [], seconds)[0]:
            raise TimeoutError
        return os.read(output, _CHUNK)

    def close(self) -> None:
        """End the program; it ends what it has started."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()


class Broker:
    """The service that grants leases, asked in this server's name."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._header = {"Authorization": f"token {token}"}
        self.asked: set[str] = set()
        """The leases that were asked for and not given back, also those that still wait."""

    def lease(self) -> dict[str, Any]:
        """A sandbox of one's own, as soon as its turn has come.

        Raises:
            NoSandboxError: the broker refuses, is away for too long, or cannot start one.
        """
        view = self._ask("POST", "/leases", json={"flavour": "sandbox"})
        self.asked.add(view["id"])
        while view["state"] in ("waiting", "starting"):
            view = self._look(view)
        if view["state"] != "running":
            told = view.get("message") or view.get("reason") or view["state"]
            raise NoSandboxError(f"The sandbox for this submission did not start: {told}")
        return view

    def _look(self, view: Mapping[str, Any]) -> dict[str, Any]:
        """The lease as soon as it has changed; also tells the broker that it is still needed."""
        query = {"since": view["version"], "wait": _POLL_S}
        return self._ask("GET", f"/leases/{view['id']}", params=query)

    def stream(self, lease: str) -> websocket.WebSocket:
        """The sandbox's input and output."""
        address = self._url.replace("http", "ws", 1) + f"/leases/{lease}/stream"
        try:
            return websocket.create_connection(address, timeout=_POLL_S, header=self._header)
        except (websocket.WebSocketException, OSError) as problem:
            raise NoSandboxError(
                f"The sandbox was granted, but cannot be reached: {problem}"
            ) from None

    def give_back(self, lease: str) -> None:
        """Let the sandbox end; a broker that is away finds out by itself."""
        self.asked.discard(lease)
        try:
            requests.delete(f"{self._url}/leases/{lease}", headers=self._header, timeout=_POLL_S)
        except requests.RequestException:
            return

    def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        deadline = time.monotonic() + BROKER_PATIENCE_S
        while True:
            try:
                answer = requests.request(
                    method,
                    self._url + path,
                    headers=self._header,
                    timeout=2 * _POLL_S,
                    **options,
                )
                if answer.status_code < 500:
                    return _view(answer)
                problem = f"it answers {answer.status_code}"
            except requests.RequestException as error:
                problem = type(error).__name__
            if time.monotonic() >= deadline:
                raise NoSandboxError(
                    f"The broker, which lends sandboxes, has been away for {BROKER_PATIENCE_S} s "
                    f"({problem}). What is graded is kept; grade the rest when it is back."
                )
            time.sleep(_AGAIN_S)


class BrokerChannel:
    """The sandbox of a lease, over the broker's websocket; its being open keeps the lease."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.lease: str = broker.lease()["id"]
        try:
            self._socket = broker.stream(self.lease)
        except NoSandboxError:
            broker.give_back(self.lease)
            raise

    def send(self, data: bytes) -> None:
        """Pass bytes on."""
        try:
            for start in range(0, len(data), _CHUNK):
                self._socket.send_binary(data[start : start + _CHUNK])
        except websocket.WebSocketException as problem:
            raise OSError(str(problem)) from None

    def receive(self, seconds: float) -> bytes:
        """What has come, as soon as something has."""
        self._socket.settimeout(seconds)
        try:
            received = self._socket.recv()
        except websocket.WebSocketTimeoutException:
            raise TimeoutError from None
        except websocket.WebSocketConnectionClosedException:
            return b""
        except websocket.WebSocketException as problem:
            raise OSError(str(problem)) from None
        return received.encode() if isinstance(received, str) else bytes(received)

    def close(self) -> None:
        """Give the lease back: the container ends with it."""
        self._socket.close(timeout=_GOODBYE_S)
        self._socket.shutdown()  # type: ignore[no-untyped-call]  # also where they closed first
        self._broker.give_back(self.lease)


def local(python: str = sys.executable) -> OpenSandbox:
    """Sandboxes that are programs of this machine, for checks and tests: see `LocalChannel`."""
    return lambda: Sandbox(LocalChannel(python))


class FromBroker:
    """Sandboxes that the park's broker lends to this grading server."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._broker: Broker | None = None
        self._lock = threading.Lock()

    def __call__(self) -> Sandbox:
        """A sandbox, as soon as its turn has come."""
        return Sandbox(BrokerChannel(self._asked()))

    def leave(self) -> None:
        """Give back all that was asked for, also what has not come yet."""
        if self._broker is not None:
            for lease in list(self._broker.asked):
                self._broker.give_back(lease)

    def give_back(self, lease: str) -> None:
        """Give back what another process of this server has left behind."""
        self._asked().give_back(lease)

    def _asked(self) -> Broker:
        with self._lock:
            if self._broker is None:
                self._broker = self._named()
            return self._broker

    def _named(self) -> Broker:
        url = self._environment.get("TECHNOPARK_BROKER_URL")
        token = self._environment.get("JUPYTERHUB_API_TOKEN")
        if not url or not token:
            raise NoSandboxError(
                "Pupils' work is graded in sandboxes, and this server knows no broker to ask for "
                "one: start the grading server from the park's pages."
            )
        return Broker(url, token)


def from_broker(environment: Mapping[str, str] = os.environ) -> FromBroker:
    """Sandboxes that the park's broker lends to this grading server.

    Args:
        environment: what names the broker and holds the server's token.
    """
    return FromBroker(environment)


def course_python() -> str:
    """The Python of the course's libraries: that of the kernel `python3`, else this one."""
    inside = Path("/opt/course/bin/python")
    return str(inside) if inside.exists() else sys.executable


def _view(answer: requests.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        content = {}
    if answer.ok and isinstance(content, dict) and {"id", "state", "version"} <= content.keys():
        return content
    told = content.get("message") if isinstance(content, dict) else None
    raise NoSandboxError(told or f"The broker refused a sandbox (HTTP {answer.status_code}).")
