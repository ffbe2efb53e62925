"""Kernels as a pupil's server starts them: one parent for all tests of a file, and notebooks."""

import json
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from support.notebook import FORKED, ORDINARY, PATIENCE, Notebook
from support.waiting import eventually

from technopark_forked.kernels import keeper as keeping
from technopark_forked.kernels.keeper import LAUNCHER, Keeper

COMMAND = [sys.executable, *LAUNCHER]


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where connection files are; IPython's own folder is the test's, too."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    folder = tmp_path / "runtime"
    folder.mkdir()
    return folder


@pytest.fixture
def specs(tmp_path: Path) -> KernelSpecManager:
    """The same kernel twice: to be forked, and not."""
    for name, metadata in (
        (FORKED, {"kernel_provisioner": {"provisioner_name": "technopark-forked"}}),
        (ORDINARY, {}),
    ):
        folder = tmp_path / "specs" / name
        folder.mkdir(parents=True)
        spec = {
            "argv": [*COMMAND, "-f", "{connection_file}"],
            "display_name": name,
            "language": "python",
            "metadata": {"debugger": True, **metadata},
        }
        (folder / "kernel.json").write_text(json.dumps(spec))
    return KernelSpecManager(kernel_dirs=[str(tmp_path / "specs")])


@pytest.fixture
def keep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime: Path
) -> Iterator[Callable[..., Keeper]]:
    """Starts this process's keeper, and waits until its parent has imported all."""
    kept: list[Keeper] = []

    def start(*libraries: str, **environment: str) -> Keeper:
        listing = tmp_path / "preload.txt"
        listing.write_text("\n".join(libraries))
        made = Keeper(
            COMMAND,
            {**os.environ, **environment},
            str(listing),
            logging.getLogger("test"),
            patience=0.0,
        )
        keeping.keep(lambda: made)
        made.start()
        kept.append(made)
        eventually(lambda: has_imported(made, libraries), PATIENCE, "the parent is ready")
        return made

    yield start
    for made in kept:
        made.stop()
    monkeypatch.setattr(keeping, "_makers", [])


def has_imported(keeper: Keeper, libraries: tuple[str, ...]) -> bool:
    """Whether the parent rests; has numpy's files in its memory where that comes last."""
    pid = keeper.pid
    if pid is None:
        return False
    try:
        process = psutil.Process(pid)
        before = process.cpu_times().user
        time.sleep(0.7)
        rests = before + 0.02 > process.cpu_times().user > 0.1
        files = {Path(mapped.path).name for mapped in process.memory_maps()}
    except psutil.NoSuchProcess:
        return False
    return rests and ("numpy" not in libraries or any("multiarray" in file for file in files))


@pytest.fixture
async def notebook(
    specs: KernelSpecManager, tmp_path: Path, runtime: Path
) -> AsyncIterator[Callable[..., Any]]:
    """Opens notebooks; all are closed at the end."""
    opened: list[Notebook] = []

    async def open_notebook(way: str = FORKED, **how: Any) -> Notebook:
        file = str(runtime / f"kernel-{uuid4().hex}.json")
        manager = AsyncKernelManager(
            kernel_name=way, kernel_spec_manager=specs, connection_file=file
        )
        how.setdefault("cwd", str(tmp_path))
        await manager.start_kernel(**how)
        client = manager.client()
        client.start_channels()
        opened.append(Notebook(manager, client))
        await client.wait_for_ready(timeout=PATIENCE)
        return opened[-1]

    yield open_notebook
    for made in opened:
        await made.close()
