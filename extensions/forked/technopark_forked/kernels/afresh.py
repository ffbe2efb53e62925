"""Makes a forked process a kernel that could have been started as a program.

Called by `parent` in the new process, before ipykernel's own start. What is not made afresh here is
made afresh by Python itself (`random`, `tempfile`, threads' locks), or only after the fork.
"""

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence

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
    """Takes on what a program is given by whoever starts it.

    Args:
        command: an interpreter, `-m`, ipykernel's launcher, and its arguments.
        environment: all of it.
        folder: to work in.

    Raises:
        OSError: there is no such folder.
    """
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = [str(sys.modules["ipykernel_launcher"].__file__), *command[3:]]
    sys.orig_argv[:] = command
    signal.signal(signal.SIGINT, signal.default_int_handler)


def reseed() -> None:
    """Draws new random numbers for what was seeded before the fork."""
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    if "multiprocessing.process" in sys.modules:
        process = sys.modules["multiprocessing.process"].current_process()
        process.authkey = os.urandom(32)
