"""A lease as a Swarm's service: what the manager is told, hardened as far as a Swarm knows how.

Called by `swarm_leases`. The container is in one network alone, which leads nowhere but to the
lease's passage; nothing of it is published.
"""

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from docker.errors import APIError, NotFound
from docker.types import ServiceMode

from technopark.engine.containers import HOME, NOWHERE, PUPIL
from technopark.engine.handover import connection_line
from technopark.engine.inside import program
from technopark.engine.lease_network import ADDRESS_LABEL
from technopark.engine.leased import CONNECTION_FILE, KERNEL_PORTS, LEASE_LABEL, Order
from technopark.engine.networks import PARK_LABEL
from technopark.settings import Settings

FLAVOUR_LABEL = "technopark.lease-flavour"
_GIVEN = "/run/secrets/technopark-connection"
_EVERYWHERE = "0.0.0.0"  # noqa: S104  # of a container that one other can reach
_MOST_LOG = {"Name": "json-file", "Options": {"max-size": "1m", "max-file": "2"}}
_NO_LOG = {"Name": "none"}
_SECOND = 1_000_000_000
"""In the engine's nanoseconds."""


@dataclass(frozen=True)
class Service:
    """The parts of one lease in the Swarm, by their ids."""

    id: str
    network: str
    secret: str = ""


def first_process_port(order: Order, settings: Settings) -> int:
    """The port at which the container's own first program waits for the passage."""
    return (order.first_port or settings.leases.ports[0]) + KERNEL_PORTS


def create_service(
    client: Any, order: Order, node: str, address: str, settings: Settings
) -> Service:
    """Starts a lease on a node of the Swarm; it has a network of its own.

    Args:
        client: a manager's engine.
        order: the container.
        node: the node's id.
        address: of the lease on the park's network; empty for a sandbox.
        settings: the park's.

    Raises:
        APIError: the manager refuses; nothing is left.
    """
    park = settings.network.name
    name = f"{park}-lease-{order.name}-{secrets.token_hex(3)}"
    labels = dict(order.labels) | {
        PARK_LABEL: park,
        LEASE_LABEL: order.name,
        FLAVOUR_LABEL: order.flavour,
        ADDRESS_LABEL: address,
    }
    own = {PARK_LABEL: park, LEASE_LABEL: order.name}
    made = Service("", "")
    try:
        made = replace(made, network=_create_network(client, name, own, settings))
        if order.connection is not None:
            first_port = order.first_port or settings.leases.ports[0]
            line = connection_line(order, _EVERYWHERE, first_port)
            made = replace(made, secret=client.create_secret(name, line, labels=own)["ID"])
        task = _task(order, node, made, name, settings)
        answer = client.create_service(
            task,
            name=name,
            labels=labels,
            mode=ServiceMode("replicated", 1),
            # No virtual address: nodes without IPVS have none, and one container needs none.
            endpoint_spec={"Mode": "dnsrr"},
        )
        return replace(made, id=str(answer["ID"]))
    except BaseException:
        remove_parts(client, made)
        raise


def remove_parts(client: Any, made: Service) -> None:
    """Removes what there is; a network that is still in use goes later (`sweep_networks`)."""
    if made.id:
        _quietly(client.remove_service, made.id)
    if made.secret:
        _quietly(client.remove_secret, made.secret)
    if made.network:
        _quietly(client.remove_network, made.network)


def sweep_networks(client: Any, park: str) -> None:
    """Removes the networks of leases that are gone, as soon as nothing is in them."""
    labels = [f"{PARK_LABEL}={park}", LEASE_LABEL]
    living = {each["Spec"]["Name"] for each in client.services(filters={"label": labels})}
    for network in client.networks(filters={"label": labels}):
        if network["Name"] not in living:
            _quietly(client.remove_network, network["Id"])


def _quietly(remove: Any, identity: str) -> None:
    try:
        remove(identity)
    except NotFound:
        pass
    except APIError as error:
        if error.is_server_error():
            raise


