"""A container's process 1, looked at from this machine: what a program there would be given.

Called by `forking` before it enters the container. All of it comes from the kernel; of the
container's own files nothing is opened.
"""

import os
import re
import resource
import select
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from technopark_forked.servers import linux
from technopark_forked.servers.request import RefusedError

PUPIL = 1000
"""uid and gid of everybody in a container."""

_PROC = Path("/proc")
_STANDARD = (7, 1, 2)
"""Where the idle process 1 keeps its streams: it reads its pipe in place of the first."""
_READ_END, _WRITE_END = 8, 9
"""Where it keeps the pipe through which it is told how the server ended."""
_PATIENCE = 5.0
"""Seconds for process 1 to make that pipe; it does so first of all."""
_POLL = 0.001
_MOST_ENVIRONMENT = 4 << 20

_LIMITS = {
    "Max cpu time": resource.RLIMIT_CPU,
    "Max file size": resource.RLIMIT_FSIZE,
    "Max data size": resource.RLIMIT_DATA,
    "Max stack size": resource.RLIMIT_STACK,
    "Max core file size": resource.RLIMIT_CORE,
    "Max resident set": resource.RLIMIT_RSS,
    "Max processes": resource.RLIMIT_NPROC,
    "Max open files": resource.RLIMIT_NOFILE,
    "Max locked memory": resource.RLIMIT_MEMLOCK,
    "Max address space": resource.RLIMIT_AS,
    "Max pending signals": resource.RLIMIT_SIGPENDING,
    "Max msgqueue size": resource.RLIMIT_MSGQUEUE,
    "Max nice priority": resource.RLIMIT_NICE,
    "Max realtime priority": resource.RLIMIT_RTPRIO,
    "Max realtime timeout": resource.RLIMIT_RTTIME,
}
_LIMIT = re.compile(r"^(?P<name>Max [a-z ]+?)\s{2,}(?P<soft>\S+)\s+(?P<hard>\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Target:
    """What a program that the engine starts in the container has, and a forked one must have."""

    pidfd: int
    """Holds the process by more than its number, which another could have later."""
    cgroups: tuple[tuple[str, str], ...]
    """Pairs of controllers (`cpu`, `name=systemd`, empty for version 2) and a path."""
    groups: tuple[int, ...]
    umask: int
    limits: Mapping[int, tuple[int, int]]
    out_of_memory_score: str
    folder: str
    environment: Mapping[str, str]
    streams: tuple[int, ...]
    """Standard input, output and error."""
    ending: int | None
    """The pipe that tells process 1 how the server ended, for the server."""
    filters: tuple[bytes, ...]
    """Of system calls, the first loaded first."""


def look_at(pid: int, container: str, *, is_server: bool) -> Target:
    """The container's process 1.

    Args:
        pid: its number.
        container: the container's id.
        is_server: whether it waits for this very program; it no longer does for another one.

    Raises:
        RefusedError: the process is not that container's, or none that a pupil's server may join.
        OSError: it ended meanwhile, or the kernel refused.
    """
    pidfd = os.pidfd_open(pid)
    process = _PROC / str(pid)
    groups_of_control = cgroups((process / "cgroup").read_text(), container)
    _same_label(process)
    ending = _pipe(pidfd, process) if is_server else None
    if not _has_begun(process):
        raise RefusedError("The container has not begun.")
    status = dict(
        line.partition(":")[::2] for line in (process / "status").read_text().splitlines()
    )
    users = inside(status["Uid"], (process / "uid_map").read_text())
    own_groups = inside(status["Gid"], (process / "gid_map").read_text())
    if {*users, *own_groups} != {PUPIL}:
        raise RefusedError(f"Process 1 of the container is not user {PUPIL} alone.")
    found = Target(
        pidfd=pidfd,
        cgroups=groups_of_control,
        groups=tuple(inside(status["Groups"], (process / "gid_map").read_text())),
        umask=int(status["Umask"], 8),
        limits=limits((process / "limits").read_text()),
        out_of_memory_score=(process / "oom_score_adj").read_text().strip(),
        folder=str((process / "cwd").readlink()),
        environment=_environment(
            process, int(status["Uid"].split()[0]), int(status["Gid"].split()[0])
        ),
        streams=tuple(linux.copy_descriptor(pidfd, number) for number in _STANDARD),
        ending=ending,
        filters=tuple(linux.filters_of(pid)),
    )
    # All of the above was asked by number: it was this process's if it still lives.
    _must_live(pidfd)
    return found


def limits(text: str) -> dict[int, tuple[int, int]]:
    """The limits in a text as `/proc/<pid>/limits` has it, soft and hard by `RLIMIT_` number."""
    return {
        _LIMITS[each["name"]]: (_limit(each["soft"]), _limit(each["hard"]))
        for each in _LIMIT.finditer(text)
        if each["name"] in _LIMITS
    }


def inside(numbers: str, user_map: str) -> list[int]:
    """Users or groups by the numbers that they have in the container's user namespace.

    Args:
        numbers: with blanks between them, as this machine counts.
        user_map: a text as `/proc/<pid>/uid_map` has it.
    """
    found = []
    for number in map(int, numbers.split()):
        for line in user_map.splitlines():
            first, outside, length = map(int, line.split())
            if outside <= number < outside + length:
                found.append(first + number - outside)
    return found


def _limit(word: str) -> int:
    return resource.RLIM_INFINITY if word == "unlimited" else int(word)


def cgroups(text: str, container: str) -> tuple[tuple[str, str], ...]:
    """The control groups in a text as `/proc/<pid>/cgroup` has it, of both versions."""
    found = [tuple(line.split(":", 2)[1:]) for line in text.splitlines()]
    own = [(controllers, path) for controllers, path in found if path != "/"]
    strange = [path for _, path in own if container not in path]
    if strange or not own:
        raise RefusedError(f"The process is not in container {container[:12]}: {text.split()}.")
    return tuple(own)


def _same_label(process: Path) -> None:
    """AppArmor's or SELinux's word for the process must be ours: a fork keeps its parent's."""
    if _label(process) != _label(_PROC / "self"):
        raise RefusedError(
            f"The container is confined as {_label(process)!r}, the parent as "
            f"{_label(_PROC / 'self')!r}; a fork would keep the parent's."
        )


def _label(process: Path) -> str:
    try:
        return (process / "attr" / "current").read_text().strip("\0\n")
    except OSError:  # no such module in this kernel
        return ""


def _pipe(pidfd: int, process: Path) -> int:
    """The writing end of process 1's pipe, as soon as it is there."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if _has_begun(process) and (found := _pipe_there(pidfd)) is not None:
            return found
        _must_live(pidfd)
        time.sleep(_POLL)
    raise RefusedError(f"Process 1 of the container made no pipe within {_PATIENCE:g} s.")


def _has_begun(process: Path) -> bool:
    """Whether process 1 runs a program of the container yet, and no longer the engine's.

    The engine tells of a start before that, and its own program has pipes, too.
    """
    return (process / "exe").stat().st_dev == (process / "root" / ".").stat().st_dev


def _pipe_there(pidfd: int) -> int | None:
    try:
        read, write = (linux.copy_descriptor(pidfd, each) for each in (_READ_END, _WRITE_END))
    except OSError:
        return None
    is_one = _are_one_pipe(read, write)
    os.close(read)
    if is_one:
        return write
    os.close(write)
    return None


def _are_one_pipe(read: int, write: int) -> bool:
    one, other = os.fstat(read), os.fstat(write)
    return stat.S_ISFIFO(one.st_mode) and (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def _environment(process: Path, owner: int, group: int) -> dict[str, str]:
    """What the engine gave to process 1; read as its owner, which needs no right to all files."""
    os.setegid(group)
    os.seteuid(owner)
    try:
        with (process / "environ").open("rb") as file:
            content = file.read(_MOST_ENVIRONMENT)
    finally:
        os.seteuid(0)
        os.setegid(0)
    pairs = (os.fsdecode(each).partition("=") for each in content.split(b"\0") if each)
    return {name: value for name, _, value in pairs}


def _must_live(pidfd: int) -> None:
    """Raises RefusedError where the process has ended."""
    if select.select([pidfd], [], [], 0)[0]:
        raise RefusedError("The container has ended.")
