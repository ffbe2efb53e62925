"""Before a park starts: free ports, disk and memory of this machine."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from technopark.machine import MachineError, room
from technopark.machine.room import Port, check_disk, check_ports, port_holder, scarce_disk

LISTEN = """
import socket
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
input()
"""


def test_a_taken_port_names_the_process_that_holds_it() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LISTEN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        port = int(other.stdout.readline())
        with pytest.raises(MachineError) as told:
            check_ports([Port("127.0.0.1", port, "the pages, `web.address`")])
        other.communicate("\n")
    assert f"Port {port} (the pages, `web.address`) is taken by {sys.executable}" in str(told.value)
    assert f"(process {other.pid})" in str(told.value)


def test_a_free_port_is_fine_and_nobody_holds_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        holder = port_holder(port)
        assert holder is not None
        assert holder.pid == os.getpid()
    check_ports([Port("127.0.0.1", port, "nothing")])
    assert port_holder(port) is None


def free_gigabytes(monkeypatch: pytest.MonkeyPatch, number: float) -> None:
    usage = SimpleNamespace(free=int(number * (1 << 30)))
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: usage)


def test_a_new_park_needs_room_for_images_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "not" / "made" / "yet"
    free_gigabytes(monkeypatch, 7.5)
    with pytest.raises(MachineError, match=r"7\.5 GB free; a new park.* 8 GB.*`data` in the sett"):
        check_disk(folder, is_new=True)
    assert not folder.exists()


def test_a_park_at_work_starts_with_a_warning_where_the_disk_fills_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free_gigabytes(monkeypatch, 1.5)
    assert check_disk(tmp_path, is_new=False) == 1.5 * (1 << 30)
    assert "only 1.5 GB free" in scarce_disk(tmp_path)


def test_no_park_starts_where_nobody_could_save(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free_gigabytes(monkeypatch, 0.9)
    with pytest.raises(MachineError, match=r"0\.9 GB free; below 1 GB the park does not start"):
        check_disk(tmp_path, is_new=False)


def test_room_enough_is_worth_no_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free_gigabytes(monkeypatch, 8)
    assert check_disk(tmp_path, is_new=True) == 8 << 30
    assert scarce_disk(tmp_path) == ""
