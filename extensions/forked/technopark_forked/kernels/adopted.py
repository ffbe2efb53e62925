"""A kernel that somebody else has forked, and that became this process's own child.

Called by `keeper`. The kernel's forker ends at once, and Linux gives orphans to the nearest
ancestor that adopts them: so the server reaps the kernel as if it had started it itself.
"""

import ctypes
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_SET_CHILD_SUBREAPER = 36
_PAUSE = 0.01


class Adopted:
    """A child, with the part of `subprocess.Popen` that jupyter_client's LocalProvisioner calls.

    Args:
        pid: the child's.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._waiting = threading.Lock()

    def poll(self) -> int | None:
        """The exit code, below 0 for a signal that ended it; None while it runs."""
        with self._waiting:
            if self.returncode is None:
                try:
                    pid, status = os.waitpid(self.pid, os.WNOHANG)
                except ChildProcessError:
                    self.returncode = 0  # reaped by somebody else: nobody knows, as with Popen
                else:
                    if pid:
                        self.returncode = os.waitstatus_to_exitcode(status)
            return self.returncode

    def wait(self) -> int:
        """Returns the exit code when it has ended."""
        while (code := self.poll()) is None:
            time.sleep(_PAUSE)
        return code

    def send_signal(self, number: int) -> None:
        """Sends a signal, to nobody where it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it."""
        self.send_signal(signal.SIGKILL)


class Reported(Adopted):
    """A child of the parent that came with the server, which tells how it has ended."""

    _is_left = False

    def ended(self, code: int) -> None:
        """So says its parent."""
        self.returncode = code

    def leave(self) -> None:
        """Its parent has ended and says no more."""
        self._is_left = True

    def poll(self) -> int | None:
        """The exit code, below 0 for a signal that ended it; None while it runs."""
        if self.returncode is None and self._is_left:
            try:
                os.kill(self.pid, 0)
            except ProcessLookupError:
                self.returncode = 0  # nobody knows, as with Popen
        return self.returncode


@contextmanager
def adopting() -> Iterator[None]:
    """Within the block, descendants whose own parents end become children of this process.

    Keep it brief: an orphan of another kind (a program left behind by a terminal) would become a
    child that nobody waits for.

    Raises:
        OSError: the kernel refused.
    """
    _adopt(yes=True)
    try:
        yield
    finally:
        _adopt(yes=False)


def _adopt(*, yes: bool) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_CHILD_SUBREAPER, ctypes.c_ulong(yes), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
