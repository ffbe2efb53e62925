"""Messages between the keeper and its sessions: JSON in packets, each with its sender's pid.

The kernel vouches for the pid, so nobody can answer in another's name. Whatever a session sends,
reading it costs the keeper bounded memory and never raises.
"""

import array
import base64
import json
import os
import select
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_PACKET = 60_000
_LAST = b"."
_MORE = b"+"
_CREDENTIALS = struct.Struct("iII")
_FDS = 8

LARGEST = 4 * 1024 * 1024
"""Bytes of the largest message that a session may send; the rest of a larger one is lost."""


def pair() -> tuple[socket.socket, socket.socket]:
    """The keeper's end, which learns who sends, and the session's."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    ours.setblocking(False)
    return ours, theirs


def send(
    wire: socket.socket, message: dict[str, Any], fds: Sequence[int] = (), patience: float = 0.0
) -> None:
    """Sends a message, with open files.

    Args:
        wire: one end of a pair.
        message: what is JSON, or can be written as text.
        fds: open files that the other side gets, too.
        patience: seconds that the keeper waits in all for a session to read.

    Raises:
        OSError: nobody listens any more, or nobody reads.
        ValueError: the message cannot be JSON.
    """
    deadline = time.monotonic() + patience
    body = json.dumps(message, default=_as_json).encode()
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    for start in range(0, max(len(body), 1), _PACKET):
        is_last = start + _PACKET >= len(body)
        packet = (_LAST if is_last else _MORE) + body[start : start + _PACKET]
        while True:
            try:
                wire.sendmsg([packet], rights if is_last else [])
                break
            except BlockingIOError:
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([], [wire], [], left)[1]:
                    raise


def receive(wire: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Waits for a message from the keeper, and the files that came with it.

    Raises:
        EOFError: the keeper has let go of this session.
    """
    body = bytearray()
    while True:
        try:
            packet, extras, _flags, _from = wire.recvmsg(_PACKET + 1, socket.CMSG_SPACE(4 * _FDS))
        except ConnectionResetError:
            raise EOFError from None
        if not packet:
            raise EOFError
        body += packet[1:]
        if packet[:1] == _LAST:
            return json.loads(body), _files(extras)


@dataclass
class Incoming:
    """The keeper's side of one wire: puts packets of the right sender together."""

    wire: socket.socket
    pid: int | None = None
    """Who may speak; the first one who did."""
    _body: bytearray = field(default_factory=bytearray, repr=False)
    _is_lost: bool = False

    def take(self) -> dict[str, Any] | None:
        """One packet from the wire; a message where one is whole.

        Raises:
            BlockingIOError: nothing is there.
            EOFError: nobody can speak any more.
        """
        try:
            # without room for open files in the answer, the kernel closes those that are sent
            packet, extras, _flags, _from = self.wire.recvmsg(
                _PACKET + 1, socket.CMSG_SPACE(_CREDENTIALS.size)
            )
        except ConnectionResetError:
            raise EOFError from None
        if not packet:
            raise EOFError
        sender = _sender(extras)
        if self.pid is None:
            self.pid = sender
        if sender is None or sender != self.pid:
            return None
        return self._put_together(packet)

    def _put_together(self, packet: bytes) -> dict[str, Any] | None:
        self._is_lost |= len(self._body) + len(packet) > LARGEST
        if not self._is_lost:
            self._body += packet[1:]
        if packet[:1] != _LAST:
            return None
        body, is_lost = self._body, self._is_lost
        self._body, self._is_lost = bytearray(), False
        if is_lost:
            return {"is": "cut"}
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            return None
        return message if isinstance(message, dict) else None


def _as_json(value: Any) -> str:
    """Pictures as notebooks hold them; anything else as its text."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _sender(extras: list[tuple[int, int, bytes]]) -> int | None:
    for level, kind, data in extras:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            pid: int = _CREDENTIALS.unpack(data[: _CREDENTIALS.size])[0]
            return pid
    return None


def _files(extras: list[tuple[int, int, bytes]]) -> list[int]:
    fds = array.array("i")
    for level, kind, data in extras:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    for fd in fds:
        os.set_inheritable(fd, False)
    return list(fds)
