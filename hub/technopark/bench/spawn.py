"""The bench `spawn`: what one pupil's server costs, as pip installs it and as we start it.

Called by `technopark bench spawn`. Both run `jupyterhub-singleuser` in containers with the same
limits, in turn, against a stub of the hub; the peer's image stands on the same Debian. Ours is
forked from a parent, or starts by itself where the settings say so.
"""

import asyncio
import http.client
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker

from technopark.bench.charges import container_cpu, container_memory, engine_cpu
from technopark.bench.kernel_clock import clock
from technopark.bench.report import Figures, Measured
from technopark.bench.stub_hub import PREFIX, SERVER_PORT, TOKEN, stub_hub
from technopark.catalogue.images import ensure_images
from technopark.engine.builds import Image
from technopark.engine.client import open_engine
from technopark.engine.forks import KERNELS, SERVER, fork, idle_program
from technopark.engine.parent import ensure_parent, parent_folder, remove_parent
from technopark.engine.short_lived import Running, gateway, running
from technopark.problem import Problem
from technopark.progress import say, step
from technopark.settings import Network, Servers, Settings

PATIENCE = 60.0
"""Seconds after which a server that does not answer has failed."""

POLL = 0.02
SERVERS_OF_A_PARENT = 30
"""A class: each of its servers answers for so large a part of their parent's memory."""
PARK = "tpbench"
"""Whose parent forks the servers that are measured."""
SETTLE = 3.0
"""Seconds for an idle kernel to come to rest before memory is read, and for the engine, which still
clears away after a container that is gone, before the next one's CPU is."""


class SpawnError(Problem):
    """A server did not come up; says what its log said."""


def run(settings: Settings, runs: int = 5) -> Measured:
    """Starts `runs` servers of each kind, in turn, and measures each.

    Raises:
        SpawnError: a server did not answer or its kernel did not work.
    """
    images = ensure_images(["peer", "base"], settings, say)
    peer: list[Figures] = []
    ours: list[Figures] = []
    with (
        closing(open_engine(settings.engine)) as client,
        stub_hub(gateway(client)) as environment,
        _parent(client, images["base"], settings) as parent,
    ):
        for number in range(runs):
            for name, figures, start in (("peer", peer, None), ("base", ours, parent)):
                with step(f"run {number + 1} of {runs}, {name}"):
                    figures.append(
                        _measure(client, images[name], settings.servers, environment, start)
                    )
    return Measured(ours=ours, peer=peer)


@dataclass(frozen=True)
class _Parent:
    folder: Path
    pid: int

    def cpu(self) -> float:
        """Seconds of CPU that it has used, and whatever it does before a fork is elsewhere."""
        return container_cpu(self.pid)

    def share(self) -> float:
        """Megabytes of it, with both its stacks, that one server answers for."""
        return container_memory(self.pid) / SERVERS_OF_A_PARENT


@contextmanager
def _parent(client: docker.APIClient, image: Image, settings: Settings) -> Iterator[_Parent | None]:
    """A parent of the bench's own; none where servers start by themselves."""
    if settings.servers.way == "ordinary":
        yield None
        return
    with tempfile.TemporaryDirectory() as data:
        own = settings.model_copy(update={"data": Path(data), "network": Network(name=PARK)})
        try:
            ensure_parent(client, image.id, own)
            pid = client.inspect_container(f"{PARK}-parent")["State"]["Pid"]
            yield _Parent(parent_folder(own), pid)
        finally:
            remove_parent(client, PARK)


def _measure(
    client: docker.APIClient,
    image: Image,
    limits: Servers,
    environment: dict[str, str],
    parent: _Parent | None,
) -> Figures:
    program = idle_program() if parent else {}
    time.sleep(SETTLE)
    before, forked_before = engine_cpu(), parent.cpu() if parent else 0.0
    started = time.monotonic()
    with running(client, image.id, limits=limits, environment=environment, **program) as server:
        if parent:
            fork(parent.folder, server.id, server.pid, SERVER)
        wait_for_answer(server)
        ready = time.monotonic() - started
        engines = engine_cpu(server.id) - before
        servers = container_cpu(server.pid) + (parent.cpu() - forked_before if parent else 0.0)
        if parent:
            fork(parent.folder, server.id, server.pid, KERNELS)
        address = f"http://{server.ip}:{SERVER_PORT}{PREFIX}"
        kernel = asyncio.run(clock(address, f"token {TOKEN}", "python3", keep=True))
        time.sleep(SETTLE)
        return {
            "cpu_s": servers + engines,
            "server_cpu_s": servers,
            "memory_mb": container_memory(server.pid) + (parent.share() if parent else 0.0),
            "ready_s": ready,
            "kernel_s": kernel.first_result,
            "image_mb": image.size / 1e6,
        }


def wait_for_answer(server: Running) -> None:
    """Returns when the single-user server in the container answers.

    Raises:
        SpawnError: it does not within a minute.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        connection = http.client.HTTPConnection(server.ip, SERVER_PORT, timeout=PATIENCE)
        try:
            connection.request("GET", f"{PREFIX}api")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(POLL)
        finally:
            connection.close()
    raise SpawnError(f"A server did not answer within {PATIENCE:.0f} s. Its log:\n{server.log()}")