def _create_network(client: Any, name: str, labels: dict[str, str], settings: Settings) -> str:
    created = client.create_network(
        name,
        driver="overlay",
        internal=True,
        attachable=True,
        options={"encrypted": ""} if settings.leases.encrypted else None,
        labels=labels,
    )
    return str(created["Id"])


def _task(order: Order, node: str, made: Service, name: str, settings: Settings) -> dict[str, Any]:
    is_kernel = order.flavour == "gpu"
    return {
        "ContainerSpec": {
            "Image": order.image,
            **(_kernel(order, made, name, settings) if is_kernel else _sandbox(order, settings)),
            "Env": [f"{key}={value}" for key, value in _environment(order).items()],
            "User": f"{PUPIL}:{PUPIL}",
            "Dir": HOME,
            "ReadOnly": True,
            "CapabilityDrop": ["ALL"],
            # Docker 20.10 ignores it; such a node has to say it itself (docs/security.md).
            "Privileges": {"NoNewPrivileges": True},
            "Mounts": _mounts(order),
            "Ulimits": [_ulimit("nofile", settings.servers.open_files), _ulimit("core", 0)],
            "DNSConfig": {"Nameservers": [NOWHERE], "Options": ["timeout:1", "attempts:1"]},
            "StopGracePeriod": _SECOND,
            "Labels": {PARK_LABEL: settings.network.name, LEASE_LABEL: order.name},
        },
        "Resources": {
            "Limits": {
                "NanoCPUs": int(order.cpu * _SECOND),
                "MemoryBytes": order.memory,
                "Pids": order.pids,
            }
        },
        "RestartPolicy": {"Condition": "none"},
        "Placement": {"Constraints": [f"node.id=={node}"]},
        "Networks": [{"Target": made.network}],
        "LogDriver": _MOST_LOG if is_kernel else _NO_LOG,
    }


def _kernel(order: Order, made: Service, name: str, settings: Settings) -> dict[str, Any]:
    port = str(first_process_port(order, settings))
    steward = [order.command[0], "-c", program("steward.py"), port, _GIVEN, CONNECTION_FILE]
    given = {"Name": _GIVEN, "UID": str(PUPIL), "GID": str(PUPIL), "Mode": 0o400}
    return {
        "Command": ["tini", "--"],
        "Args": [*steward, order.folder, *order.command],
        "Secrets": [{"SecretID": made.secret, "SecretName": name, "File": given}],
    }


def _sandbox(order: Order, settings: Settings) -> dict[str, Any]:
    port = str(first_process_port(order, settings))
    return {
        "Command": [order.command[0], "-c", program("stage.py")],
        "Args": [port, *order.command],
        "Init": False,
    }


def _environment(order: Order) -> dict[str, str]:
    environment = dict(order.environment)
    if order.device:
        environment["TECHNOPARK_DEVICE"] = order.device.uuid
        if order.device.is_real:
            # A Swarm hands no devices on: the node's own runtime does, by this variable.
            environment["NVIDIA_VISIBLE_DEVICES"] = order.device.uuid
            environment["NVIDIA_DRIVER_CAPABILITIES"] = "compute,utility"
    return environment


def _mounts(order: Order) -> list[dict[str, Any]]:
    mounts = [_bind(path, place) for path, place in order.folders.items()]
    bound = {mount["Target"] for mount in mounts}
    return mounts + [
        {
            "Type": "tmpfs",
            "Target": folder,
            "TmpfsOptions": {"SizeBytes": order.scratch, "Mode": 0o1777},
        }
        for folder in ("/tmp", HOME)  # noqa: S108  # the container's own
        if folder not in bound
    ]


def _bind(path: Path, place: str) -> dict[str, Any]:
    target, _, mode = place.partition(":")
    return {"Type": "bind", "Source": str(path), "Target": target, "ReadOnly": mode == "ro"}


def _ulimit(name: str, most: int) -> dict[str, Any]:
    return {"Name": name, "Soft": most, "Hard": most}
