"""A whole park for one bench: its own data, ports and network, up by the real command, then gone.

Called by the benches that measure what a pupil or a teacher meets. It must not touch the park of
the settings; it shares that park's engine and images alone.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import yaml

from technopark.machine.network import park_network
from technopark.people.demo import DemoFile
from technopark.problem import Problem
from technopark.settings import SOURCE, Settings, load

_UP_SECONDS = 600
_START_SECONDS = 120
_POLL = 0.1


class BenchParkError(Problem):
    """The bench's park did not do what it must; says what was asked and answered."""


@dataclass(frozen=True)
class BenchPark:
    """A running park with made-up people."""

    config: Path
    settings: Settings

    def client(self, person: str) -> httpx.Client:
        """Calls the park's front door as `person`, who signed in and made a token.

        Raises:
            BenchParkError: the sign-in or the token was refused.
        """
        client = httpx.Client(
            base_url=self.settings.web.address, timeout=_START_SECONDS, trust_env=False
        )
        client.get("/hub/login")
        card = {"username": person, "password": self.words[person]}
        signed_in = client.post("/hub/login", data=card | {"_xsrf": client.cookies["_xsrf"]})
        xsrf = {"X-XSRFToken": client.cookies["_xsrf"]}
        made = client.post(f"/hub/api/users/{person}/tokens", headers=xsrf, json={})
        if made.is_error:
            raise BenchParkError(f"{person} got {signed_in.status_code}, then {made.text}")
        client.cookies.clear()
        client.headers["Authorization"] = f"token {made.json()['token']}"
        return client

    def start_server(self, client: httpx.Client, person: str, classroom: str) -> str:
        """Starts the person's server; the path of its pages, once it answers.

        Raises:
            BenchParkError: it does not come up.
        """
        server = f"/hub/api/users/{person}/servers/{classroom}"
        asked = client.post(server)
        if asked.is_error:
            raise BenchParkError(f"The server of {person} was refused: {asked.text}")
        path = f"/user/{person}/{classroom}/"
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            if client.get(f"{path}api/status").is_success:
                return path
            time.sleep(_POLL)
        raise BenchParkError(f"The server of {person} did not answer in {_START_SECONDS} s.")

    @property
    def words(self) -> dict[str, str]:
        """Passphrases of the park's people."""
        path = self.settings.data / "secrets" / "demo.yaml"
        words: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
        return words

    @property
    def address(self) -> str:
        """What people type into the browser."""
        return self.settings.web.address

    @property
    def gateway(self) -> str:
        """This machine's address on the park's bridge, where hub and services listen.

        Raises:
            MachineError: the park is down.
        """
        return park_network(self.settings).gateway

    @property
    def hub(self) -> str:
        """The hub itself, past the proxy; ends with `/hub`."""
        return f"http://{self.gateway}:{self.settings.ports.hub}/hub"

    def call(self, verb: str) -> None:
        """Runs `technopark VERB` with this park's settings.

        Raises:
            BenchParkError: it failed; says what it printed.
        """
        done = subprocess.run(
            [sys.executable, "-m", "technopark.cli", verb],
            env={**os.environ, "TECHNOPARK_CONFIG": str(self.config)},
            capture_output=True,
            text=True,
            timeout=_UP_SECONDS,
            check=False,
        )
        if done.returncode:
            raise BenchParkError(f"`{verb}` failed:\n{done.stdout}\n{done.stderr}")


@contextmanager
def own_park(
    settings: Settings, name: str, changes: Mapping[str, Any], people: DemoFile | None = None
) -> Iterator[BenchPark]:
    """A park named `name` (of its network, too) for as long as the block runs.

    Args:
        settings: of the park whose engine and disk are used.
        name: at most 12 characters.
        changes: whole sections of the settings file.
        people: who has classrooms there; default: the demo people of the project.

    Raises:
        BenchParkError: it does not come up.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=settings.data) as folder:
        config = Path(folder) / "technopark.yaml"
        content = _content(Path(folder), name) | {"engine": settings.engine.model_dump(mode="json")}
        if people:
            content["demo"] = str(_write(people, Path(folder) / "people.yaml"))
        config.write_text(yaml.safe_dump(content | dict(changes)), encoding="utf-8")
        park = BenchPark(config, load(config))
        try:
            park.call("up")
            yield park
        finally:
            park.call("down")


def _content(folder: Path, name: str) -> dict[str, Any]:
    web, hub, proxy_api, files, exchange, egress, broker = free_ports(7)
    return {
        "data": str(folder / "data"),
        "sites": str(SOURCE / "config" / "sites.yaml"),
        "courses": str(SOURCE / "courses"),
        "demo": str(SOURCE / "config" / "demo.yaml"),
        # An IP address: servers need no names of their own here.
        "web": {"address": f"http://127.0.0.1:{web}"},
        "network": {"name": name},
        "exchange": {"port": exchange},
        "ports": {
            "hub": hub,
            "proxy_api": proxy_api,
            "files": files,
            "egress": egress,
            "broker": broker,
        },
    }


def _write(people: DemoFile, path: Path) -> Path:
    path.write_text(yaml.safe_dump(people.model_dump(), allow_unicode=True), encoding="utf-8")
    return path


def free_ports(number: int) -> list[int]:
    """TCP ports of this machine that nobody listens on just now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
