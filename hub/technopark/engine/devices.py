"""The GPUs of a park: found by `nvidia-smi` on this machine, or declared in the settings.

Called by the engines of leases and by the spawner, which tells a server whether there are any.
Never sets a card up: time-slicing and MIG are the admin's.
"""

import logging
import re
import shutil
import subprocess
from collections.abc import Sequence

from technopark.engine.leased import Device
from technopark.settings import Device as DeclaredDevice
from technopark.settings import Settings

log = logging.getLogger(__name__)

_PATIENCE = 20
"""Seconds; the first call after a machine's start wakes the cards up."""
_CARD = re.compile(r"^GPU \d+: .*\(UUID: (?P<uuid>GPU-[\w-]+)\)")
_SLICE = re.compile(r"^\s+MIG .*\(UUID: (?P<uuid>MIG-[\w/-]+)\)")


def park_has_devices(settings: Settings) -> bool:
    """Whether kernels may be leased at all: some device is declared, or found on this machine."""
    if any(node.devices for node in settings.leases.nodes):
        return True
    return settings.leases.engine == "docker" and bool(found_here())


def found_here() -> list[str]:
    """The UUIDs that this machine's `nvidia-smi` shows; none where there is no such program."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        done = subprocess.run(
            [program, "-L"], capture_output=True, text=True, check=True, timeout=_PATIENCE
        )
    except (OSError, subprocess.SubprocessError) as error:
        log.warning("nvidia-smi is here and shows no GPUs: %s", error)
        return []
    return uuids(done.stdout)


def uuids(listed: str) -> list[str]:
    """The UUIDs in what `nvidia-smi -L` lists; a card in MIG mode is its slices."""
    cards: list[list[str]] = []
    for line in listed.splitlines():
        if card := _CARD.match(line):
            cards.append([card["uuid"]])
        elif (part := _SLICE.match(line)) and cards:
            cards[-1].append(part["uuid"])
    return [uuid for card in cards for uuid in (card[1:] or card)]


def devices(declared: Sequence[DeclaredDevice], found: Sequence[str]) -> tuple[Device, ...]:
    """A node's devices: what was found is real, what is declared says how it is shared.

    Args:
        declared: the settings' word on this node; devices nobody finds are leased all the same.
        found: UUIDs of the node's hardware.
    """
    shares = {device.uuid: device.shares for device in declared}
    names = dict.fromkeys([*found, *shares])
    return tuple(Device(name, shares.get(name, 1), is_real=name in found) for name in names)
