"""A park for tests: its own data, ports and network, started and ended by the real command.

Several may live side by side, also those of tests that run at the same time: no two have a name,
a port or a folder in common.
"""

import os
import secrets
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from docker.errors import APIError

from support.proxy import take_the_proxy_along
from technopark.engine.client import open_engine
from technopark.engine.park_containers import park_containers
from technopark.settings import SOURCE, Ports, Settings, load

UP_SECONDS = 600

FIRST_PORT, PORTS_OF_EACH = 10_000, 2_000
"""Ports of the first process of tests, and how many each has: all below those that the kernel gives
away by itself (32768 and up), so that no client has one of them before its park listens there."""


@dataclass(frozen=True)
class Park:
    """A running park."""

    config: Path
    settings: Settings

    @property
    def address(self) -> str:
        return self.settings.web.address

    @property
    def words(self) -> dict[str, str]:
        """Passphrases of the demo people."""
        path = self.settings.data / "secrets" / "demo.yaml"
        words: dict[str, str] = yaml.safe_load(path.read_text("utf-8"))
        return words

    def call(self, *arguments: str) -> str:
        """`./park ...` with this park's settings; its output."""
        done = subprocess.run(
            [SOURCE / "park", *arguments],
            env={**os.environ, "TECHNOPARK_CONFIG": str(self.config)},
            capture_output=True,
            text=True,
            timeout=UP_SECONDS,
            check=False,
        )
        if done.returncode:
            call = " ".join(arguments)
            raise AssertionError(
                f"./park {call} failed:\n{done.stdout}\n{done.stderr}\n{self.logs()}"
            )
        return done.stdout

    def container(self, person: str, classroom: str) -> dict[str, Any]:
        """The engine's word on somebody's server."""
        name = f"{self.settings.network.name}-{person}--{classroom}"
        found: dict[str, Any] = open_engine(self.settings.engine).inspect_container(name)
        return found

    def run_inside(self, person: str, classroom: str, *command: str) -> tuple[int, str]:
        """Exit code and output of a command inside somebody's server."""
        engine = open_engine(self.settings.engine)
        container = self.container(person, classroom)["Id"]
        run = engine.exec_create(container, list(command))
        output = engine.exec_start(run["Id"]).decode(errors="replace")
        return int(engine.exec_inspect(run["Id"])["ExitCode"]), output

    def logs(self, lines: int = 15) -> str:
        """The ends of the logs of the park's processes, for a test that failed."""
        ends = []
        for path in sorted((self.settings.data / "logs").glob("*.log")):
            text = path.read_text("utf-8", errors="replace").splitlines()[-lines:]
            ends.append("\n".join([f"--- {path.name}", *text]))
        return "\n".join(ends)

    def server_logs(self, lines: int = 15) -> str:
        """The ends of what the park's servers said, for a test that failed."""
        engine, ends = open_engine(self.settings.engine), []
        for server in park_containers(engine, self.settings.network.name):
            try:
                said = engine.logs(server.id, tail=lines).decode(errors="replace")
            except APIError as error:  # a sandbox keeps no log, and any may be gone by now
                said = str(error.explanation)
            ends.append(f"--- {server.name}, {server.status}\n{said}")
        return "\n".join(ends)


def make_park(folder: Path, name: str, **changes: Any) -> Park:
    """Settings for a park under `folder`; it is not started yet.

    Args:
        folder: its own.
        name: what the name of its network begins with; at most 7 letters.
        changes: whole sections of the settings file; of `network` what is to be beside the name.
    """
    inner = list(Ports.model_fields)
    web, exchange, *others = free_ports(2 + len(inner))
    config = folder / "technopark.yaml"
    content = {
        "data": str(folder / "data"),
        "sites": str(SOURCE / "config" / "sites.yaml"),
        "courses": str(SOURCE / "courses"),
        "demo": str(SOURCE / "config" / "demo.yaml"),
        # Not `localhost` alone: Python's cookie jars take no cookies for a name without a dot.
        "web": {"address": f"http://park.localhost:{web}", "listen": "127.0.0.1"},
        "exchange": {"port": exchange},
        "ports": dict(zip(inner, others, strict=True)),
    }
    network = {"name": own_name(name), **changes.pop("network", {})}
    config.write_text(
        yaml.safe_dump(content | changes | {"network": network}, allow_unicode=True),
        encoding="utf-8",
    )
    made = Park(config, load(config))
    take_the_proxy_along(made.settings.data)
    return made


def own_name(name: str) -> str:
    """A name for a network that no other test has; what `name` it begins with tells whose it is."""
    return f"{name}-{secrets.token_hex(2)}"  # a bridge's name has room for 12 letters


def free_ports(number: int) -> list[int]:
    """TCP ports on which nobody listens; no other process of the same tests gets one of them."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST_PORT + process * PORTS_OF_EACH
    mine = secrets.SystemRandom().sample(range(first, first + PORTS_OF_EACH), PORTS_OF_EACH)
    return list(islice(filter(_is_free, mine), number))


def _is_free(port: int) -> bool:
    with suppress(OSError), socket.create_server(("", port)):
        return True
    return False
