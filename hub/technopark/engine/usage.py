"""What containers use of this machine's memory, read from their control groups.

Called by the line before every start, for all servers at a time, and by benches. Reads files of
/sys alone, for versions 1 and 2 of control groups; asks the engine nothing.
"""

from collections.abc import Iterable
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
_PLACES = (
    "memory/docker/{id}",
    "memory/system.slice/docker-{id}.scope",
    "docker/{id}",
    "system.slice/docker-{id}.scope",
)
"""Where the engine makes its containers' groups: version 1, then 2, without and with systemd."""


def memory_of(containers: Iterable[str]) -> dict[str, int]:
    """Bytes charged to each container, by its id; one that is not on this machine is left out."""
    found: dict[str, int] = {}
    for container in containers:
        for place in _PLACES:
            try:
                found[container] = charged(CGROUPS / place.format(id=container))
                break
            except (FileNotFoundError, NotADirectoryError):
                continue
    return found


def charged(group: Path) -> int:
    """Bytes charged to a control group, without pages of files.

    Pages of the image's files are charged to whichever container reads them first, and the kernel
    drops them at need; programs, /tmp in memory and the kernel's own records stay.
    """
    stat = table(group / "memory.stat")
    if (usage := group / "memory.usage_in_bytes").exists():
        files = stat["total_active_file"] + stat["total_inactive_file"]
    else:
        usage = group / "memory.current"
        files = stat["active_file"] + stat["inactive_file"]
    return int(usage.read_text(encoding="ascii")) - files


def table(file: Path) -> dict[str, int]:
    """The numbers of a file with a name and a number in each line."""
    lines = (line.split() for line in file.read_text(encoding="ascii").splitlines())
    return {key: int(value) for key, value in lines}
