"""The park's long-lived processes: what is run, with which environment, in which order.

Called by `machine.supervisor` (which keeps them running) and by `machine.run` (which becomes one
of them). Secrets are handed on in the environment, never on a command line.
"""

import hashlib
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from technopark.front import nginx, ways
from technopark.machine import own_registry
from technopark.machine.proxy import ERROR_PAGES, proxy_program
from technopark.machine.secrets import Secrets
from technopark.node import NODE
from technopark.settings import SOURCE, Settings, settings_path

BRIDGE_IP = "TECHNOPARK_BRIDGE_IP"
"""Environment variable: the host's address on the park's bridge, where the services listen."""


@dataclass(frozen=True)
class Process:
    """One program and what it needs."""

    words: list[str]
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    socket: Path | None = None
    """What it listens on, where that is a file; what a killed one left is removed."""
    after_hub: bool = False
    """Whether it asks the hub at once, and so begins when the hub answers."""


def _proxy(settings: Settings, secrets: Secrets, bridge_ip: str) -> Process:
    del bridge_ip
    socket = ways.proxy_socket(settings) if ways.way(settings) == "nginx" else None
    listens = (
        [f"--socket={socket}"]
        if socket
        else [f"--ip={settings.web.listen_ip}", f"--port={settings.web.listen_port}"]
    )
    words = [
        str(NODE),
        str(proxy_program(settings)),
        *listens,
        "--api-ip=127.0.0.1",
        f"--api-port={settings.ports.proxy_api}",
        f"--error-path={ERROR_PAGES}",
        "--log-level=warn",
    ]
    if settings.web.has_subdomains:
        words.append("--host-routing")
    return Process(words, {"CONFIGPROXY_AUTH_TOKEN": secrets.proxy_token}, socket)


def _front(settings: Settings, secrets: Secrets, bridge_ip: str) -> Process:
    del secrets, bridge_ip
    program = ways.nginx_program()
    if ways.way(settings) == "embedded" or program is None:
        return Process([sys.executable, "-m", "technopark.front"])
    # Pages hang on this process: it is restarted where its own configuration changed, no more.
    configuration = nginx.configuration_file(settings)
    text = configuration.read_bytes() if configuration.exists() else b""
    return Process(
        [program, "-e", "stderr", "-c", str(configuration)],
        {"TECHNOPARK_FRONT": hashlib.sha256(text).hexdigest()[:16]},
    )


def _hub(settings: Settings, secrets: Secrets, bridge_ip: str) -> Process:
    del settings, secrets, bridge_ip
    config = SOURCE / "hub" / "technopark" / "jupyterhub_config.py"
    return Process([sys.executable, "-m", "jupyterhub", "-f", str(config)])


def _exchange(settings: Settings, secrets: Secrets, bridge_ip: str) -> Process:
    del settings, secrets, bridge_ip
    return Process([sys.executable, "-m", "technopark.exchange"])


def _broker(settings: Settings, secrets: Secrets, bridge_ip: str) -> Process:
    del settings, secrets, bridge_ip
    return Process([sys.executable, "-m", "technopark.kernels"])


def _bell(settings: Settings, secrets: Secrets, bridge_ip: str) -> Process:
    del settings, bridge_ip
    words = [sys.executable, "-m", "technopark.bell"]
    return Process(words, {"JUPYTERHUB_API_TOKEN": secrets.bell_token})


def _portal(settings: Settings, secrets: Secrets, bridge_ip: str) -> Process:
    del settings, bridge_ip
    words = [sys.executable, "-m", "technopark.portal"]
    return Process(words, {"JUPYTERHUB_API_TOKEN": secrets.portal_token})


def _culler(settings: Settings, secrets: Secrets, bridge_ip: str) -> Process:
    del bridge_ip
    idle = settings.servers.idle_minutes * 60
    words = [
        sys.executable,
        "-m",
        "jupyterhub_idle_culler",
        f"--timeout={idle:.0f}",
        f"--cull-every={max(10.0, min(120.0, idle / 4)):.0f}",
    ]
    return Process(words, {"JUPYTERHUB_API_TOKEN": secrets.culler_token}, after_hub=True)


def _safety(settings: Settings, secrets: Secrets, bridge_ip: str) -> Process:
    del settings, secrets, bridge_ip
    return Process([sys.executable, "-m", "technopark.safety"])


def _egress(settings: Settings, secrets: Secrets, bridge_ip: str) -> Process:
    del settings, secrets, bridge_ip
    return Process([sys.executable, "-m", "technopark.egress"])


def _registry(settings: Settings, secrets: Secrets, bridge_ip: str) -> Process:
    del secrets, bridge_ip
    configuration = own_registry.configuration_file(settings)
    parts = (configuration, own_registry.certificate_file(settings))
    content = b"".join(part.read_bytes() for part in parts if part.exists())
    return Process(
        [own_registry.PROGRAM, "serve", str(configuration)],
        {"TECHNOPARK_REGISTRY": hashlib.sha256(content).hexdigest()[:16]},
    )


PROCESSES: dict[str, Callable[[Settings, Secrets, str], Process]] = {
    "front": _front,
    "proxy": _proxy,
    "hub": _hub,
    "exchange": _exchange,
    "broker": _broker,
    "bell": _bell,
    "portal": _portal,
    "safety": _safety,
    "egress": _egress,
    "culler": _culler,
    "registry": _registry,
}
"""All of them, in the order in which they start."""


def wanted(settings: Settings) -> list[str]:
    """The names of those that this park runs: a registry only where it is to have one."""
    return [name for name in PROCESSES if name != "registry" or settings.registry.own]


def process(name: str, settings: Settings, secrets: Secrets, bridge_ip: str) -> Process:
    """The process `name`, with the whole environment it gets beside this machine's own."""
    made = PROCESSES[name](settings, secrets, bridge_ip)
    common = {
        "TECHNOPARK_CONFIG": str(settings_path().resolve()),
        BRIDGE_IP: bridge_ip,
        "JUPYTERHUB_API_URL": f"http://{bridge_ip}:{settings.ports.hub}/hub/api",
        "PYTHONUNBUFFERED": "1",
    }
    return replace(made, environment=common | made.environment)


def fingerprint(name: str, settings: Settings, secrets: Secrets, bridge_ip: str) -> str:
    """Changes when `name` must be restarted: other words, settings, secrets or code."""
    made = process(name, settings, secrets, bridge_ip)
    parts = [repr(made.words), repr(sorted(made.environment.items()))]
    if made.words[0] == sys.executable:
        # The dump hides the database's password; a changed one must restart, too.
        parts += [settings.model_dump_json(), settings.database_url, _code()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _code() -> str:
    package = SOURCE / "hub" / "technopark"
    kinds = (".py", ".html", ".po", ".txt")
    files = sorted(path for path in package.rglob("*") if path.suffix in kinds)
    files.append(SOURCE / "requirements" / "hub.txt")  # another version of a library is other code
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def become(name: str, settings: Settings, secrets: Secrets, bridge_ip: str) -> None:
    """Replaces this process by the process `name`; does not return."""
    made = process(name, settings, secrets, bridge_ip)
    os.chdir(settings.data / "run")
    _allow_many_files()
    if made.socket:
        made.socket.unlink(missing_ok=True)
    os.execvpe(made.words[0], made.words, os.environ | made.environment)  # noqa: S606


def _allow_many_files() -> None:
    """A pupil in a lesson has several connections open; a shell allows 1024 for all of them."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def log_of(name: str, settings: Settings) -> Path:
    """The log of the process `name`."""
    return settings.data / "logs" / f"{name}.log"
