"""Debian's packages that the park needs on this machine.

Called by the other `ensure_*` verbs. Installs only what is missing, says so first, and does
nothing on other systems than Debian and its children: there it says what to install.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from technopark.machine import MachineError
from technopark.progress import say, step

OS_RELEASE = Path("/etc/os-release")


def is_debian(os_release: Path = OS_RELEASE) -> bool:
    """Whether packages of this system are installed with apt: Debian, Ubuntu and their kin."""
    try:
        lines = os_release.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    family = [fields.get(key, "").strip("\"'") for key in ("ID", "ID_LIKE")]
    return "debian" in " ".join(family).split()


def system_name(os_release: Path = OS_RELEASE) -> str:
    """What the system calls itself, for messages."""
    try:
        lines = os_release.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return "an unknown system"
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    return fields.get("PRETTY_NAME", fields.get("ID", "an unknown system")).strip("\"'")


def is_root() -> bool:
    """Whether this process may install packages."""
    return os.geteuid() == 0


def missing_packages(names: Sequence[str]) -> list[str]:
    """Those of `names` that dpkg does not have installed."""
    return [name for name in names if not _is_installed(name)]


def ensure_program(name: str, purpose: str, os_release: Path = OS_RELEASE) -> None:
    """Installs Debian's package `name`, unless a program of this name is there, on any system.

    Raises:
        MachineError: see `ensure_packages`.
    """
    if shutil.which(name) is None:
        ensure_packages([name], purpose, os_release)


def ensure_packages(names: Sequence[str], purpose: str, os_release: Path = OS_RELEASE) -> None:
    """Installs what is missing of `names` with apt, once saying what for.

    Raises:
        MachineError: this is not Debian, nobody here may install, or apt fails.
    """
    if not is_debian(os_release):
        raise MachineError(
            f"{purpose} is needed and not here. This system is {system_name(os_release)}, where "
            f"the park cannot install it by itself; install what Debian calls "
            f"{' and '.join(names)}, then call this again."
        )
    missing = missing_packages(names)
    if not missing:
        return
    listed = " ".join(missing)
    if not is_root():
        raise MachineError(
            f"{purpose} is needed and not here, and only root may install it. Call this as root "
            f"once (sudo ./park up), or: sudo apt install {listed}"
        )
    say(f"Installing Debian's {' and '.join(missing)}: {purpose}.")
    _refresh_lists()
    with step(f"apt install {listed}"):
        _apt("install", "--yes", "--no-install-recommends", *missing)


@cache
def _refresh_lists() -> None:
    with step("apt update"):
        _apt("update")


def _is_installed(name: str) -> bool:
    asked = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Status}", name],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout == "installed"


def _apt(*arguments: str) -> None:
    done = subprocess.run(
        ["apt-get", "--quiet", *arguments],
        # RUNLEVEL: where no systemd runs, packages leave the starting of services to us.
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        last = "\n".join(done.stdout.strip().splitlines()[-8:])
        raise MachineError(
            f"apt-get {' '.join(arguments)} failed. Is this machine connected, and are its "
            f"package sources right? The last it said:\n{last}"
        )
