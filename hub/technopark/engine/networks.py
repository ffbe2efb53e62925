"""The park's network on one engine: a bridge on which containers reach the host and nothing else.

Called by `machine` (which adds the firewall) and by whoever needs the gateway's address. Never
touches a network that is not named after the park. The engine hands out the lower half of the
addresses; the upper half is for leased kernels, so that a firewall can tell them by their address.
"""

import ipaddress
from dataclasses import dataclass
from typing import Any

from docker import APIClient
from docker.errors import APIError
from docker.types import IPAMConfig, IPAMPool

from technopark.engine.client import EngineError

BRIDGE_NAME = "com.docker.network.bridge.name"
ISOLATION = "com.docker.network.bridge.enable_icc"
PARK_LABEL = "technopark.park"


@dataclass(frozen=True)
class Network:
    """A park's network, as the engine made it."""

    name: str
    """Of the network and of its bridge on the host."""
    gateway: str
    """The host's address on the bridge: the hub's API and the services listen here."""
    subnet: str

    @property
    def leases(self) -> str:
        """The upper half of the addresses, which leased kernels have."""
        return str(_halves(self.subnet)[1])


def find_network(client: APIClient, name: str) -> Network | None:
    """The network `name`, if there is one.

    Raises:
        EngineError: there is one, but it does not isolate what runs in it.
    """
    found = [network for network in client.networks(names=[name]) if network["Name"] == name]
    return _checked(found[0]) if found else None


def ensure_network(client: APIClient, name: str, subnet: str = "") -> Network:
    """The isolated network `name` on a bridge of the same name; made if there is none.

    Args:
        client: the engine.
        name: of the network, its bridge and the park; at most 15 characters (Linux).
        subnet: such as 10.77.0.0/20; empty: the engine chooses a free one.

    Raises:
        EngineError: a network of this name is of another kind, or the engine refuses.
    """
    network = find_network(client, name)
    if network is None:
        network = _make(client, name, subnet or _free_subnet(client, name))
    if subnet and ipaddress.ip_network(subnet) != ipaddress.ip_network(network.subnet):
        raise EngineError(
            f"The network {name} has the addresses {network.subnet}, the settings say {subnet}. "
            "Call `./park down`, which removes it, then `./park up`."
        )
    if not _keeps_halves_apart(client, name):
        network = _make_again(client, network)
    return network


def remove_network(client: APIClient, name: str) -> bool:
    """Removes the park's network; whether there was one. Its containers must be gone."""
    label = f"{PARK_LABEL}={name}"
    found = client.networks(names=[name], filters={"label": label})
    ours = [network["Id"] for network in found if network["Name"] == name]
    for network in ours:
        client.remove_network(network)
    return bool(ours)


def _make(client: APIClient, name: str, subnet: str) -> Network:
    pool = IPAMPool(subnet=subnet, iprange=str(_halves(subnet)[0]))
    try:
        client.create_network(
            name,
            driver="bridge",
            internal=True,
            ipam=IPAMConfig(pool_configs=[pool]),
            check_duplicate=True,
            options={BRIDGE_NAME: name, ISOLATION: "false"},
            labels={PARK_LABEL: name},
        )
    except APIError as error:
        raise EngineError(
            f"The network {name} could not be made: {error.explanation}. If its addresses are "
            "in use, name others as `network.subnet` in the settings."
        ) from None
    network = find_network(client, name)
    if network is None:
        raise EngineError(f"The network {name} was made and is gone again; try once more.")
    return network


def _free_subnet(client: APIClient, name: str) -> str:
    """Addresses that the engine chooses; it does so only for a network that it makes."""
    trial = client.create_network(name, driver="bridge", internal=True, labels={PARK_LABEL: name})
    try:
        return str(client.inspect_network(trial["Id"])["IPAM"]["Config"][0]["Subnet"])
    finally:
        client.remove_network(trial["Id"])


def _keeps_halves_apart(client: APIClient, name: str) -> bool:
    pool = client.inspect_network(name)["IPAM"]["Config"][0]
    return bool(pool.get("IPRange") == str(_halves(pool["Subnet"])[0]))


def _make_again(client: APIClient, network: Network) -> Network:
    """For a network of an earlier version of the park: the same addresses, in two halves."""
    if client.inspect_network(network.name)["Containers"]:
        raise EngineError(
            f"The network {network.name} has no addresses of its own for leased kernels, and "
            "servers run in it. Call `./park down`, which removes it, then `./park up`."
        )
    remove_network(client, network.name)
    return _make(client, network.name, network.subnet)


def _halves(subnet: str) -> tuple[ipaddress.IPv4Network, ipaddress.IPv4Network]:
    try:
        lower, upper = ipaddress.IPv4Network(subnet).subnets()
    except ValueError as error:
        raise EngineError(
            f"{subnet!r} is no network of a park: {error}. Name one such as 10.77.0.0/20 as "
            "`network.subnet` in the settings."
        ) from None
    return lower, upper


def _checked(attrs: dict[str, Any]) -> Network:
    options, name = attrs["Options"], attrs["Name"]
    isolated = options.get(ISOLATION) == "false" and options.get(BRIDGE_NAME) == name
    if not (attrs["Internal"] and isolated):
        raise EngineError(
            f"There is a network {name} already, but not one of a park: containers in it are not "
            "kept apart. Remove it (docker network rm), or choose another `network.name`."
        )
    pool = attrs["IPAM"]["Config"][0]
    subnet = ipaddress.ip_network(pool["Subnet"])
    return Network(name, pool.get("Gateway") or str(subnet[1]), str(subnet))
