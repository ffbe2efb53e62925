"""Into a container: first its control groups, then its namespaces, all that it has.

Called by `forking`, in a process that forks for the container and ends. What it forks after
`enter` is in the container wholly.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from technopark_forked.servers import linux
from technopark_forked.servers.request import RefusedError
from technopark_forked.servers.target import Target

CGROUPS = "/host/cgroup"
"""Where the parent's container has this machine's control groups, all trees of them."""

_MOUNTS = Path("/proc/self/mountinfo")

_ALWAYS = (
    linux.CLONE_NEWIPC
    | linux.CLONE_NEWUTS
    | linux.CLONE_NEWNET
    | linux.CLONE_NEWPID
    | linux.CLONE_NEWCGROUP
    | linux.CLONE_NEWNS
)


def trees(mounts: str) -> dict[str, str]:
    """Where each tree of control groups is mounted, in a text as `/proc/self/mountinfo` has it.

    Returns:
        Folders by controller (`cpu`, `name=systemd`); that of version 2 by the empty text.
    """
    found: dict[str, str] = {}
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        root, place = left.split()[3:5]
        kind, _, options = right.split(" ", 2)
        if root != "/" or not f"{place}/".startswith(f"{CGROUPS}/"):
            continue
        if kind == "cgroup2":
            found[""] = place
        elif kind == "cgroup":
            found |= dict.fromkeys(options.split(","), place)
    return found


def join_cgroups(groups: Iterable[tuple[str, str]]) -> None:
    """Moves this process into control groups; what it uses from now on is the container's.

    Args:
        groups: pairs of controllers, with commas between them (empty: version 2), and a path.

    Raises:
        RefusedError: one of the trees is not mounted here.
        OSError: the kernel refused.
    """
    mounted = trees(_MOUNTS.read_text())
    for controllers, path in groups:
        folder = mounted.get(controllers.partition(",")[0])
        if folder is None:
            raise RefusedError(f"The control groups {controllers or 'version 2'} are not mounted.")
        Path(f"{folder}{path}/cgroup.procs").write_text(str(os.getpid()))


def take_score(target: Target) -> None:
    """Is as likely to be ended when memory runs out as the container's process 1.

    Raises:
        OSError: the kernel refused.
    """
    Path("/proc/self/oom_score_adj").write_text(target.out_of_memory_score)


def enter(pidfd: int, pid: int) -> None:
    """Joins the namespaces of process `pid`; from here on its files are not to be opened.

    Raises:
        OSError: the kernel refused.
    """
    # The kernel refuses to join the user namespace that one is in.
    own, theirs = (Path(f"/proc/{each}/ns/user").stat() for each in ("self", pid))
    is_mapped = own.st_ino != theirs.st_ino
    linux.enter(pidfd, _ALWAYS | (linux.CLONE_NEWUSER if is_mapped else 0))
