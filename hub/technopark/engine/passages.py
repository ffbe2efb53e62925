"""Passages: beside the broker, one small container for each lease of a Swarm, its only way.

Called by `swarm_leases`. A kernel's passage has the lease's address on the park's network, where
the firewall lets its holder through; a sandbox's has no port at all, but standard streams.
"""

from collections.abc import Sequence
from typing import Any

from docker import APIClient
from docker.errors import APIError
from docker.types import LogConfig

from technopark.engine.client import EngineError
from technopark.engine.containers import PUPIL, hardened
from technopark.engine.inside import program
from technopark.engine.lease_network import LeaseNetwork
from technopark.engine.networks import PARK_LABEL
from technopark.settings import Settings

PASSAGE_LABEL = "technopark.passage"
"""The id of the service that it leads to."""

_MEMORY = 64 << 20
_PIDS = 32
_GONE = (404, 409)


class Passages:
    """The passages of one park, on the engine of this machine."""

    def __init__(self, client: APIClient, settings: Settings, network: LeaseNetwork) -> None:
        self._client, self._settings, self._network = client, settings, network
        self._park = settings.network.name

    def create(
        self,
        service: str,
        overlay: str,
        image: str,
        target: tuple[str, int],
        *,
        address: str = "",
        ports: Sequence[int] = (),
    ) -> str:
        """A passage that is not started yet; its container's id.

        Args:
            service: the id of the lease's service.
            overlay: the network that the lease is in.
            image: of the lease; whatever has Python does.
            target: address and port of the lease's first process.
            address: of a kernel, on the park's network.
            ports: of a kernel.
        """
        limits = self._settings.servers.model_copy(
            update={"cpu": 1.0, "pids": _PIDS, "scratch": 1 << 20}
        )
        host = hardened(limits, memory=_MEMORY) | {
            "network_mode": self._park if address else overlay,
            "log_config": LogConfig(type="none"),
            "sysctls": {"net.ipv4.ip_forward": "0"},  # it carries; it is no router
        }
        words = [*map(str, target), *([address, *map(str, ports)] if address else [])]
        config = self._client.create_container_config(
            image,
            words,
            entrypoint=["python3", "-c", program("passage.py")],
            user=f"{PUPIL}:{PUPIL}",
            detach=True,
            stdin_open=True,
            labels={PARK_LABEL: self._park, PASSAGE_LABEL: service},
            networking_config=self._network.place(address) if address else None,
            host_config=self._client.create_host_config(**host),
        )
        created = self._client.create_container_from_config(  # type: ignore[no-untyped-call]
            config, f"{self._park}-passage-{service[:12]}"
        )
        container = str(created["Id"])
        if address:
            self._client.connect_container_to_network(container, overlay)
        return container

    def listed(self) -> dict[str, dict[str, Any]]:
        """The engine's word on all passages, by the service that they lead to."""
        labels = [f"{PARK_LABEL}={self._park}", PASSAGE_LABEL]
        listed = self._client.containers(all=True, filters={"label": labels})
        return {each["Labels"][PASSAGE_LABEL]: each for each in listed}

    def to(self, service: str) -> str:
        """The container of the passage to a service. Raises EngineError: there is none."""
        passage = self.listed().get(service)
        if passage is None:
            raise EngineError("There is no way to this lease any more; its kernel has ended.")
        return str(passage["Id"])

    def remove(self, service: str) -> None:
        """Removes the passage to a service, if there is one."""
        passage = self.listed().get(service)
        if passage is None:
            return
        try:
            self._client.remove_container(passage["Id"], force=True, v=True)
        except APIError as error:
            if error.status_code not in _GONE:
                raise
