"""The socket at which the spawner asks: root's alone, a process for each request.

Called by `parent`. The parent itself reads no request, so that nothing of a pupil's is ever in
the memory that later servers share.
"""

import os
import select
import signal
import socket
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from technopark_forked.servers.forking import Forked

_BACKLOG = 128
_CREDENTIALS = struct.Struct("3i")
"""Of the process at the other end: its number, user, group."""


def listen(path: Path, beside: Sequence[int], serve: Callable[[socket.socket], Forked]) -> Forked:
    """Takes requests for good; returns in the processes that `serve` returns in.

    Args:
        path: of the socket; one that is there is of a parent that has ended.
        beside: handles of processes without which this one ends.
        serve: called with each connection, in a process of its own.
    """
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as door:
        before = os.umask(0o177)
        door.bind(str(path))
        os.umask(before)
        door.listen(_BACKLOG)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a request ended
        connection = _forked_for_one(door, beside)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    return serve(connection)


def _forked_for_one(door: socket.socket, beside: Sequence[int]) -> socket.socket:
    """Forks for each connection; returns it in the forked process."""
    heard: list[Any] = [door, *beside]
    while True:
        if door not in select.select(heard, [], [])[0]:
            raise SystemExit("A process beside this one has ended.")
        connection, _ = door.accept()
        try:
            if _is_root(connection) and os.fork() == 0:
                return connection
        except OSError as error:
            print(f"No process for a request: {error}", flush=True)
        connection.close()


def _is_root(connection: socket.socket) -> bool:
    asked = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, user, _ = _CREDENTIALS.unpack(asked)
    return bool(user == 0)
