"""The line between a server and the parent of its kernels: JSON, one object a line, over a socket.

A parent that the server has started has a pair of sockets without a name; one that came with the
server waits at a name of the container's network. So there is no file to guard or to clean up.
"""

import json
import socket
from contextlib import suppress
from typing import Any

MEETING = "\0technopark-kernels"
"""The name, known within one container: all in there are the pupil's own processes."""

_LARGEST = 4 * 1024 * 1024


class LineBroken(Exception):  # noqa: N818  # it passes: there will be another parent
    """The other side is gone, or says what nobody can read."""


class Line:
    """One end.

    Args:
        end: a stream socket; it is closed with the line.
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._read = b""

    def fileno(self) -> int:
        """For `select`."""
        return self._end.fileno()

    def close(self) -> None:
        """Lets go; where no fork of this process holds it, the other side reads an end."""
        self._end.close()

    def end(self) -> None:
        """Ends it for both sides, also for a thread that waits for a message."""
        with suppress(OSError):  # it has ended
            self._end.shutdown(socket.SHUT_RDWR)

    def send(self, message: dict[str, Any]) -> None:
        """Sends a message. Raises LineBroken."""
        try:
            self._end.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise LineBroken(str(error)) from None

    def receive(self, within: float | None = None) -> dict[str, Any]:
        """Waits for a message.

        Args:
            within: seconds; None is for ever.

        Raises:
            LineBroken: none came, or none can come any more.
        """
        self._end.settimeout(within)
        try:
            while b"\n" not in self._read:
                more = self._end.recv(65536)
                if not more or len(self._read) > _LARGEST:
                    raise LineBroken("the other side has ended")
                self._read += more
        except OSError as error:
            raise LineBroken(str(error) or "no answer came") from None
        first, _, self._read = self._read.partition(b"\n")
        message: dict[str, Any] = json.loads(first)
        return message
