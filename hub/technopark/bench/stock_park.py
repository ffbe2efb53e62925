"""A stock JupyterHub for one bench: hub, DockerSpawner and proxy as they are installed, then gone.

Called by the benches that compare a park with what a school would set up by the documentation. It
has a network, ports and a folder of its own, and touches neither a park nor its people.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import docker
import httpx

from technopark.bench.own_park import free_ports
from technopark.engine.client import engine_errors, open_engine
from technopark.machine.proxy import ensure_proxy, proxy_program
from technopark.node import NODE
from technopark.problem import Problem
from technopark.settings import Settings

BENCH_LABEL = "technopark.bench"
"""On its containers and network, with its name as the value: these alone are removed."""

WORDS = "any"
"""Everybody's passphrase: the stock hub's dummy authenticator takes what comes."""

PROXY_PID = "jupyterhub-proxy.pid"
"""Where the hub notes the number of its proxy's process."""

_START_SECONDS = 60
_THREADS = 8


class StockParkError(Problem):
    """The stock hub does not come up; says what its log said."""


@dataclass(frozen=True)
class StockPark:
    """A running stock hub: everybody may sign in, and has one server."""

    address: str
    """What people type into the browser."""
    hub: str
    """The hub itself, past the proxy; ends with `/hub`."""
    log: Path
    """What hub and proxy say."""


@contextmanager
def stock_park(settings: Settings, image: str, name: str) -> Iterator[StockPark]:
    """A stock hub for as long as the block runs; its servers end with it.

    Args:
        settings: of the park whose engine, disk and proxy program are used, and whose limits a
            server gets.
        image: of a server; its command must be `jupyterhub-singleuser`.
        name: of its network and of its containers; at most 12 characters.

    Raises:
        StockParkError: it does not come up.
        EngineError: the engine refuses.
    """
    ensure_proxy(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(prefix="bench-", dir=settings.data) as folder,
        closing(open_engine(settings.engine)) as client,
        engine_errors(settings.engine),
        _network(client, name) as gateway,
        _no_containers_left(client, name),
    ):
        web, hub, proxy_api = free_ports(3)
        config = Path(folder) / "jupyterhub_config.py"
        values = _values(settings, image, name) | {
            "JupyterHub.bind_url": f"http://127.0.0.1:{web}",
            "JupyterHub.hub_bind_url": f"http://{gateway}:{hub}",
            "ConfigurableHTTPProxy.api_url": f"http://127.0.0.1:{proxy_api}",
        }
        config.write_text(_text(values), encoding="utf-8")
        park = StockPark(
            f"http://127.0.0.1:{web}", f"http://{gateway}:{hub}/hub", Path(folder) / "hub.log"
        )
        with _process(park, config, settings.engine.url):
            yield park


def _values(settings: Settings, image: str, name: str) -> dict[str, Any]:
    """What the documentation of JupyterHub and DockerSpawner has an admin set."""
    limits = settings.servers
    return {
        "JupyterHub.authenticator_class": "dummy",
        "JupyterHub.spawner_class": "docker",
        "DockerSpawner.image": image,
        "DockerSpawner.network_name": name,
        "DockerSpawner.use_internal_ip": True,
        "DockerSpawner.remove": True,
        "DockerSpawner.prefix": name,
        "DockerSpawner.mem_limit": limits.memory,
        "DockerSpawner.cpu_limit": limits.cpu,
        "DockerSpawner.extra_host_config": {"pids_limit": limits.pids},
        "DockerSpawner.extra_create_kwargs": {"labels": {BENCH_LABEL: name}},
        "ConfigurableHTTPProxy.pid_file": PROXY_PID,
        "ConfigurableHTTPProxy.command": [str(NODE), str(proxy_program(settings))],
    }


def _text(values: dict[str, Any]) -> str:
    return "".join(f"c.{name} = {value!r}\n" for name, value in values.items())


@contextmanager
def _network(client: docker.APIClient, name: str) -> Iterator[str]:
    """A bridge as the engine makes it; gives this machine's address on it."""
    labels = {BENCH_LABEL: name}
    made = client.create_network(name, driver="bridge", check_duplicate=True, labels=labels)
    try:
        pool = client.inspect_network(made["Id"])["IPAM"]["Config"][0]
        yield str(pool.get("Gateway") or ip_network(pool["Subnet"])[1])
    finally:
        client.remove_network(made["Id"])


@contextmanager
def _process(park: StockPark, config: Path, engine: str) -> Iterator[None]:
    """Hub and proxy, in sessions of their own: whoever presses Ctrl-C ends the bench, not them."""
    with park.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(config)],
            cwd=config.parent,
            env={**os.environ, "DOCKER_HOST": engine},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_until_ready(park, process)
        yield
    finally:
        # At once: asked to end, the stock hub would stop its servers one after the other.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _end_proxy(config.parent)


def _end_proxy(folder: Path) -> None:
    """Ends what the hub started in a session apart; nobody is left who would start it again."""
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((folder / PROXY_PID).read_text("ascii")), signal.SIGKILL)


def _wait_until_ready(park: StockPark, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(f"{park.address}/hub/login", trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise StockParkError(f"The stock hub does not come up:\n{park.log.read_text('utf-8')[-3000:]}")


@contextmanager
def _no_containers_left(client: docker.APIClient, name: str) -> Iterator[None]:
    """Removes the servers after the block; a hub that still ran would make new ones meanwhile."""
    try:
        yield
    finally:
        label = {"label": f"{BENCH_LABEL}={name}"}
        # Again until none is there: the engine may still be making what a dead hub asked for.
        while found := [each["Id"] for each in client.containers(all=True, filters=label)]:
            with ThreadPoolExecutor(_THREADS) as pool:
                list(pool.map(lambda one: _remove(client, one), found))


def _remove(client: docker.APIClient, container: str) -> None:
    try:
        client.remove_container(container, force=True, v=True)
    except docker.errors.APIError as error:
        if error.status_code not in (404, 409):  # gone, or going
            raise
