"""Is there room for a park on this machine: disk, memory, free ports.

Called by `up` and `doctor`; only looks, never changes anything.
"""

import re
import shutil
import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from technopark.front import ways
from technopark.machine import MachineError
from technopark.machine.own_registry import listening_place
from technopark.settings import Settings

NEEDED_DISK = 8 << 30
"""Bytes that must be free for a new park: images, their build, and pupils' work."""

LEAST_DISK = 1 << 30
"""Bytes that must be free for any park: with fewer, pupils could soon save nothing."""

ADVICE = (
    "Free some space (docker system prune removes old images), or name a folder on another disk "
    "as `data` in the settings."
)

GIGABYTE = 1 << 30
LISTENING = "0A"
"""The state of a listening socket in /proc/net/tcp (Linux, include/net/tcp_states.h)."""


def check_disk(folder: Path, is_new: bool) -> int:
    """Bytes free where `folder` is (or will be made).

    Args:
        folder: the park's data folder.
        is_new: whether this park was never up, or has images to build.

    Raises:
        MachineError: fewer than `NEEDED_DISK` for a new park, than `LEAST_DISK` for another.
    """
    free = _free(folder)
    if is_new and free < NEEDED_DISK:
        raise MachineError(
            f"{folder} has {free / GIGABYTE:.1f} GB free; a new park, or one with images to "
            f"build, needs {NEEDED_DISK / GIGABYTE:.0f} GB for images and pupils' work. {ADVICE}"
        )
    if free < LEAST_DISK:
        raise MachineError(
            f"{folder} has {free / GIGABYTE:.1f} GB free; below {LEAST_DISK / GIGABYTE:.0f} GB the "
            f"park does not start, since pupils could soon save nothing. {ADVICE}"
        )
    return free


def scarce_disk(folder: Path) -> str:
    """What to tell an admin whose disk is filling up; empty where there is room enough."""
    free = _free(folder)
    if free >= NEEDED_DISK:
        return ""
    return (
        f"{folder} has only {free / GIGABYTE:.1f} GB free; pupils' work and the next build of "
        f"images want {NEEDED_DISK / GIGABYTE:.0f} GB. {ADVICE}"
    )


def _free(folder: Path) -> int:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free


@dataclass(frozen=True)
class Holder:
    """A process that listens on a port."""

    pid: int
    command: str

    def __str__(self) -> str:
        return f"{self.command} (process {self.pid})"


@dataclass(frozen=True)
class Port:
    """A TCP port that the park wants to listen on."""

    address: str
    """An IPv4 address of this machine."""
    number: int
    purpose: str


def check_ports(ports: Iterable[Port]) -> None:
    """Nobody listens on any of `ports`.

    Raises:
        MachineError: somebody does; names the process.
    """
    for port in ports:
        _check(port)


def _check(port: Port) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.address, port.number))
        except PermissionError:
            raise MachineError(
                f"Port {port.number} ({port.purpose}) is for root only. Call this as root, or "
                "choose a port above 1023 in the settings."
            ) from None
        except OSError:
            holder = port_holder(port.number)
            who = f"by {holder}" if holder else "by a process that cannot be seen from here"
            raise MachineError(
                f"Port {port.number} ({port.purpose}) is taken {who}. End that process, or choose "
                "another port in the settings."
            ) from None


def port_holder(port: int) -> Holder | None:
    """The process that listens on TCP `port`, if we may see it."""
    sockets = _listening_sockets(port)
    for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        if sockets & _sockets_of(pid):
            return Holder(pid, _command_of(pid))
    return None


def outer_ports(settings: Settings) -> list[Port]:
    """What the park listens on, the bridge aside."""
    ports = [
        Port(
            settings.web.listen_ip,
            settings.web.listen_port,
            "the pages, `web.address` or `web.port`",
        ),
        Port("127.0.0.1", settings.ports.proxy_api, "`ports.proxy_api`"),
    ]
    if ways.choose(settings) == "embedded":
        ports.append(Port("127.0.0.1", settings.ports.files, "`ports.files`"))
    if settings.registry.own:
        ports.append(Port(*listening_place(settings), "`registry.address`"))
    return ports


def inner_ports(settings: Settings, gateway: str) -> list[Port]:
    """What the park listens on at its bridge, whose address is `gateway`."""
    return [
        Port(gateway, settings.ports.hub, "`ports.hub`"),
        Port(gateway, settings.exchange.port, "`exchange.port`"),
        Port(gateway, settings.ports.egress, "`ports.egress`"),
        Port(gateway, settings.ports.broker, "`ports.broker`"),
        Port(gateway, settings.ports.bell, "`ports.bell`"),
        Port(gateway, settings.ports.portal, "`ports.portal`"),
    ]


def _listening_sockets(port: int) -> set[str]:
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.exists():
            continue
        for row in table.read_text(encoding="ascii").splitlines()[1:]:
            fields = row.split()
            if fields[3] == LISTENING and int(fields[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(fields[9])
    return inodes


def _sockets_of(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):  # gone meanwhile, or another user's
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):  # closed meanwhile
                match = re.match(r"socket:\[(\d+)\]", str(link.readlink()))
                found |= {match[1]} if match else set()
    return found


def _command_of(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "a process"
    return " ".join(word.decode(errors="replace") for word in words[:4]).strip() or "a process"
