"""The standard streams of a container, through the engine's `attach`.

Called by the engines of leases. What docker-py has no public name for, the connection under its
answer, is touched here and nowhere else.
"""

import logging
import select
import socket
from contextlib import suppress
from io import BufferedReader

from docker import APIClient

log = logging.getLogger(__name__)

_HEADER = 8
"""Bytes before each piece: a stream's number, three zeros, the length (big-endian)."""
_STDOUT = 1
_KEPT_OF_STDERR = 500
"""Characters of one piece that go into the log."""


class Attached:
    """A container's standard input, output and error, from now on (`leased.Stream`).

    One thread may read while another writes.

    Raises:
        APIError: there is no such container.
    """

    def __init__(self, client: APIClient, container: str) -> None:
        self._container = container
        raw = client.attach_socket(
            container, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        )
        self._answer = raw._response  # closes the connection when nobody holds it
        # Not `raw` itself: the first bytes may have come with the answer's head.
        self._reader: BufferedReader = raw._response.raw._fp.fp
        self._socket: socket.socket = raw._sock
        self._socket.settimeout(None)
        self._left_of_piece = 0
        self._is_stdout = False

    def read(self) -> bytes:
        """Some bytes of its output; empty when it has ended. What it says as errors is logged."""
        while True:
            if not self._left_of_piece:
                header = self._exactly(_HEADER)
                if len(header) < _HEADER:
                    return b""
                self._is_stdout = header[0] == _STDOUT
                self._left_of_piece = int.from_bytes(header[4:])
                continue
            content = self._some(self._left_of_piece)
            if not content:
                return b""
            self._left_of_piece -= len(content)
            if self._is_stdout:
                return content
            said = content[:_KEPT_OF_STDERR].decode(errors="replace").rstrip()
            log.debug("%.12s said: %s", self._container, said)

    def write(self, content: bytes) -> None:
        """Gives bytes to it. Raises OSError when it has ended."""
        self._socket.sendall(content)

    def has_news_within(self, seconds: float) -> bool:
        """Waits; whether it says something, or has ended."""
        readable, _, _ = select.select([self._socket], [], [], seconds)
        return bool(readable)

    def ends_within(self, seconds: float) -> bool:
        """Waits; whether the container ended meanwhile. What it says is dropped."""
        return self.has_news_within(seconds) and not self._some(1 << 16)

    def close(self) -> None:
        """Lets go of it; a thread that reads gets an end."""
        self._end()
        self._answer.close()

    def _some(self, most: int) -> bytes:
        content = b""
        with suppress(OSError, ValueError):  # closed under the reading thread
            content = self._reader.read1(most)
        if not content:
            # The engine goes on taking what is written to a container that has ended, or takes
            # no more of it: whoever writes is not to wait for it.
            self._end()
        return content

    def _end(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _exactly(self, number: int) -> bytes:
        content = b""
        while len(content) < number and (more := self._some(number - len(content))):
            content += more
        return content
