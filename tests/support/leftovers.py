"""What the engine still has of a park that is down: by label, by name, and volumes without one."""

from technopark.engine.client import open_engine
from technopark.engine.networks import PARK_LABEL
from technopark.settings import Settings


def left_behind(settings: Settings, others_volumes: set[str]) -> dict[str, list[str]]:
    """Names of what is left, by kind; kinds of which nothing is left are not in it.

    Args:
        settings: the park's.
        others_volumes: `dangling` volumes from before the park was there.
    """
    engine, park = open_engine(settings.engine), settings.network.name
    label = f"{PARK_LABEL}={park}"
    containers = {
        each["Names"][0].lstrip("/")
        for each in engine.containers(all=True)
        if (each["Labels"] or {}).get(PARK_LABEL) == park
        or each["Names"][0].lstrip("/").startswith(f"{park}-")
    }
    networks = {
        each["Name"]
        for each in engine.networks()
        if each["Name"].startswith(park) or label in (each["Labels"] or {})
    }
    named = {each["Name"] for each in engine.volumes()["Volumes"] or []}
    volumes = {each for each in named if each.startswith(park)}
    found = {
        "containers": containers,
        "networks": networks,
        "volumes": volumes | dangling(settings) - others_volumes,
    }
    return {kind: sorted(names) for kind, names in found.items() if names}


def dangling(settings: Settings) -> set[str]:
    """Volumes that no container has, running or not; those without a name are called by numbers."""
    engine = open_engine(settings.engine)
    found = engine.volumes(filters={"dangling": "true"})["Volumes"] or []
    return {each["Name"] for each in found}
