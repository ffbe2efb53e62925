"""The parent of servers on this machine: there when servers are forked, gone when they are not.

Called by `up`, `down`, `status` and `doctor`; the container itself is the engine's
(`engine.parent`).
"""

from contextlib import closing

from technopark.catalogue.images import images_in_use
from technopark.engine import parent as container
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
        is_new = container.ensure_parent(client, image, settings)
    return "started" if is_new else "up to date"


def drop_parent(settings: Settings) -> bool:
    """Ends the parent; whether there was one. Running servers go on."""
    with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
        return container.remove_parent(client, settings.network.name)


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
    return f"{found.status}, forks: {', '.join(answered)}"
