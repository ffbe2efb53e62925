"""Which cells run and how they end, seen on the way between a page and its kernel.

`watched` makes it part of a server's own class of websockets. It reads the headers of what is
asked and the state of what is answered, and changes nothing. No mistake of ours reaches a lesson.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1

log = logging.getLogger(__name__)

_V1 = "v1.kernel.websocket.jupyter.org"
_MOST_REMEMBERED = 1000
"""Cells that were asked to run and have not ended: Lab sends a whole notebook at once."""


class Watcher(Protocol):
    """Who is told; each call is for one kernel."""

    async def opened(self, kernel: str) -> None:
        """A page is connected with it."""

    async def closed(self, kernel: str) -> None:
        """A page is connected with it no more."""

    async def ran(self, kernel: str, cell: str, error: str) -> None:
        """A cell has run; `error` is the error's class, or empty."""


class Watching:
    """What is added to a class of websocket connections."""

    watcher: Watcher
    asked: dict[str, str]
    """Cells that were asked to run, by the request's id."""
    websocket_handler: Any
    session: Any
    subprotocol: str | None
    is_open = False
    """Whether the watcher was told that this page is there."""

    def connect(self) -> Any:
        """A page is connected."""
        if not self.is_open:
            self.is_open = True
            told(self.watcher.opened(self.websocket_handler.kernel_id))
        return super().connect()  # type: ignore[misc]

    def disconnect(self) -> Any:
        """A page has gone."""
        if self.is_open:
            self.is_open = False
            told(self.watcher.closed(self.websocket_handler.kernel_id))
        return super().disconnect()  # type: ignore[misc]

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        """From the page."""
        _harmless(self._see_request, incoming_msg)
        super().handle_incoming_message(incoming_msg)  # type: ignore[misc]

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """From the kernel."""
        if getattr(stream, "channel", stream) == "shell":
            _harmless(self._see_reply, outgoing_msg)
        super().handle_outgoing_message(stream, outgoing_msg)  # type: ignore[misc]

    def _see_request(self, message: Any) -> None:
        if self.subprotocol == _V1:
            channel, parts = deserialize_msg_from_ws_v1(message)
            if channel != "shell":
                return
            header = json.loads(bytes(parts[0]))
            if header["msg_type"] != "execute_request":
                return
            metadata = json.loads(bytes(parts[2]))
        elif isinstance(message, str):
            whole = json.loads(message)
            header, metadata = whole["header"], whole["metadata"]
            if whole.get("channel", "shell") != "shell" or header["msg_type"] != "execute_request":
                return
        else:
            return
        cell = metadata.get("cellId")
        if isinstance(cell, str) and len(self.asked) < _MOST_REMEMBERED:
            self.asked[header["msg_id"]] = cell

    def _see_reply(self, message: list[Any]) -> None:
        _, parts = self.session.feed_identities(message)
        header = self.session.unpack(parts[1])
        if header["msg_type"] != "execute_reply":
            return
        cell = self.asked.pop(self.session.unpack(parts[2]).get("msg_id", ""), None)
        content = self.session.unpack(parts[4])
        if cell is None or content["status"] not in ("ok", "error"):
            return
        error = str(content.get("ename") or "Error") if content["status"] == "error" else ""
        told(self.watcher.ran(self.websocket_handler.kernel_id, cell, error))


def watched(connection: type, watcher: Watcher) -> type:
    """The class `connection` of websocket connections, watched."""
    # One memory for all connections: a page that is loaded anew gets what the one before asked for.
    added = {"watcher": watcher, "asked": {}}
    return type(f"Watched{connection.__name__}", (Watching, connection), added)


_going: set[asyncio.Task[None]] = set()


def told(word: Coroutine[Any, Any, None]) -> None:
    """Lets the watcher be told, in its own time."""

    async def tell() -> None:
        try:
            await word
        except Exception:
            log.exception("What the pupil works at could not be told")

    task = asyncio.get_running_loop().create_task(tell())
    _going.add(task)
    task.add_done_callback(_going.discard)


def _harmless(see: Callable[[Any], None], message: Any) -> None:
    try:
        see(message)
    except Exception:
        log.exception("A message between page and kernel was not understood")
