"""Makes a forked process a kernel that could have been started as a program.

Called by `parent` in the new process, around ipykernel's own start. The rest is made afresh by
Python itself (`tempfile`, locks of threads), or made only after the fork, by ipykernel.
"""

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence

from technopark_forked.servers.fresh import be_fresh

_PATIENCE = 2.0


class NotAdopted(Exception):  # noqa: N818  # the server starts another one
    """The server has not become this process's parent."""


def wait_for_adoption(forker: int, server: int) -> None:
    """Returns when the forker has ended and the server is this process's parent.

    Args:
        forker: the pid of the process that forked this one.
        server: the server's pid.

    Raises:
        NotAdopted: somebody else is the parent now.
    """
    end = time.monotonic() + _PATIENCE
    while (parent := os.getppid()) == forker and time.monotonic() < end:
        time.sleep(0.0005)
    if parent != server:
        raise NotAdopted(f"process {parent} has adopted the kernel, not the server {server}")


def become(command: Sequence[str], environment: Mapping[str, str], folder: str) -> None:
    """Takes on what a program is given by whoever starts it, and its own random numbers.

    Args:
        command: an interpreter, `-m`, ipykernel's launcher, and its arguments.
        environment: all of it.
        folder: to work in.

    Raises:
        OSError: there is no such folder.
    """
    os.setsid()
    os.chdir(folder)
    be_fresh(environment)
    sys.argv = [str(sys.modules["ipykernel_launcher"].__file__), *command[3:]]
    sys.orig_argv[:] = command
    signal.signal(signal.SIGINT, signal.default_int_handler)


def introduce_libraries() -> None:
    """Lets libraries meet the kernel that they look for when they are imported."""
    if "ipywidgets" in sys.modules:
        sys.modules["ipywidgets"].register_comm_target()
