"""Tells a container's idle process 1 how the forked server ended, so that it ends likewise.

Used by `parent` around the program. Process 1 reads a line with the exit code; where none came
and the pipe's last writer is gone, the server was killed.
"""

import atexit
import os
import sys
from collections.abc import Callable

KILLED = 137
"""The exit code of a process that was killed; what process 1 takes where it was told none."""


class Ending:
    """The pipe to process 1, which only the server itself may hold: not what it forks.

    It is made before anything is imported: what is registered first is done last, after all that
    libraries do at an end.
    """

    def __init__(self) -> None:
        self._pipe: int | None = None
        self._code = 0
        atexit.register(self._tell)

    def begin(self, pipe: int) -> None:
        """From here on this process is a server; says its number to process 1."""
        self._pipe = pipe
        os.register_at_fork(after_in_child=self._let_go)
        os.write(pipe, f"{os.getpid()}\n".encode())

    def run(self, program: Callable[[], None]) -> None:
        """Runs the program to its end and keeps the code; what it raises goes on."""
        try:
            program()
        except SystemExit as exit_:
            self._code = _code(exit_.code)
            raise
        except BaseException:
            self._code = 1
            raise

    def _tell(self) -> None:
        if self._pipe is not None:
            sys.stdout.flush()
            sys.stderr.flush()
            os.write(self._pipe, f"{self._code}\n".encode())

    def _let_go(self) -> None:
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None


def _code(value: object) -> int:
    """The exit code that Python makes of `sys.exit(value)`."""
    if value is None:
        return 0
    return value & 0xFF if isinstance(value, int) else 1
