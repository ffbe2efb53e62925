"""What can be seen of a pupil's server, from outside and by a hostile program in it.

Two servers are alike where all is equal; `test_forked_told_apart.py` shows that it can differ.
"""

import errno
import json
import re
from collections.abc import Callable
from typing import Any

from support.attacks import ATTEMPTS
from support.filters import decisions
from support.forked import Server
from support.group_limits import group_limits
from technopark_forked.servers import linux

STATUS = (
    *("Name", "Umask", "Uid", "Gid", "Groups", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt"),
    *("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters"),
    *("Speculation_Store_Bypass", "SpeculationIndirectBranch", "CoreDumping", "THP_enabled"),
    *("Cpus_allowed", "Mems_allowed", "Threads"),
)
"""Of `/proc/<pid>/status`; the others are numbers of processes and amounts of memory."""
_COMES_AND_GOES = {"Threads"}


def status(server: Server) -> dict[str, str]:
    lines = (line.partition(":") for line in server.proc("status").splitlines())
    return {name: value.strip() for name, _, value in lines}


def mounts(server: Server) -> list[str]:
    """Without numbers of mounts and devices, and where the engine keeps the container's layer."""
    found = []
    for line in server.proc("mountinfo").splitlines():
        mount, _, source = line.partition(" - ")
        place = " ".join(mount.split()[3:6])
        found.append(re.sub(r"[0-9a-f]{64}|l/[A-Z0-9]{26}:?", "", f"{place} {source}"))
    return sorted(found)


def attempted(server: Server) -> dict[str, Any]:
    """What came of everything that a hostile program tries in a kernel."""
    found: dict[str, Any] = json.loads(server.run(ATTEMPTS))
    return found


def _steady_status(server: Server) -> dict[str, str]:
    found = status(server)
    return {name: found[name] for name in STATUS if name not in _COMES_AND_GOES}


def _filters(server: Server) -> list[Any]:
    try:
        return [decisions(each) for each in linux.filters_of(server.pid)]
    except OSError as error:
        if error.errno != errno.EINVAL:  # what the kernel says where there is none
            raise
        return []


LOOKS: dict[str, Callable[[Server], Any]] = {
    "status": _steady_status,
    "filter of system calls": _filters,
    "limits": lambda server: server.proc("limits"),
    "control groups": lambda server: group_limits(server.pid),
    "mounts": mounts,
    "attempts": attempted,
}
"""By what is looked at."""
