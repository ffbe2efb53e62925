"""Are the images of tomorrow's lessons where they will be needed? What can be fetched is fetched.

Called by the bell the evening before. On a Swarm one short-lived service for each image runs on
all nodes at once: a node that lacks the image says so. Then, where the park has a registry, this
machine brings the image there, and a second service lets all nodes fetch it by its digest.
"""

import hashlib
import logging
import secrets
import time
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

from docker.errors import ImageNotFound, NotFound

from technopark.engine import registry
from technopark.engine.client import engine_errors, open_engine
from technopark.engine.containers import PUPIL
from technopark.engine.devices import devices, found_here
from technopark.engine.leased import Device
from technopark.engine.networks import PARK_LABEL
from technopark.engine.registry import RegistryError
from technopark.engine.swarm_nodes import node_id, nodes
from technopark.settings import Settings

log = logging.getLogger(__name__)

_PATIENCE = 300.0
"""Seconds that one look may take; fetching goes on without us, and the next look finds it."""
_GLANCE = 0.5
_ENDED = ("complete", "failed", "rejected", "shutdown", "orphaned", "remove")
_JOB_LABEL = "technopark.image-job"


@dataclass(frozen=True)
class Lack:
    """Why a node does not have an image."""

    why: str
    """In the words of the engine that tried."""
    registry: str = ""
    """The registry that it was to come from; empty: the park has none."""
    is_there: bool = False
    """Whether the registry has the image."""


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


def ready_nodes(settings: Settings) -> frozenset[str]:
    """The names of the nodes for leases that answer now; none where all is on this machine.

    Raises:
        EngineError: the engine does not answer, or is no manager.
    """
    if settings.leases.engine == "docker":
        return frozenset()
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        return frozenset(node.name for node in nodes(client, settings.leases) if node.is_ready)


def missing_on_nodes(
    settings: Settings, image: str, patience: float = _PATIENCE
) -> dict[str, Lack]:
    """The nodes for leases that neither have `image` nor can fetch it, and why not.

    Args:
        settings: the park's; its engine is a manager of the Swarm.
        image: an id, which each node must have: kernels start by it and fetch nothing.
        patience: seconds after which a node that has not answered yet counts as lacking.

    Raises:
        EngineError: the engine does not answer, or is no manager.
    """
    address = settings.registry.address
    client: Any
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        park = settings.network.name
        look = f"{park}-image-{secrets.token_hex(4)}"
        lacking = _run_everywhere(client, settings, image, look, patience)
        if not lacking or not address:
            return {node: Lack(why) for node, why in lacking.items()}
        try:
            registry.sign_in(client, settings)
            name = registry.push(client, settings, image)
        except RegistryError as problem:
            return {node: Lack(str(problem), address) for node in lacking}
        fetch = f"{park}-fetch-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
        refused = _run_everywhere(client, settings, name, fetch, patience, may_go_on=True)
        still = _run_everywhere(client, settings, image, look, patience)
        if fetched := sorted(lacking.keys() - still.keys()):
            log.info("%s was fetched by %s", name, ", ".join(fetched))
        return {
            node: Lack(refused.get(node, why), address, is_there=True)
            for node, why in still.items()
        }


def drop_jobs(settings: Settings) -> None:
    """Ends what nodes still fetch, when the park goes down."""
    client: Any
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        if client.info()["Swarm"].get("ControlAvailable"):
            labels = [f"{PARK_LABEL}={settings.network.name}", _JOB_LABEL]
            for service in client.services(filters={"label": labels}):
                client.remove_service(service["ID"])


def _run_everywhere(
    client: Any,
    settings: Settings,
    image: str,
    job: str,
    patience: float,
    *,
    may_go_on: bool = False,
) -> dict[str, str]:
    """Starts nothing but `image` on all nodes for leases; those where it did not, and why.

    Args:
        client: a manager's engine.
        settings: the park's.
        image: an id, or a name with a digest, which a node fetches first.
        job: the service's name; one that is there already is looked at and not started again.
        patience: seconds.
        may_go_on: what has not ended by then is left running, for the next look.
    """
    leases = settings.leases
    names = [node.name for node in nodes(client, leases) if node.is_ready]
    ids = {node_id(client, name, leases): name for name in names}
    made = _job(client, settings, image, job)
    told: Mapping[str, Any] = {}
    try:
        told = _wait(client, made, ids.keys(), patience)
    finally:
        if not (may_go_on and ids.keys() - told.keys()):
            with suppress(NotFound):
                client.remove_service(made)
    late = "It is still fetching it." if may_go_on else "It did not answer."
    found = {
        name: told[node].get("Err", "It did not start.") if node in told else late
        for node, name in ids.items()
        if node not in told or told[node]["State"] != "complete"
    }
    return dict(sorted(found.items()))


def _job(client: Any, settings: Settings, image: str, name: str) -> str:
    for service in client.services(filters={"name": name}):
        if service["Spec"]["Name"] == name:
            return str(service["ID"])
    key, _, value = settings.leases.node_label.partition("=")
    made = client.create_service(
        _nothing_but(image, f"node.labels.{key}=={value}"),
        name=name,
        labels={PARK_LABEL: settings.network.name, _JOB_LABEL: "yes"},
        mode={"GlobalJob": {}},
    )
    return str(made["ID"])


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


def _wait(client: Any, service: str, asked: Iterable[str], patience: float) -> dict[str, Any]:
    """How the tasks of a service ended, by their nodes' ids; waits for those that are asked."""
    until = time.monotonic() + patience
    while True:
        tasks = client.tasks(filters={"service": service})
        ended = {
            task.get("NodeID", ""): task["Status"]
            for task in tasks
            if task["Status"]["State"] in _ENDED
        }
        if set(asked) <= ended.keys() or time.monotonic() > until:
            return ended
        time.sleep(_GLANCE)
