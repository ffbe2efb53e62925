"""A container that runs one command to its end, locked down as a pupil's is.

Called by `catalogue.check` and by `probe`; nothing of the container is left when the answer is
there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from docker import APIClient
from requests.exceptions import ConnectionError as NotAnswered
from requests.exceptions import Timeout

from technopark.engine.containers import hardened
from technopark.engine.networks import PARK_LABEL
from technopark.settings import Servers


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int | None
    """Its exit code; None: it was still running when the patience ended."""
    stdout: str
    stderr: str
    out_of_memory: bool


def run_to_end(
    client: APIClient,
    image: str,
    command: Sequence[str],
    *,
    limits: Servers,
    folders: Mapping[Path, str],
    park: str,
    patience: int,
    network: str = "none",
) -> Ended:
    """Runs `command` in a new container of `image` and waits for its end.

    Args:
        client: the engine.
        image: an image's tag or id.
        command: the program and its arguments.
        limits: what the container may use.
        folders: folders of this machine, and where the container sees them, read-only.
        park: the name of the park's network; its label marks the container as the park's.
        patience: seconds after which the container is ended.
        network: what the container is in; by default in none.
    """
    binds = [f"{path}:{place}:ro" for path, place in folders.items()]
    container = client.create_container(
        image,
        command=list(command),
        labels={PARK_LABEL: park},
        host_config=client.create_host_config(
            network_mode=network, binds=binds, **hardened(limits, memory=limits.memory)
        ),
    )["Id"]
    try:
        client.start(container)
        try:
            code: int | None = int(client.wait(container, timeout=patience)["StatusCode"])
        except (Timeout, NotAnswered):  # docker-py lets both mean that the time is over
            code = None
        stdout = client.logs(container, stdout=True, stderr=False).decode(errors="replace")
        stderr = client.logs(container, stdout=False, stderr=True).decode(errors="replace")
        state = client.inspect_container(container)["State"]
    finally:
        client.remove_container(container, force=True, v=True)
    return Ended(code, stdout, stderr, out_of_memory=bool(state["OOMKilled"]))
