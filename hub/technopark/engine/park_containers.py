"""All containers of one park: found, stopped and removed by its label, never by their names.

Called by `machine` for `down` and `status`; the spawner looks after single ones.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from docker import APIClient
from docker.errors import APIError, NotFound

from technopark.engine.networks import PARK_LABEL

PATIENCE = 5
"""Seconds between asking a container to end and ending it."""
_OTHERS_TAKE = 60
"""Seconds for somebody else's removal of a container; the engine is slow where many end."""


@dataclass(frozen=True)
class ParkContainer:
    """A container that carries the park's label."""

    id: str
    name: str
    image: str
    runs: bool
    started: datetime
    status: str
    """In the engine's words, such as `Up 5 minutes`."""


def park_containers(client: APIClient, park: str) -> list[ParkContainer]:
    """All containers of `park`, those that ended included."""
    found = client.containers(all=True, filters={"label": f"{PARK_LABEL}={park}"})
    return [
        ParkContainer(
            id=each["Id"],
            name=each["Names"][0].lstrip("/"),
            image=each["Image"],
            runs=each["State"] == "running",
            started=datetime.fromtimestamp(each["Created"], UTC),
            status=each["Status"],
        )
        for each in found
    ]


def remove_park_containers(client: APIClient, park: str, threads: int) -> int:
    """Stops and removes all containers of `park`; how many there were."""
    ids = [container.id for container in park_containers(client, park)]

    def remove(container: str) -> None:
        try:
            client.stop(container, timeout=PATIENCE)
            client.remove_container(container, force=True, v=True)
        except NotFound:
            pass  # it was about to go by itself
        except APIError as error:
            if error.status_code != HTTPStatus.CONFLICT:
                raise
            _until_it_is_gone(client, container)  # somebody else is just removing it

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(remove, ids))
    return len(ids)


def _until_it_is_gone(client: APIClient, container: str) -> None:
    with suppress(NotFound):
        client.wait(container, timeout=_OTHERS_TAKE, condition="removed")
