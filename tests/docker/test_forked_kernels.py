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

PATIENCE = 60
FIRST_RESULT = 0.3
"""Seconds from the click on a kernel to its first result, on a quiet machine."""

FIRST_CELL = """
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
print(pd.DataFrame({"a": np.arange(3)}).a.sum())
"""
PICTURE = """
import hashlib
from IPython.utils.capture import capture_output
with capture_output() as shown:
    import matplotlib.pyplot as plt
    plt.plot([1, 3, 2], label="рост")
    plt.legend()
    plt.show()
print(hashlib.sha256(str(shown.outputs[0].data["image/png"]).encode()).hexdigest())
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
}
KERNELS = "grep -l technopark_forked.kernels.parent /proc/[0-9]*/cmdline"
READY = "grep -ls ft2font /proc/[0-9]*/maps"
"""Names whoever has matplotlib in memory: at first, that is the parent."""


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
    """A server whose parent of kernels has imported the course's libraries."""
    server = fork_one(image)
    ready = "the course's libraries are imported"
    eventually(lambda: server.container.run("sh", "-c", READY).output, PATIENCE, ready)
    return server


def seconds(server: Server, kernel: str = "") -> float:
    started = time.monotonic()
    assert server.run(FIRST_CELL, kernel) == "3\n"
    return time.monotonic() - started


def test_the_first_cell_has_its_result_at_once(pupil: Server) -> None:
    pupil.container.run("/opt/course/bin/python", "-c", ORDINARY)
    ordinary = seconds(pupil, "ordinary")
    forked = [seconds(pupil) for _ in range(5)]
    assert min(forked) < FIRST_RESULT
    assert statistics.median(forked) < ordinary / 2


def test_a_notebook_cannot_tell_how_its_kernel_was_started(pupil: Server) -> None:
    pupil.container.run("/opt/course/bin/python", "-c", ORDINARY)
    probes = ", ".join(f"{name!r}: {probe}" for name, probe in MORE_PROBES.items())
    source = f"{IMPORTS}\nimport json, matplotlib.pyplot, pandas\nprint(json.dumps({{{probes}}}))"
    forked, ordinary = (json.loads(pupil.run(source, name)) for name in ("", "ordinary"))
    assert {
        name: (forked[name], ordinary[name]) for name in forked if forked[name] != ordinary[name]
    } == {}
    assert pupil.run(PICTURE) == pupil.run(PICTURE, "ordinary")


def test_a_second_kernel_costs_what_it_changes(pupil: Server) -> None:
    pupil.run(FIRST_CELL)
    before = container_memory(pupil.container.pid)
    pupil.run(FIRST_CELL)
    assert container_memory(pupil.container.pid) - before < 40, "an ordinary one takes about 90 MB"


def test_a_killed_parent_takes_nobody_along_and_comes_back(pupil: Server) -> None:
    keeps = pupil.container.run("sh", "-c", READY).output.split("/")[2]
    pupil.run(FIRST_CELL)
    pupil.container.run("sh", "-c", f"kill -9 {keeps}")
    assert pupil.run(FIRST_CELL) == "3\n"
    eventually(lambda: len(kernels(pupil)) == 2, PATIENCE, "there is a parent again")
    assert keeps not in kernels(pupil)
    states = pupil.container.run("sh", "-c", "grep -h State: /proc/[0-9]*/status").output
    assert "zombie" not in states


def kernels(server: Server) -> set[str]:
    """The pids of forked kernels, and of the parent."""
    return {line.split("/")[2] for line in server.container.run("sh", "-c", KERNELS).output.split()}
