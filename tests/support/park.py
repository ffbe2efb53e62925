"""A park for tests: its own data, ports and network, started and ended by the real command."""

import os
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from docker.errors import APIError

from technopark.engine.client import open_engine
from technopark.engine.park_containers import park_containers
from technopark.settings import SOURCE, Ports, Settings, load

UP_SECONDS = 600


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
    """Settings for a park named `name` under `folder`; it is not started yet."""
    inner = list(Ports.model_fields)
    web, exchange, *others = _free_ports(2 + len(inner))
    config = folder / "technopark.yaml"
    content = {
        "data": str(folder / "data"),
        "sites": str(SOURCE / "config" / "sites.yaml"),
        "courses": str(SOURCE / "courses"),
        "demo": str(SOURCE / "config" / "demo.yaml"),
        # Not `localhost` alone: Python's cookie jars take no cookies for a name without a dot.
        "web": {"address": f"http://park.localhost:{web}", "listen": "127.0.0.1"},
        "network": {"name": name},
        "exchange": {"port": exchange},
        "ports": dict(zip(inner, others, strict=True)),
    }
    config.write_text(yaml.safe_dump(content | changes, allow_unicode=True), encoding="utf-8")
    return Park(config, load(config))


def _free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
