"""Parents of servers on all nodes of a Swarm: one global service, whose tasks look after them.

Called by `machine` on the park's machine, the Swarm's manager. The nodes' engines are not spoken
to: each task asks its own (`technopark_forked.nodes`, which reads the orders that are made here).
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from docker.errors import NotFound

from technopark.engine.forks import PROGRAMS
from technopark.engine.networks import PARK_LABEL
from technopark.engine.parent import PARENT_LABEL, parent_folder, wanted_parent
from technopark.engine.swarm_nodes import names_of_usable
from technopark.settings import Settings

CARETAKER_LABEL = "technopark.caretaker"
"""On the service; the value names what it was made from, so that a change is noticed."""
WAITING_LABEL = "technopark.waits-for"
"""On a container of a node that waits for a server."""

_RUN = "/run"
"""Of each node: its engine's socket is there, and its parent's. Bound as a folder, as the socket is
another file after each start of the engine."""
_ENGINE = f"{_RUN}/docker.sock"
_MEMORY = 64 << 20
_PIDS = 32
_SECOND = 1_000_000_000
"""In the engine's nanoseconds."""
_PATIENCE = 30.0
"""Seconds for the tasks to end, of nodes that answer."""
_POLL = 0.2


def waiting(programs: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The label of a node's container that waits for a server.

    Args:
        programs: arguments by program; the server is the first of them.
    """
    return {WAITING_LABEL: json.dumps({name: list(words) for name, words in programs.items()})}


def ensure_caretakers(client: Any, image: str, settings: Settings) -> bool:
    """The service is there, and of the base image `image`; it takes its nodes a moment.

    Args:
        client: the engine of a manager of the Swarm; docker-py's types know no services.
        image: the id of the base image, which every node has.
        settings: the park's.

    Returns:
        Whether it was made or changed.

    Raises:
        APIError: the engine is no manager of a Swarm, or refuses.
    """
    park = settings.network.name
    task = _task(client, image, settings)
    made_as = hashlib.sha256(json.dumps(task, sort_keys=True).encode()).hexdigest()[:16]
    wanted = {
        "name": f"{park}-caretaker",
        "labels": {PARK_LABEL: park, CARETAKER_LABEL: made_as},
        "mode": "global",
        # The old one removes its parent first; all nodes at a time.
        "update_config": {"Parallelism": 0, "Order": "stop-first"},
    }
    found = _find(client, park)
    if found is None:
        client.create_service(task, **wanted)
        return True
    if found["Spec"]["Labels"][CARETAKER_LABEL] == made_as:
        return False
    client.update_service(found["ID"], found["Version"]["Index"], task_template=task, **wanted)
    return True


def remove_caretakers(client: Any, park: str) -> bool:
    """Ends the service and, by its tasks, all parents; whether there was one. Servers go on."""
    is_manager = client.info()["Swarm"].get("ControlAvailable", False)
    found = _find(client, park) if is_manager else None
    if found is None:
        return False
    try:
        client.remove_service(found["ID"])
    except NotFound:
        return False
    end = time.monotonic() + _PATIENCE
    while _tasks(client, park) and time.monotonic() < end:
        time.sleep(_POLL)
    return True


def nodes_without_caretaker(client: Any, park: str) -> list[str]:
    """The names of nodes that could have one, and have none."""
    looked_after = {
        task["NodeID"] for task in _tasks(client, park) if task["Status"]["State"] == "running"
    }
    usable = names_of_usable(client)
    return sorted(name for node, name in usable.items() if node not in looked_after)


def _find(client: Any, park: str) -> dict[str, Any] | None:
    labels = [f"{PARK_LABEL}={park}", CARETAKER_LABEL]
    found: list[dict[str, Any]] = client.services(filters={"label": labels})
    return found[0] if found else None


def _tasks(client: Any, park: str) -> list[dict[str, Any]]:
    labels = [f"{PARK_LABEL}={park}", CARETAKER_LABEL]
    found: list[dict[str, Any]] = client.tasks(filters={"label": labels})
    return found


def _task(client: Any, image: str, settings: Settings) -> dict[str, Any]:
    orders = json.dumps(_orders(client, image, settings), sort_keys=True)
    return {
        "ContainerSpec": {
            "Image": image,
            "Command": ["/opt/server/bin/python", "-P", "-m", "technopark_forked.nodes"],
            "Args": [orders],
            "User": "0:0",
            "Dir": "/",
            "ReadOnly": True,
            # The owner of both sockets, with no right beyond that: what it can do, the engine does.
            "CapabilityDrop": ["ALL"],
            "Privileges": {"NoNewPrivileges": True},
            "Mounts": [{"Type": "bind", "Source": _RUN, "Target": _RUN}],
            "Init": False,
            "StopGracePeriod": 10 * _SECOND,
        },
        "Resources": {"Limits": {"MemoryBytes": _MEMORY, "Pids": _PIDS}},
        "RestartPolicy": {"Condition": "any", "Delay": 5 * _SECOND},
        "LogDriver": {"Name": "json-file", "Options": {"max-size": "1m", "max-file": "2"}},
    }


def _orders(client: Any, image: str, settings: Settings) -> dict[str, Any]:
    """What `technopark_forked.nodes.orders` reads."""
    return {
        "engine": _ENGINE,
        "park": f"{PARK_LABEL}={settings.network.name}",
        "waiting": WAITING_LABEL,
        "parent_label": PARENT_LABEL,
        "folder": str(parent_folder(settings)),
        "programs": list(PROGRAMS),
        **asdict(wanted_parent(client, image, settings)),
    }
