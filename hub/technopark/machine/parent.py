"""The parent of servers, here or on all nodes: there when servers are forked, else gone.

Called by `up`, `down`, `status` and `doctor`; the container itself is the engine's
(`engine.parent`).
"""

from contextlib import closing

from technopark.catalogue.images import images_in_use
from technopark.engine import parent as container
from technopark.engine.caretakers import (
    ensure_caretakers,
    nodes_without_caretaker,
    remove_caretakers,
)
from technopark.engine.client import engine_errors, open_engine
from technopark.engine.forks import programs
from technopark.engine.parent import Parent
from technopark.machine import MachineError
from technopark.settings import Settings


def ensure_parent(settings: Settings, image: str) -> str:
    """The parent runs from the base image `image`, or is gone where servers start by themselves.

    Returns:
        What was found or done, in words.

    Raises:
        EngineError: it does not come up; servers then start the ordinary way.
    """
    if settings.servers.way == "ordinary":
        drop_parent(settings)
        return "none: each server starts by itself"
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        if settings.leases.engine == "swarm":
            is_new = ensure_caretakers(client, image, settings)
            container.wait_for_parent(client, image, settings)
        else:
            remove_caretakers(client, settings.network.name)  # of a Swarm until now
            is_new = container.ensure_parent(client, image, settings)
    return "started" if is_new else "up to date"


def drop_parent(settings: Settings) -> bool:
    """Ends the parent, on a Swarm all of them; whether there was one. Running servers go on."""
    park = settings.network.name
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        had_many = remove_caretakers(client, park)
        return container.remove_parent(client, park) or had_many


def find_parent(settings: Settings) -> Parent | None:
    """The parent's container, if there is one."""
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        return container.find_parent(client, settings.network.name)


def check_parent(settings: Settings) -> str:
    """What the parent of servers is like, in words.

    Raises:
        MachineError: servers should be forked, and are not.
        NoForkError: it runs and does not answer.
    """
    if settings.servers.way == "ordinary":
        return "none: `servers.way` is ordinary, each server starts by itself"
    found = find_parent(settings)
    if found is None or not found.runs:
        raise MachineError(
            "The parent of servers does not run; each server starts by itself, which takes ten "
            "times the work. `./park up` starts it."
        )
    image = images_in_use(settings).get("base")
    if image is not None and found.image != image:
        raise MachineError(
            "The parent of servers is of an earlier base image. `./park up` replaces it; servers "
            "that run are not touched."
        )
    answered = programs(container.parent_folder(settings))
    told = f"{found.status}, forks: {', '.join(answered)}"
    return f"{told}; {_on_all_nodes(settings)}" if settings.leases.engine == "swarm" else told


def _on_all_nodes(settings: Settings) -> str:
    park = settings.network.name
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        lacking = nodes_without_caretaker(client, park)
    if lacking:
        raise MachineError(
            f"Nobody looks after a parent of servers on {', '.join(lacking)}: servers there start "
            f"by themselves. `docker service ps --no-trunc {park}-caretaker` says why; most often "
            "the node lacks the base image."
        )
    return "on every node of the Swarm"
