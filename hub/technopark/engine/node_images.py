"""Are the images of tomorrow's lessons where they will be needed? What can be pulled is pulled.

Called by the bell the evening before. On a Swarm one short-lived service for each image runs on all
nodes at once: a node that lacks the image pulls it, or says why not.
"""

import secrets
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from typing import Any

from docker.errors import ImageNotFound, NotFound

from technopark.engine.client import engine_errors, open_engine
from technopark.engine.containers import PUPIL
from technopark.engine.devices import devices, found_here
from technopark.engine.leased import Device
from technopark.engine.networks import PARK_LABEL
from technopark.engine.swarm_nodes import nodes
from technopark.settings import Settings

_PATIENCE = 900.0
"""Seconds that a large image may take to come over a thin line."""
_GLANCE = 0.5
_ENDED = ("complete", "failed", "rejected", "shutdown", "orphaned", "remove")


def leased_devices(settings: Settings) -> list[Device]:
    """All devices that the park can lease now.

    Raises:
        EngineError: the engine does not answer.
    """
    if settings.leases.engine == "docker":
        declared = [device for node in settings.leases.nodes for device in node.devices]
        return list(devices(declared, found_here()))
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        found = nodes(client, settings.leases)
    return [device for node in found if node.is_ready for device in node.devices]


def missing_here(settings: Settings, images: Iterable[str]) -> list[str]:
    """Those of `images` (ids or tags) that this machine's engine does not have.

    Raises:
        EngineError: the engine does not answer.
    """
    missing = []
    client: Any
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        for image in images:
            try:
                client.inspect_image(image)
            except ImageNotFound:
                missing.append(image)
    return missing


def missing_on_nodes(settings: Settings, image: str, patience: float = _PATIENCE) -> dict[str, str]:
    """The nodes for leases that neither have `image` nor can pull it, and why not.

    Args:
        settings: the park's; its engine is a manager of the Swarm.
        image: an id, which a node must have, or a registry's name with a digest, which it pulls.
        patience: seconds after which a node that is still pulling counts as lacking.

    Raises:
        EngineError: the engine does not answer, or is no manager.
    """
    key, _, value = settings.leases.node_label.partition("=")
    client: Any
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        names = {node.name for node in nodes(client, settings.leases) if node.is_ready}
        ids = {each["ID"]: each["Description"]["Hostname"] for each in client.nodes()}
        made = client.create_service(
            _nothing_but(image, f"node.labels.{key}=={value}"),
            name=f"{settings.network.name}-image-{secrets.token_hex(4)}",
            labels={PARK_LABEL: settings.network.name},
            mode={"GlobalJob": {}},
        )["ID"]
        try:
            ended = _wait(client, made, len(names), patience)
        finally:
            with suppress(NotFound):
                client.remove_service(made)
    told = {ids.get(task["NodeID"], ""): task["Status"] for task in ended}
    return {
        name: told[name].get("Err", "it did not start") if name in told else "it did not answer"
        for name in sorted(names)
        if name not in told or told[name]["State"] != "complete"
    }


def _nothing_but(image: str, where: str) -> dict[str, Any]:
    """A task that does nothing, locked down all the same."""
    return {
        "ContainerSpec": {
            "Image": image,
            "Command": ["/bin/true"],
            "User": f"{PUPIL}:{PUPIL}",
            "ReadOnly": True,
            "CapabilityDrop": ["ALL"],
            "Privileges": {"NoNewPrivileges": True},
        },
        "RestartPolicy": {"Condition": "none"},
        "Placement": {"Constraints": [where]},
        "LogDriver": {"Name": "none"},
    }


def _wait(client: Any, service: str, number: int, patience: float) -> list[dict[str, Any]]:
    until = time.monotonic() + patience
    while True:
        tasks = client.tasks(filters={"service": service})
        ended = [task for task in tasks if task["Status"]["State"] in _ENDED]
        if len(ended) >= number or time.monotonic() > until:
            return ended
        time.sleep(_GLANCE)
