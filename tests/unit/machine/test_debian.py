"""Installing packages: apt-get and dpkg-query are small scripts that note what they were asked."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from technopark.machine import MachineError, debian
from technopark.machine.debian import ensure_packages, ensure_program

Program = Callable[[str, str], None]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Puts a shell script in front of the system's program of that name."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def put(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return put


@pytest.fixture(autouse=True)
def _as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "is_root", lambda: True)
    debian._refresh_lists.cache_clear()


def test_only_what_is_missing_is_installed(program: Program, ubuntu: Path, tmp_path: Path) -> None:
    program("dpkg-query", '[ "$3" = iptables ] && printf installed')
    program("apt-get", f'echo "$@" >> {tmp_path}/asked')
    ensure_packages(["docker.io", "iptables"], "the Docker engine", ubuntu)
    assert (tmp_path / "asked").read_text().splitlines() == [
        "--quiet update",
        "--quiet install --yes --no-install-recommends docker.io",
    ]


def test_nothing_is_done_where_all_is_there(program: Program, ubuntu: Path) -> None:
    program("dpkg-query", "printf installed")
    program("apt-get", "exit 1")
    ensure_packages(["iptables"], "the firewall", ubuntu)


def test_a_failing_apt_is_told_in_its_own_words(program: Program, ubuntu: Path) -> None:
    program("dpkg-query", "printf not-installed")
    program("apt-get", "echo 'E: Could not resolve the mirror'; exit 100")
    with pytest.raises(MachineError, match=r"Is this machine connected.*\n.*resolve the mirror"):
        ensure_packages(["mmdebstrap"], "what images are made with", ubuntu)


def test_who_is_not_root_is_told_the_command(
    program: Program, ubuntu: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("dpkg-query", "printf not-installed")
    monkeypatch.setattr(debian, "is_root", lambda: False)
    with pytest.raises(MachineError, match="sudo apt install chromium"):
        ensure_packages(["chromium"], "the browser", ubuntu)


def test_a_program_that_is_there_is_enough_on_any_system(program: Program, fedora: Path) -> None:
    program("iptables", "exit 0")
    ensure_program("iptables", "the firewall", fedora)
    with pytest.raises(MachineError, match="what Debian calls a-program-nobody-has"):
        ensure_program("a-program-nobody-has", "the firewall", fedora)


def test_other_systems_are_told_what_to_install(fedora: Path) -> None:
    with pytest.raises(MachineError, match=r"Fedora Linux 42.*what Debian calls docker\.io"):
        ensure_packages(["docker.io"], "the Docker engine", fedora)
