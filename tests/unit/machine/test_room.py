import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from technopark.machine import MachineError
from technopark.machine.room import Port, check_disk, check_ports, memory, port_holder

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


def test_too_little_disk_says_how_much_there_is_and_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "made" / "yet"
    free = check_disk(folder, needed=1)
    with pytest.raises(MachineError, match=r"GB free; the park needs \d+ GB.*`data` in the sett"):
        check_disk(folder, needed=free + (1 << 40))
    assert not folder.exists()


def test_memory_is_in_bytes() -> None:
    total, available = memory()
    assert 100 << 20 < available <= total
