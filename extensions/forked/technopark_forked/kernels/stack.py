"""The program `kernels` of the node's parent: what is forked into a pupil's container for kernels.

`load_all` runs in the trusted parent, in the base image's own environment; `serve` in the pupil's
container, as the pupil, when all privileges are gone. Of a course nothing is imported before that.
"""

import gc
import importlib
import json
import os
import signal
import site
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from technopark_forked.kernels import preload
from technopark_forked.kernels.line import MEETING, Line
from technopark_forked.kernels.parent import be_a_kernel_or_end
from technopark_forked.kernels.staying import StayingParent

SPEC = Path(sys.prefix) / "share/jupyter/kernels/python3/kernel.json"
_HELLO_SECONDS = 10.0
_READ_AT_IMPORT = (
    *("DEBUGPY", "GEVENT", "HOME", "JUPYTER_PLATFORM", "JUPYTER_USE", "PYDEV", "PYTHON", "PYZMQ"),
    *("TERM", "TORNADO", "TRAITLETS", "USER"),
)
"""How variables begin that are read when Python starts or a kernel's libraries are imported."""

_imported: dict[str, tuple[int, int]] = {}
_given: dict[str, str] = {}
_added: dict[str, str] = {}
"""What `load_all` has found: the files that are imported, the variables before and those that the
imports have added."""


class OtherImageError(Exception):
    """The container's kernels would not be what is imported here."""


def load_all() -> None:
    """Imports what every kernel does, as the base image has it."""
    if Path(sys.path[0]) == Path.cwd():
        del sys.path[0]  # as ipykernel's launcher does
    if SPEC.exists():
        os.environ.update(json.loads(SPEC.read_text(encoding="utf-8")).get("env", {}))
    _given.update(os.environ)
    for module in preload.KERNEL:
        importlib.import_module(module)
    _added.update({name: os.environ[name] for name in os.environ.keys() - _given.keys()})
    _imported.update(files())


def serve() -> None:
    """Waits for the server of this container, and forks its kernels until it ends."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(MEETING)
        door.listen(1)
        line = Line(door.accept()[0])
    hello = line.receive(_HELLO_SECONDS)
    try:
        _compare(hello["environment"])
    except OtherImageError as reason:
        line.send({"error": str(reason)})
        return
    _settle_in(hello["environment"])
    line.send({})
    modules = preload.listed(Path(hello["libraries"]))
    given = dict(os.environ)
    os.environ.update(_added)
    preload.choose_backend()
    be_a_kernel_or_end(StayingParent(line, modules, given, float(hello["patience"])).serve())


def files() -> dict[str, tuple[int, int]]:
    """Size and time of every file that is imported, and of those that add to `sys.path`."""
    names = {str(Path(sys.executable).resolve()), *_pointers()}
    names |= {file for module in [*sys.modules.values()] if (file := _file(module))}
    return {name: _seen(name) for name in names}


def _compare(environment: Mapping[str, str]) -> None:
    """Raises OtherImageError where this container's own kernels would import something else."""
    for name, seen in _imported.items():
        if _seen(name) != seen:
            raise OtherImageError(f"this image has another {name}")
    if other := _pointers() - _imported.keys():
        raise OtherImageError(f"this image has {', '.join(sorted(other))}")
    for name in sorted({*environment, *_given}):
        if name.startswith(_READ_AT_IMPORT) and environment.get(name) != _given.get(name):
            raise OtherImageError(f"{name} is another than the base image's")


def _settle_in(environment: Mapping[str, str]) -> None:
    """Is from here on what the server's own parent of kernels would be."""
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir("/")
    read, write = os.pipe()  # with nothing at its other end, as jupyter_client has it
    os.dup2(read, 0)
    os.close(read)
    os.close(write)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    importlib.invalidate_caches()  # the course's libraries lie beside the base image's
    gc.disable()  # nothing that is imported is garbage, and looking for it takes time


def _pointers() -> set[str]:
    """Files that add to `sys.path` when Python starts."""
    return {str(file) for folder in site.getsitepackages() for file in Path(folder).glob("*.pth")}


def _file(module: Any) -> str | None:
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) else None


def _seen(name: str) -> tuple[int, int]:
    try:
        found = Path(name).stat()
    except OSError:
        return (-1, 0)
    return found.st_size, found.st_mtime_ns
