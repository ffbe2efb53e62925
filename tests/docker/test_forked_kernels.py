"""Kernels in a pupil's container of a course's image: forked, quick, and like ordinary ones."""

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from support.forked import (
    KERNELS_PACKAGES,
    Forking,
    Server,
    below,
    current_image,
    derived,
    is_at_rest,
)
from support.kernel_probes import IMPORTS, PROBES
from support.waiting import eventually

from technopark.bench.charges import container_memory

pytestmark = pytest.mark.docker

PATIENCE = 90
FIRST_RESULT = 0.3
"""Seconds from the click on a kernel to its first result, on a quiet machine."""

SETTLE = 3.0
"""Seconds for a kernel to come to rest before memory is read."""

FIRST_CELL = """
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
print(pd.DataFrame({"a": np.arange(3)}).a.sum())
"""
PICTURE = """
import hashlib, matplotlib, matplotlib.pyplot as plt, pandas
from IPython.utils.capture import capture_output
with capture_output() as shown:
    plt.plot([1, 3, 2], label="рост")
    plt.legend()
    plt.show()
picture = str(shown.outputs[0].data["image/png"])
"""
ORDINARY = """
import json, pathlib
spec = json.loads(pathlib.Path("/opt/course/share/jupyter/kernels/python3/kernel.json").read_text())
del spec["metadata"]["kernel_provisioner"]
folder = pathlib.Path.home() / ".local/share/jupyter/kernels/ordinary"
folder.mkdir(parents=True)
(folder / "kernel.json").write_text(json.dumps(spec))
"""
MORE_PROBES = {
    **PROBES,
    "backend": "[matplotlib.get_backend(), matplotlib.is_interactive()]",
    "pandas": "[pandas.__file__, pandas.get_option('display.width')]",
    "picture": "hashlib.sha256(picture.encode()).hexdigest()",
}
SECOND_KERNEL = 40.0
"""Megabytes that one more kernel may add: what it changes of what it shares."""
SAVED = 25.0
"""Megabytes that a parent of kernels costs less where the node's has imported for it."""
PARENT = "grep -ls ft2font /proc/[0-9]*/maps"
"""Names whoever has matplotlib in memory: while there is no kernel, that is the parent."""


@pytest.fixture(scope="module")
def image(forking: Any) -> str:
    """The newest data image, with the package under test laid over its own."""
    return current_image(forking.client, "data")


@pytest.fixture(params=[True, False], ids=["node's parent", "server's own"])
def pupil(fork_one: Callable[..., Server], image: str, request: pytest.FixtureRequest) -> Server:
    """A server that has the same kernel once more, to be started the ordinary way.

    Its parent of kernels came with it, or is one that it has started itself.
    """
    server = fork_one(image, kernels=request.param)
    server.container.run("/opt/course/bin/python", "-c", ORDINARY)
    return server


def comes_with_server(server: Server) -> bool:
    return below(server, server.container.pid) is not None


def parent_of(server: Server) -> str:
    """The parent's pid in the container, once it has imported the course's libraries."""
    ready = "the course's libraries are imported"
    found = eventually(lambda: server.container.run("sh", "-c", PARENT).output, PATIENCE, ready)
    here = below(server, server.container.pid) or below(server, server.pid)
    assert here
    eventually(lambda: is_at_rest(here), PATIENCE, "the last of them is imported")
    return found.split("/")[2]


def seconds(server: Server, kernel: str = "") -> float:
    """From the click on a kernel to the result of its first cell."""
    started = time.monotonic()
    assert server.run(FIRST_CELL, kernel) == "3\n"
    return time.monotonic() - started


def test_the_first_cell_has_its_result_at_once(pupil: Server) -> None:
    forked = []
    for _ in range(3):
        parent_of(pupil)
        forked.append(seconds(pupil))
        pupil.end_kernels()
    ordinary = seconds(pupil, "ordinary")
    assert min(forked) < FIRST_RESULT
    assert statistics.median(forked) < ordinary / 2


def test_a_notebook_cannot_tell_how_its_kernel_was_started(pupil: Server) -> None:
    parent_of(pupil)
    probes = ", ".join(f"{name!r}: {probe}" for name, probe in MORE_PROBES.items())
    source = f"{IMPORTS}{PICTURE}\nimport json\nprint(json.dumps({{{probes}}}))"
    forked, ordinary = (json.loads(pupil.run(source, name)) for name in ("", "ordinary"))
    other = {
        name: (forked[name], ordinary[name]) for name in forked if forked[name] != ordinary[name]
    }
    if comes_with_server(pupil):
        del other["parent"]  # the one thing: its parent process is not the server
    assert other == {}


def test_a_forked_kernel_takes_no_more_memory_than_an_ordinary_one(pupil: Server) -> None:
    taken = []
    for end_parent in ("true", "kill -9"):
        pupil.container.run("sh", "-c", f"{end_parent} {parent_of(pupil)}")
        pupil.run(FIRST_CELL)
        time.sleep(SETTLE)
        taken.append(container_memory(pupil.container.pid))
        pupil.end_kernels()
    forked, ordinary = taken
    assert forked < 1.1 * ordinary


def test_a_killed_parent_is_missed_by_nobody_and_comes_back(pupil: Server) -> None:
    killed = parent_of(pupil)
    pupil.container.run("sh", "-c", f"kill -9 {killed}")
    assert pupil.run(FIRST_CELL) == "3\n"
    pupil.end_kernels()
    assert parent_of(pupil) != killed
    states = pupil.container.run("sh", "-c", "grep -h State: /proc/[0-9]*/status").output
    assert "zombie" not in states


def test_the_nodes_parent_gives_a_second_kernel_and_a_restarted_one_too(
    fork_one: Callable[..., Server], image: str
) -> None:
    server = fork_one(image)
    parent_of(server)
    server.run(FIRST_CELL)
    time.sleep(SETTLE)
    before = container_memory(server.container.pid)
    assert seconds(server) < 2 * FIRST_RESULT
    time.sleep(SETTLE)
    assert container_memory(server.container.pid) - before < SECOND_KERNEL
    from_it = "import os; print(open(f'/proc/{os.getppid()}/status').read().count('PPid:\\t1\\n'))"
    assert server.run(from_it).strip() == "1"
    server.end_kernels()
    assert server.run(from_it).strip() == "1"


def test_waiting_for_a_first_kernel_it_costs_a_server_next_to_nothing(
    fork_one: Callable[..., Server],
) -> None:
    charged = []
    for kernels in (True, False):
        server = fork_one(kernels=kernels)
        where = server.container.pid if kernels else server.pid
        eventually(lambda where=where, server=server: below(server, where), PATIENCE, "it waits")
        time.sleep(SETTLE)
        charged.append(container_memory(server.container.pid))
    from_node, of_its_own = charged
    assert of_its_own - from_node > SAVED


def test_an_image_with_other_libraries_of_kernels_has_its_own_parent(
    forking: Forking, fork_one: Callable[..., Server]
) -> None:
    file = KERNELS_PACKAGES / "ipykernel" / "kernelapp.py"
    server = fork_one(derived(forking.client, forking.image, [f"RUN touch {file}"]))
    said = "Kernels are not forked from the node's parent: this image has another"
    eventually(lambda: said in server.container.log(), PATIENCE, "it is refused")
    eventually(lambda: below(server, server.pid), PATIENCE, "there is one of its own")
    assert below(server, server.container.pid) is None
    assert server.run("print(2 + 3)").strip() == "5"
