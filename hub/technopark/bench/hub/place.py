"""The park of the bench `hub`: the real proxy, hub and culler before stand-ins for the servers.

Called by `bench.hub`. Everything is on loopback and in a folder of its own; no container is
started and no image needed.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from technopark.bench.hub.people import COURSE, Visit, seed
from technopark.bench.own_park import free_ports
from technopark.machine.processes import process
from technopark.machine.proxy import ensure_proxy
from technopark.machine.readiness import http_status
from technopark.machine.secrets import ensure_secrets
from technopark.problem import Problem
from technopark.settings import SOURCE, Ports, Settings, load
from technopark.store import open_store

LOOPBACK = "127.0.0.1"
STARTS_AT_A_TIME = 16
_PROCESSES = ("proxy", "hub", "culler")
_UP_SECONDS = 180.0
_DOWN_SECONDS = 20.0


class HubBenchError(Problem):
    """The bench's hub did not come up; says what it wrote."""


@dataclass(frozen=True)
class Place:
    """A running hub with all that it needs."""

    settings: Settings
    pids: dict[str, int]
    """Of `proxy`, `hub`, `culler` and `stand-ins`."""


@contextmanager
def hub_place(settings: Settings, coming: list[Visit], **changes: Any) -> Iterator[Place]:
    """A hub that knows `coming`, for as long as the block runs.

    Args:
        settings: of the park on whose disk this happens.
        coming: who will come.
        changes: sections of settings that are not as usual.

    Raises:
        HubBenchError: the hub does not come up.
    """
    ensure_proxy(settings)
    with TemporaryDirectory(prefix="bench-hub-", dir=settings.data) as folder, ExitStack() as stack:
        config = _write_settings(Path(folder), changes)
        ours = load(config)
        _make_data(ours, settings)
        store = open_store(ours.database_url)
        seed(store, coming)
        store.close()
        stand_ins = stack.enter_context(_running("stand-ins", _stand_ins(ours), ours, {}))
        _wait_for(_engine_socket(ours).exists, stand_ins, "stand-ins", ours)
        running = {"stand-ins": stand_ins}
        secrets = ensure_secrets(ours)
        for name in _PROCESSES:
            made = process(name, ours, secrets, LOOPBACK)
            # Not the one of whoever calls the bench.
            environment = made.environment | {"TECHNOPARK_CONFIG": str(config)}
            running[name] = stack.enter_context(_running(name, made.words, ours, environment))
        _wait_for(lambda: _has_login_page(ours), running["hub"], "hub", ours)
        yield Place(ours, {name: each.pid for name, each in running.items()})


def _write_settings(folder: Path, changes: Mapping[str, Any]) -> Path:
    inner = list(Ports.model_fields)
    web, exchange, *others = free_ports(2 + len(inner))
    config = folder / "technopark.yaml"
    content = {
        "data": str(folder / "data"),
        "sites": str(SOURCE / "config" / "sites.yaml"),
        "courses": str(SOURCE / "courses"),
        "web": {"address": f"http://{LOOPBACK}:{web}"},
        "network": {"name": "bench-hub"},
        "engine": {"url": f"unix://{folder}/engine.sock"},
        "exchange": {"port": exchange},
        # The stand-ins weigh nothing: how busy this machine is says nothing of what it carries.
        "admission": {"at_a_time": STARTS_AT_A_TIME},
        "servers": {"way": "ordinary"},  # a stand-in has no parent to be forked from
        "ports": dict(zip(inner, others, strict=True)),
    }
    config.write_text(yaml.safe_dump(content | dict(changes)), encoding="utf-8")
    return config


def _make_data(ours: Settings, settings: Settings) -> None:
    for part in ("run", "logs", "homes", "courses"):
        (ours.data / part).mkdir(parents=True)
    (ours.data / "node").symlink_to(settings.data / "node")
    (ours.data / "courses" / COURSE).symlink_to(SOURCE / "courses" / COURSE)


def _engine_socket(ours: Settings) -> Path:
    return Path(ours.engine.url.removeprefix("unix://"))


def _stand_ins(ours: Settings) -> list[str]:
    return [sys.executable, "-m", "technopark.bench.hub.stand_ins", str(_engine_socket(ours))]


@contextmanager
def _running(
    name: str, words: list[str], ours: Settings, environment: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with _log(name, ours).open("wb") as log:
        running = subprocess.Popen(
            words,
            cwd=ours.data / "run",
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(_DOWN_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _log(name: str, ours: Settings) -> Path:
    return ours.data / "logs" / f"{name}.log"


def _has_login_page(ours: Settings) -> bool:
    return http_status(LOOPBACK, ours.web.listen_port, "/hub/login") == HTTPStatus.OK


def _wait_for(
    is_ready: Callable[[], bool], process: subprocess.Popen[bytes], name: str, ours: Settings
) -> None:
    until = time.monotonic() + _UP_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > until:
            said = _log(name, ours).read_text("utf-8", errors="replace")[-2000:]
            raise HubBenchError(f"The {name} of the bench did not come up. It said:\n{said}")
        time.sleep(0.1)
