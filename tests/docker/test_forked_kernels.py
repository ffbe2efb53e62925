"""Kernels in a pupil's container of a course's image: forked, quick, and like ordinary ones."""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.forked import Server, derived
from support.kernel_probes import IMPORTS, PROBES
from support.waiting import eventually

import technopark_forked
from technopark.bench.charges import container_memory
from technopark.catalogue.images import ensure_images
from technopark.settings import load

pytestmark = pytest.mark.docker

PATIENCE = 90
FIRST_RESULT = 0.3
"""Seconds from the click on a kernel to its first result, on a quiet machine."""
ASKED_AGAIN = 0.5
"""Seconds after which Jupyter Server asks a new kernel once more, if nobody listened at first."""

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
PARENT = "grep -ls ft2font /proc/[0-9]*/maps"
"""Names whoever has matplotlib in memory: while there is no kernel, that is the parent."""


@pytest.fixture(scope="module")
def image(forking: Any) -> str:
    """The newest data image, with the package under test laid over its own."""
    client = forking.client
    built = sorted(client.images("technopark/data"), key=lambda found: found["Created"])
    below = built[-1]["Id"] if built else ensure_images(["data"], load(), print)["data"].id
    package = Path(technopark_forked.__file__).parent
    places = [f"/opt/{each}/lib/python3.13/site-packages" for each in ("server", "course")]
    lines = [f"COPY technopark_forked {place}/technopark_forked" for place in places]
    return derived(client, below, lines, {"technopark_forked": package})


@pytest.fixture
def pupil(fork_one: Callable[..., Server], image: str) -> Server:
    """A server that has the same kernel once more, to be started the ordinary way."""
    server = fork_one(image)
    server.container.run("/opt/course/bin/python", "-c", ORDINARY)
    return server


def parent_of(server: Server) -> str:
    """The parent's pid in the container, once it has imported the course's libraries."""
    ready = "the course's libraries are imported"
    found = eventually(lambda: server.container.run("sh", "-c", PARENT).output, PATIENCE, ready)
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
    assert min(forked) < FIRST_RESULT + ASKED_AGAIN
    assert statistics.median(forked) < ordinary / 2


def test_a_notebook_cannot_tell_how_its_kernel_was_started(pupil: Server) -> None:
    parent_of(pupil)
    probes = ", ".join(f"{name!r}: {probe}" for name, probe in MORE_PROBES.items())
    source = f"{IMPORTS}{PICTURE}\nimport json\nprint(json.dumps({{{probes}}}))"
    forked, ordinary = (json.loads(pupil.run(source, name)) for name in ("", "ordinary"))
    assert {
        name: (forked[name], ordinary[name]) for name in forked if forked[name] != ordinary[name]
    } == {}


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
