"""The leases' half of the park's network: who has which address there.

Called by the engines of leases. What these addresses may reach is `engine.firewall`'s business.
"""

import ipaddress
import random
from collections.abc import Collection

from docker import APIClient
from docker.errors import NotFound
from docker.types import NetworkingConfig

from technopark.engine.client import EngineError
from technopark.engine.networks import find_network

ADDRESS_LABEL = "technopark.lease-address"
"""On whatever holds an address: a kernel's container, or a Swarm's service of it."""


class LeaseNetwork:
    """The half of the network of `park` on the engine of this machine."""

    def __init__(self, client: APIClient, park: str) -> None:
        self._client, self._park = client, park
        # Somewhere: a broker that was started again must not begin with what is just held.
        self._last = random.randrange(1 << 16)  # noqa: S311  # no secret

    def free_address(self, taken: Collection[str | None]) -> str:
        """An address that is not `taken`, the one whose last use is longest ago.

        Raises:
            EngineError: the park is down, or all addresses are in use.
        """
        network = find_network(self._client, self._park)
        if network is None:
            raise EngineError(
                f"There is no network {self._park}: the park is down. `./park up` starts it."
            )
        half = ipaddress.IPv4Network(network.leases)
        usable = half.num_addresses - 1  # the last address of the network is for broadcasts
        for step in range(1, usable + 1):
            number = (self._last + step) % usable
            if (address := str(half[number])) not in taken:
                self._last = number
                return address
        raise EngineError(
            f"All {usable} addresses for leased kernels in {network.leases} are in use. Give the "
            "park a larger `network.subnet` in the settings."
        )

    def address_of(self, server: str) -> str:
        """The address of a container, by its name; empty where it does not run."""
        try:
            networks = self._client.inspect_container(server)["NetworkSettings"]["Networks"]
        except NotFound:
            return ""
        return str(networks.get(self._park, {}).get("IPAddress", ""))

    def place(self, address: str) -> NetworkingConfig:
        """What puts a new container at `address`."""
        endpoint = self._client.create_endpoint_config(ipv4_address=address)
        return NetworkingConfig({self._park: endpoint})  # type: ignore[arg-type]
