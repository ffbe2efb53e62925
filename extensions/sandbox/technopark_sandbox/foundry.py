"""Keeps a mould ready, from which fresh sessions are forked.

The keeper, who has read tests and answers, must never be what a session is a copy of. So the first
mould parts from it before it has read anything; cells can stop or end the mould, and then another
one starts as a program of its own.
"""

import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from technopark_sandbox import mould, processes, wire

Mould = tuple[int, socket.socket]
"""Its pid, and the keeper's end of its wire."""


def first_mould() -> Mould:
    """Forks a mould off this process: what both need is imported once.

    Called before anything is read, and while nothing but the standard streams is open: the mould
    must know no more than one that starts as a program.

    Raises:
        OSError: there are too many processes.
    """
    ours, theirs = wire.pair()
    pid = os.fork()
    if pid:
        theirs.close()
        return pid, ours
    os.setpgid(0, 0)
    os.dup2(theirs.fileno(), 0)
    os.dup2(2, 1)
    ours.close()
    theirs.close()
    mould.main()
    os._exit(0)


class Foundry:
    """The mould of the moment."""

    def __init__(self, first: Mould) -> None:
        self.mould = first[0]
        """Its pid; 0 where there is none."""
        self._wire: socket.socket | None = first[1]

    def renew(self) -> None:
        """Starts a mould where there is none.

        Raises:
            OSError: there are too many processes.
        """
        if self.mould:
            return
        ours, theirs = wire.pair()
        try:
            self.mould = os.posix_spawn(
                sys.executable,
                [sys.executable, "-P", "-m", "technopark_sandbox.mould"],
                os.environ,
                file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0)],
                setpgroup=0,
            )
        finally:
            theirs.close()
        self._wire = ours

    def cast(self, order: dict[str, Any], files: Sequence[int]) -> None:
        """Has a session forked, that gets these files.

        Raises:
            OSError: there is no mould, and none can be started.
        """
        self.renew()
        processes.send(self.mould, signal.SIGCONT)  # a cell may have stopped it
        # where it is dead already, `ended` will soon be told, and whoever waits asks again
        with suppress(BrokenPipeError, ConnectionResetError):
            if self._wire:
                wire.send(self._wire, order, files)

    def smash(self) -> None:
        """Ends the mould: it does not do its work."""
        if self.mould:
            processes.send(self.mould, signal.SIGKILL)

    def ended(self) -> None:
        """The mould is dead; with a little luck there is another at once."""
        self.mould = 0
        if self._wire:
            self._wire.close()
        with suppress(OSError):
            self.renew()
