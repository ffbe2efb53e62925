"""A container that lives as long as a `with` block, locked down as pupils' servers are.

Called by benches and by the tests of images; what it leaves behind when the block ends is nothing.
"""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import docker

from technopark.engine.client import EngineError
from technopark.engine.containers import hardened
from technopark.settings import Servers


@dataclass(frozen=True)
class Answer:
    """What a command in a container said."""

    code: int
    output: str


@dataclass(frozen=True)
class Running:
    """A running container."""

    client: docker.APIClient
    id: str
    ip: str
    """Its address on the engine's own bridge."""
    pid: int
    """The process on this machine that is number 1 in the container."""

    def run(self, *command: str) -> Answer:
        """Runs `command` in the container, as its user, and waits for its end."""
        job = self.client.exec_create(self.id, list(command))
        output = self.client.exec_start(job["Id"])
        code = self.client.exec_inspect(job["Id"])["ExitCode"]
        return Answer(int(code), output.decode(errors="replace"))

    def log(self) -> str:
        """What the container's program has written so far."""
        return str(self.client.logs(self.id).decode(errors="replace"))


def gateway(client: docker.APIClient) -> str:
    """This machine's address as such containers see it."""
    pool = client.inspect_network("bridge")["IPAM"]["Config"][0]
    # Docker 20.10 names no gateway here; it takes the first address.
    return str(pool.get("Gateway") or ipaddress.ip_network(pool["Subnet"])[1])


@contextmanager
def running(
    client: docker.APIClient,
    image: str,
    *,
    limits: Servers,
    command: Sequence[str] | None = None,
    entrypoint: Sequence[str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """A hardened container of `image` on the engine's own bridge.

    Args:
        client: the engine.
        image: an image's tag or id.
        limits: what the container may use.
        command: what runs in it; default: what the image says.
        entrypoint: what runs the command; default: what the image says.
        environment: variables beside the image's own.

    Raises:
        EngineError: it ended at once.
    """
    created = client.create_container(
        image,
        command=list(command) if command else None,
        entrypoint=list(entrypoint) if entrypoint else None,
        environment=dict(environment or {}),
        host_config=client.create_host_config(**hardened(limits, memory=limits.memory)),
        labels={"technopark.short-lived": "true"},
    )
    identity = str(created["Id"])
    try:
        client.start(identity)
        state = client.inspect_container(identity)
        if not state["State"]["Running"]:
            said = client.logs(identity).decode(errors="replace").strip()
            raise EngineError(f"A container of {image} ended at once. It said: {said or 'nothing'}")
        yield Running(
            client, identity, state["NetworkSettings"]["IPAddress"], int(state["State"]["Pid"])
        )
    finally:
        client.remove_container(identity, force=True, v=True)
