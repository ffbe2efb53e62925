"""The node's parent: the one container with capabilities; pupils' servers are forked from it.

Called by `machine` (made, replaced, removed, told of) and by benches and tests. It runs the base
image's own program and is never given anything of a course or a pupil.
"""

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker import APIClient
from docker.errors import APIError, NotFound
from docker.types import LogConfig, Ulimit

from technopark.capacity import MOST_SERVERS
from technopark.engine.client import EngineError
from technopark.engine.containers import HOME
from technopark.engine.forks import PROGRAMS, NoForkError, programs
from technopark.engine.networks import PARK_LABEL
from technopark.settings import Settings

PARENT_LABEL = "technopark.parent"
"""On its container; the value names image and way of running, so that a change is noticed."""

CAPABILITIES = ("SETGID", "SETPCAP", "SETUID", "SYS_ADMIN", "SYS_CHROOT", "SYS_PTRACE")
"""To join namespaces (SYS_ADMIN, SYS_CHROOT, SYS_PTRACE), to read which filter of system calls the
container has (SYS_PTRACE, SYS_ADMIN) and to become its user without any of these (the others)."""

LEFT_BY_EACH = 3 << 20
"""Bytes, more than what a server and its kernels' process leave with the parent for as long as they
live: what a fork has written to before it joined its own container stays charged here."""
MEMORY = (512 << 20) + MOST_SERVERS * LEFT_BY_EACH
"""Bytes that the parent may be charged with; nothing is set aside for it."""
PIDS = 512
"""Of the parent and of the requests under way; forked servers count where they run."""
STILL = 30.0
"""Seconds without an answer after which a parent is started anew; a busy machine is not so slow."""
_PATIENCE = 120.0
"""Seconds to import both stacks on a machine that has other work."""
_POLL = 0.1
_FOLDER = "/run/technopark"
_CGROUPS = "/sys/fs/cgroup"


@dataclass(frozen=True)
class Parent:
    """A parent's container."""

    id: str
    image: str
    """The id of the image that it was made from."""
    runs: bool
    made_as: str
    """The label's value: what it was made from."""
    status: str
    """In the engine's words, such as `Up 5 minutes`."""


@dataclass(frozen=True)
class Wanted:
    """A parent as it is to be, on whichever node."""

    name: str
    made_as: str
    container: dict[str, Any]
    """In the words of the engine's API."""


def parent_folder(settings: Settings) -> Path:
    """Where the parent's sockets are; root's alone.

    A Swarm's nodes share `data`, and each has sockets of its own.
    """
    if settings.leases.engine == "swarm":
        return Path("/run") / f"{settings.network.name}-parent"
    return settings.data / "run" / "parent"


def wanted_parent(client: APIClient, image: str, settings: Settings) -> Wanted:
    """The parent that belongs to the base image `image` and to the settings."""
    park = settings.network.name
    arguments = _arguments(client, image, settings)
    made_as = hashlib.sha256(json.dumps(arguments, sort_keys=True).encode()).hexdigest()[:16]
    labels = {PARK_LABEL: park, PARENT_LABEL: made_as}
    container = client.create_container_config(**arguments, labels=labels, detach=True)
    plain = json.loads(json.dumps(container))  # docker-py's own kinds of dict copy badly
    return Wanted(f"{park}-parent", made_as, plain)


def find_parent(client: APIClient, park: str) -> Parent | None:
    """The parent of `park`, whether it runs or not."""
    labels = [f"{PARK_LABEL}={park}", PARENT_LABEL]
    for each in client.containers(all=True, filters={"label": labels}):
        runs = each["State"] == "running"
        return Parent(
            each["Id"], each["ImageID"], runs, each["Labels"][PARENT_LABEL], each["Status"]
        )
    return None


