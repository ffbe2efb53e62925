"""What a container costs the machine: its own CPU and memory, and the engine's work for it.

Called by benches on the machine where the engine runs; reads /proc and cgroups (version 1 and 2).
"""

import os
from pathlib import Path

from technopark.engine.usage import CGROUPS, charged, table

PROC = Path("/proc")
ENGINE = ("dockerd", "containerd")
SHIM = "containerd-shim"

_TICK = os.sysconf("SC_CLK_TCK")
_MEGABYTE = 1e6


def container_cpu(pid: int) -> float:
    """Seconds of CPU that the container with process `pid` has used."""
    counted = group(pid, "cpuacct")
    if (usage := counted / "cpuacct.usage").exists():
        return int(usage.read_text(encoding="ascii")) / 1e9
    return table(counted / "cpu.stat")["usage_usec"] / 1e6


def container_memory(pid: int) -> float:
    """Megabytes charged to the container with process `pid`, without pages of files."""
    return charged(group(pid, "memory")) / _MEGABYTE


def engine_cpu(container: str = "") -> float:
    """Seconds of CPU that the engine has used since it started, with the programs it ran.

    Args:
        container: an id; the process that the engine keeps beside that container counts too.
    """
    seconds = 0.0
    for process in PROC.iterdir():
        if process.name.isdigit():
            try:
                seconds += _process_cpu(process, container)
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended while we looked
    return seconds


def machine_cpu() -> float:
    """Seconds of CPU that the whole machine has used since it started, on all cores together."""
    first = (PROC / "stat").read_text(encoding="ascii").partition("\n")[0]
    user, nice, system, _idle, _iowait, irq, softirq = map(int, first.split()[1:8])
    return (user + nice + system + irq + softirq) / _TICK


def commands_beside(pid: int) -> list[str]:
    """The command lines of all processes in the container that has the process `pid`."""
    found = []
    for other in (group(pid, "cpuacct") / "cgroup.procs").read_text(encoding="ascii").split():
        try:
            words = (PROC / other / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        found.append(words.decode(errors="replace").replace("\0", " ").strip())
    return found


def _process_cpu(process: Path, container: str) -> float:
    # The name stands in parentheses and may hold spaces; the numbers come after it.
    head, _, tail = (process / "stat").read_text(encoding="utf-8").rpartition(")")
    name = head.partition("(")[2]
    ours = name in ENGINE
    if container and name.startswith(SHIM[:15]):
        ours = container in (process / "cmdline").read_text(encoding="utf-8")
    # utime, stime, and the same of ended children: fields 14 to 17 of proc(5)
    return sum(map(int, tail.split()[11:15])) / _TICK if ours else 0.0


def group(pid: int, controller: str) -> Path:
    """The folder of the control group of `pid`, for `controller` where each has its own tree."""
    unified = Path("/")
    for line in (PROC / str(pid) / "cgroup").read_text(encoding="utf-8").splitlines():
        number, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return CGROUPS / controller / path.lstrip("/")
        if number == "0":
            unified = CGROUPS / path.lstrip("/")
    return unified
