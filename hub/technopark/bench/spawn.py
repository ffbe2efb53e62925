"""The bench `spawn`: what one pupil's server costs, as pip installs it and in our image.

Called by `technopark bench spawn`. Both run `jupyterhub-singleuser` in containers with the same
limits, in turn, against a stub of the hub; the peer's image stands on the same Debian.
"""

import asyncio
import http.client
import time

import docker

from technopark.bench.charges import container_cpu, container_memory, engine_cpu
from technopark.bench.kernel_clock import clock
from technopark.bench.report import Figures, Measured
from technopark.bench.stub_hub import PREFIX, SERVER_PORT, TOKEN, stub_hub
from technopark.catalogue.images import ensure_images
from technopark.engine.builds import Image
from technopark.engine.client import open_engine
from technopark.engine.short_lived import Running, gateway, running
from technopark.problem import Problem
from technopark.progress import say, step
from technopark.settings import Servers, Settings

PATIENCE = 60.0
"""Seconds after which a server that does not answer has failed."""

POLL = 0.02
SETTLE = 3.0
"""Seconds for an idle kernel to come to rest before memory is read."""


class SpawnError(Problem):
    """A server did not come up; says what its log said."""


def run(settings: Settings, runs: int = 5) -> Measured:
    """Starts `runs` servers of each kind, in turn, and measures each.

    Raises:
        SpawnError: a server did not answer or its kernel did not work.
    """
    images = ensure_images(["peer", "base"], settings, say)
    client = open_engine(settings.engine)
    peer: list[Figures] = []
    ours: list[Figures] = []
    with stub_hub(gateway(client)) as environment:
        for number in range(runs):
            for name, figures in (("peer", peer), ("base", ours)):
                with step(f"run {number + 1} of {runs}, {name}"):
                    figures.append(_measure(client, images[name], settings.servers, environment))
    return Measured(ours=ours, peer=peer)


def _measure(
    client: docker.APIClient, image: Image, limits: Servers, environment: dict[str, str]
) -> Figures:
    engine_before = engine_cpu()
    started = time.monotonic()
    with running(client, image.id, limits=limits, environment=environment) as server:
        wait_for_answer(server)
        ready = time.monotonic() - started
        cpu = container_cpu(server.pid) + engine_cpu(server.id) - engine_before
        address = f"http://{server.ip}:{SERVER_PORT}{PREFIX}"
        kernel = asyncio.run(clock(address, f"token {TOKEN}", "python3", keep=True))
        time.sleep(SETTLE)
        return {
            "cpu_s": cpu,
            "memory_mb": container_memory(server.pid),
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
