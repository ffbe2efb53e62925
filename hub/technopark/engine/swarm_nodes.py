"""The nodes of a Swarm that leases may run on, as its manager knows them.

Called by `swarm_leases`. The manager is all that is asked: a node's cards are what its admin told
the Swarm (`node-generic-resources` of its engine) or the settings.
"""

from typing import Any

from docker.errors import APIError

from technopark.engine.client import EngineError
from technopark.engine.devices import devices
from technopark.engine.leased import Node
from technopark.settings import Leases

_GPU = ("GPU-", "MIG-")
"""How NVIDIA's UUIDs begin."""
_NO_MANAGER = 503


def nodes(client: Any, leases: Leases) -> list[Node]:
    """The nodes that carry the settings' label, with their devices.

    Raises:
        EngineError: this machine's engine is no manager of a Swarm.
    """
    return [_node(each, leases) for each in _labelled(client, leases.node_label)]


def node_id(client: Any, name: str, leases: Leases) -> str:
    """The Swarm's id of a node, by the node's name.

    Raises:
        EngineError: there is none that carries the label, answers, and takes what is new.
    """
    found = {each["Description"]["Hostname"]: each for each in _labelled(client, leases.node_label)}
    if name not in found:
        raise EngineError(
            f"There is no node {name!r} with the label {leases.node_label} in the Swarm; there "
            f"are {', '.join(sorted(found)) or 'none at all'}."
        )
    if not _is_ready(found[name]):
        raise EngineError(f"The node {name} does not answer, or takes nothing new.")
    return str(found[name]["ID"])


def ready_nodes(client: Any) -> set[str]:
    """The ids of all nodes of the Swarm that answer."""
    return {each["ID"] for each in client.nodes() if each["Status"]["State"] == "ready"}


def names_of_usable(client: Any) -> dict[str, str]:
    """The names, by id, of all nodes of the Swarm that answer and take what is new."""
    return {
        each["ID"]: each["Description"]["Hostname"] for each in client.nodes() if _is_ready(each)
    }


def _labelled(client: Any, label: str) -> list[dict[str, Any]]:
    key, _, value = label.partition("=")
    try:
        listed = client.nodes()
    except APIError as error:
        if error.status_code != _NO_MANAGER:
            raise
        raise EngineError(
            "The settings say `leases.engine: swarm`, but this machine's engine is no manager of a "
            "Swarm. `docker swarm init` makes one; or choose `docker`."
        ) from None
    return [node for node in listed if node["Spec"].get("Labels", {}).get(key) == value]


def _node(node: dict[str, Any], leases: Leases) -> Node:
    described = node["Description"]
    name, resources = described["Hostname"], described["Resources"]
    declared = [device for each in leases.nodes if each.name == name for device in each.devices]
    cards = [*_generic(resources), *(one.uuid for one in declared if one.uuid.startswith(_GPU))]
    return Node(
        name=name,
        is_ready=_is_ready(node),
        cores=resources["NanoCPUs"] / 1e9,
        memory=resources["MemoryBytes"],
        devices=devices(declared, cards),
    )


def _generic(resources: dict[str, Any]) -> list[str]:
    named = [each.get("NamedResourceSpec") for each in resources.get("GenericResources") or ()]
    return [str(one["Value"]) for one in named if one and str(one["Value"]).startswith(_GPU)]


def _is_ready(node: dict[str, Any]) -> bool:
    return bool(node["Status"]["State"] == "ready" and node["Spec"]["Availability"] == "active")