def ensure_parent(client: APIClient, image: str, settings: Settings) -> bool:
    """The parent runs, from `image`, and can be asked; servers that run already are not touched.

    Args:
        client: the engine.
        image: the id of the base image.
        settings: the park's.

    Returns:
        Whether it was made or replaced.

    Raises:
        EngineError: it does not come up.
    """
    park, folder = settings.network.name, parent_folder(settings)
    wanted = wanted_parent(client, image, settings)
    found = find_parent(client, park)
    if found and found.runs and found.made_as == wanted.made_as:
        return False
    remove_parent(client, park)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    for name in PROGRAMS:
        (folder / name).unlink(missing_ok=True)
    container = client.create_container_from_config(  # type: ignore[no-untyped-call]
        wanted.container, wanted.name
    )["Id"]
    client.start(container)
    _wait(client, container, folder)
    return True


def wait_for_parent(client: APIClient, image: str, settings: Settings) -> None:
    """Returns when a parent that somebody else looks after is as wanted, and can be asked.

    Raises:
        EngineError: it does not come up.
    """
    park, made_as = settings.network.name, wanted_parent(client, image, settings).made_as
    end = time.monotonic() + _PATIENCE
    while (found := find_parent(client, park)) is None or found.made_as != made_as:
        if time.monotonic() > end:
            raise EngineError(
                f"Nobody made a parent of servers on this machine within {_PATIENCE:g} s. "
                f"`docker service ps --no-trunc {park}-caretaker` says why."
            )
        time.sleep(_POLL)
    _wait(client, found.id, parent_folder(settings))


def remove_parent(client: APIClient, park: str) -> bool:
    """Ends the parent; whether there was one. Servers that it forked go on."""
    found = find_parent(client, park)
    if found is None:
        return False
    try:
        client.remove_container(found.id, force=True, v=True)
    except NotFound:
        return False
    return True


def restart_parent(client: APIClient, park: str) -> None:
    """Starts anew a parent that stands still; servers that it forked go on.

    The engine does so by itself only where it has ended.
    """
    found = find_parent(client, park)
    if found is not None:
        client.restart(found.id, timeout=0)


def _arguments(client: APIClient, image: str, settings: Settings) -> dict[str, Any]:
    """Of docker-py's `create_container_config`."""
    open_files = settings.servers.open_files
    return {
        "image": image,
        "user": "0:0",
        "environment": {"HOME": HOME},  # as what it forks has it
        "working_dir": "/",
        "entrypoint": ["/opt/server/bin/python", "-P", "-m", "technopark_forked.servers"],
        "command": [_FOLDER, *PROGRAMS],
        "host_config": client.create_host_config(
            cap_drop=["ALL"],
            cap_add=list(CAPABILITIES),
            # The engine's filter of system calls would keep it from reading a container's own,
            # which is what a forked server gets.
            security_opt=["seccomp=unconfined", "no-new-privileges"],
            pid_mode="host",
            network_mode="none",
            userns_mode="host",
            cgroupns="host",
            read_only=True,
            binds=[f"{parent_folder(settings)}:{_FOLDER}", f"{_CGROUPS}:/host/cgroup"],
            mem_limit=MEMORY,
            memswap_limit=MEMORY,
            pids_limit=PIDS,
            # A fork may lower a limit to the container's, and could not raise it.
            ulimits=[Ulimit(name="nofile", soft=open_files, hard=open_files)],
            restart_policy={"Name": "always"},
            log_config=LogConfig(type="json-file", config={"max-size": "1m", "max-file": "2"}),
        ),
    }


def _wait(client: APIClient, container: str, folder: Path) -> None:
    """Returns when the parent answers."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            programs(folder)
        except NoForkError:
            time.sleep(_POLL)
        else:
            return
    try:
        said = client.logs(container, tail=12).decode(errors="replace").strip()
    except APIError:
        said = ""
    raise EngineError(
        f"The parent of servers did not come up within {_PATIENCE:g} s. It said: "
        f"{said or 'nothing'}. `servers.way: ordinary` in the settings does without it."
    )
