"""A forked process becomes a kernel that could have been started as a program.

Used by `parent`, on both sides of the fork. The rest is made afresh by Python itself (`tempfile`,
locks of threads), by `servers.fresh`, or made only after the fork, by ipykernel.
"""

import os
import select
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from technopark_forked.servers.fresh import be_fresh

_ADOPTION_SECONDS = 5.0
_READY_SECONDS = 1.0
"""So long the server waits for a kernel's sockets; a pupil's own start files may take longer."""
_READY = "ready"


class NotAdopted(Exception):  # noqa: N818  # the server starts another one
    """The server has not become this process's parent."""


@dataclass
class Newborn:
    """The new process, before it is a kernel."""

    order: dict[str, Any]
    """`command`, `environment` and `folder`, as a program is given them."""
    given: Mapping[str, str]
    """The environment before libraries were imported, some of which add to it."""
    forker: int | None
    """The pid of the process that forked this one, to end at once; None: it stays the parent."""
    says: int
    """The end of a pipe on which it tells how it goes."""

    def run(self) -> None:
        """Is the kernel, to its end."""
        try:
            if self.forker is not None:
                self._wait_for_adoption()
            os.write(self.says, f"{os.getpid()}\n".encode())
            self._take_on()
        except (NotAdopted, OSError) as error:
            os.write(self.says, str(error).encode())
            os._exit(1)
        server = int(os.environ["JPY_PARENT_PID"])  # read when it was imported, by whoever did
        kernel = sys.modules["ipykernel.kernelapp"].IPKernelApp.instance(parent_handle=server)
        kernel.initialize()
        _introduce_libraries()
        with suppress(BrokenPipeError):  # nobody waits for a slow one
            os.write(self.says, _READY.encode())
        os.close(self.says)
        kernel.start()

    def _wait_for_adoption(self) -> None:
        """Return when the forker has ended and the server is this process's parent."""
        server = int(self.order["environment"]["JPY_PARENT_PID"])
        end = time.monotonic() + _ADOPTION_SECONDS
        while (parent := os.getppid()) == self.forker and time.monotonic() < end:
            time.sleep(0.0005)
        if parent != server:
            raise NotAdopted(f"process {parent} has adopted the kernel, not the server {server}")

    def _take_on(self) -> None:
        """Take what a program is given by whoever starts it."""
        os.setsid()
        os.chdir(self.order["folder"])
        added = {name: os.environ[name] for name in os.environ if name not in self.given}
        be_fresh({**self.order["environment"], **added})
        command = self.order["command"]
        sys.argv = [str(sys.modules["ipykernel_launcher"].__file__), *command[3:]]
        sys.orig_argv[:] = command
        signal.signal(signal.SIGINT, signal.default_int_handler)


def listen(said: int) -> dict[str, Any]:
    """What the server is answered about a new process: its `pid`, and the `error` that it died of.

    Args:
        said: the other end of its pipe, which is closed.
    """
    words = b""
    end: float | None = None
    while select.select([said], [], [], None if end is None else max(0, end - time.monotonic()))[0]:
        piece = os.read(said, 4096)
        words += piece
        if not piece or words.endswith(_READY.encode()):
            break
        end = end or time.monotonic() + _READY_SECONDS
    else:
        words += _READY.encode()  # it takes its time, and may
    os.close(said)
    pid, _, how = words.decode().partition("\n")
    if not pid.isdigit():
        return {"error": words.decode() or "there are too many processes"}
    return {"pid": int(pid)} if how == _READY else {"pid": int(pid), "error": how or "it died"}


def _introduce_libraries() -> None:
    """Let libraries meet the kernel that they look for when they are imported."""
    if "ipywidgets" in sys.modules:
        sys.modules["ipywidgets"].register_comm_target()
