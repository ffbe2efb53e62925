"""A page's websocket to a kernel: open at once, whether a leased kernel waits, runs or has ended.

Jupyter Server makes one for each page. What a page sends while there is no kernel is held; the cell
that waits shows the line, and the last cell says why a kernel has ended.
"""

import asyncio
import html
import json
from collections.abc import Coroutine
from typing import Any

from tornado.websocket import WebSocketClosedError

from technopark_kernels import frames
from technopark_kernels.inner import LooseConnection, done
from technopark_kernels.standing import Desk, Header, Standing
from technopark_kernels.words import in_line, minutes, say

_LINE_AWAY_SECONDS = 10.0
_KERNEL_AWAY_SECONDS = 120.0
"""The broker may be silent for so long before a page speaks of it, in line and while it runs."""

_DISPLAY = "technopark-line"
_STYLE = "margin: 0.5em 0; padding-left: 0.75em; border-left: 3px solid var(--jp-brand-color1)"


class ParkConnection(LooseConnection):
    """One websocket; that of a local kernel is Jupyter Server's own, unchanged."""

    _following: asyncio.Task[None] | None = None
    _is_open = False
    """Whether messages go straight to the kernel."""
    _later = ""
    """What is to be said as soon as there is a cell to say it in."""

    @property
    def _is_leased(self) -> bool:
        return bool(getattr(self.kernel_manager, "is_leased", False))

    @property
    def _standing(self) -> Standing:
        standing: Standing = self.kernel_manager.standing
        return standing

    @property
    def _desk(self) -> Desk:
        return self._standing.desk(self.session_id)

    async def prepare(self) -> None:
        """Before the handshake: a leased kernel is not waited for, as browsers give up soon."""
        if self._is_leased:
            self._standing.enter(self.session_id, self)
            await self.register()
        else:
            await super().prepare()

    def connect(self) -> Any:
        """After the handshake. What it returns is awaited before the first message is read."""
        if not self._is_leased:
            return super().connect()
        self._following = asyncio.create_task(self._follow())
        return done()

    def disconnect(self) -> None:
        """The websocket has closed."""
        if not self._is_leased:
            super().disconnect()
            return
        self._standing.leave(self.session_id, self)
        if self._following is not None:
            self._following.cancel()
            self._following = None
            self.let_go()

    def handle_incoming_message(self, incoming_msg: str | bytes) -> None:
        """A message from the page: for the kernel, for later, or answered here."""
        if not self._is_leased:
            super().handle_incoming_message(incoming_msg)
            return
        if self._following is None:
            return
        frame = frames.read(incoming_msg, self.subprotocol)
        desk = self._desk
        if frame.is_cell:
            desk.cells[frame.header["msg_id"]] = desk.last = frame.header
        if self._standing.phase == "ended":
            if frame.is_cell:
                self._tell_end()
        elif self._is_open:
            super().handle_incoming_message(incoming_msg)
            if frame.is_cell and self._later:
                self._say_in_view(self._later)
        else:
            desk.held.append(incoming_msg)
            if frame.is_cell:
                self._show_line()

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """A message from the kernel; an answered cell is none that a later end concerns."""
        if self._is_leased and getattr(stream, "channel", stream) == "shell":
            _, parts = self.session.feed_identities(outgoing_msg)
            self._desk.cells.pop(json.loads(bytes(parts[2])).get("msg_id"), None)
        super().handle_outgoing_message(stream, outgoing_msg)

    async def _follow(self) -> None:
        """Goes with the kernel through all it does, as long as the page is there."""
        standing = self._standing
        while True:
            if standing.phase == "waiting":
                self._send("status", {"execution_state": "starting"})
                while standing.phase == "waiting":
                    self._show_line()
                    await standing.change(within=_LINE_AWAY_SECONDS)
            if standing.phase == "running":
                await self._go_with_kernel()
            if standing.phase == "ended":
                self._tell_end()
                while standing.phase == "ended":
                    await standing.change()

    async def _go_with_kernel(self) -> None:
        """Connects to the kernel, delivers what waits for it, and lets go when it has ended."""
        try:
            if await self._while_running(self.attach()):
                self._deliver()
                self._is_open = True
                await self._while_running(self._keep_informed())
        except Exception as error:  # noqa: BLE001  # zmq, tornado, and what the kernel answers
            self.log.warning("The kernel %s does not answer: %s", self.kernel_id, error)
            self._say_in_view(say("silent"))
            await self._standing.change(within=_LINE_AWAY_SECONDS)
        finally:
            self._is_open = False
        self.detach()

    async def _while_running(self, work: Coroutine[Any, Any, None]) -> bool:
        """Does the work until the kernel ends. Returns whether it was done by then."""
        task = asyncio.ensure_future(work)
        try:
            while self._standing.phase == "running":
                change = asyncio.ensure_future(self._standing.change())
                await asyncio.wait([task, change], return_when=asyncio.FIRST_COMPLETED)
                change.cancel()
                if task.done():
                    await task
                    return True
            return False
        finally:
            task.cancel()

    async def _keep_informed(self) -> None:
        """Says once that the time is nearly over, and once that the broker is long away."""
        standing = self._standing
        has_warned = has_said_away = False
        while True:
            remaining, warn = standing.remaining(), standing.lease.warn_s if standing.lease else 0.0
            if not has_warned and remaining is not None and remaining <= warn:
                has_warned = True
                self._say_in_view(say("ends-soon", minutes=minutes(remaining)))
            if not has_said_away and standing.away() > _KERNEL_AWAY_SECONDS:
                has_said_away = True
                self._say_in_view(say("kernel-away"))
            until_warning = 60.0 if remaining is None or has_warned else remaining - warn
            await standing.change(within=min(60.0, max(0.1, until_warning)))

    def _show_line(self) -> None:
        """Writes how the line stands into the first cell that waits."""
        desk = self._desk
        target = desk.shown or next(iter(desk.cells.values()), None)
        if target is not None:
            self._write_line(desk, target, self._line())

    def _line(self) -> str:
        standing = self._standing
        lease = standing.lease
        if standing.away() > _LINE_AWAY_SECONDS:
            return say("line-away")
        if lease is not None and lease.state != "waiting":
            return say("starting")
        if lease is None or lease.place is None:
            return say("asking")
        return in_line(lease.place, lease.estimate_s)

    def _write_line(self, desk: Desk, target: Header, sentence: str) -> None:
        kind = "display_data" if desk.shown is None else "update_display_data"
        desk.shown = target
        self._send(kind, _display(sentence, _DISPLAY), target)

    def _deliver(self) -> None:
        """Gives the kernel what was held for it, and clears the line from the cell."""
        desk = self._desk
        if desk.shown is not None:
            self._send("clear_output", {"wait": False}, desk.shown)
            desk.shown = None
        held, desk.held = desk.held, []
        for message in held:
            super().handle_incoming_message(message)

    def _tell_end(self) -> None:
        """Says why there is no kernel, where the pupil looks, and ends the cells that wait."""
        desk, sentence = self._desk, self._standing.sentence
        if not sentence:
            return
        desk.held = []
        if desk.shown is not None:
            self._write_line(desk, desk.shown, sentence)
            desk.shown = None
        else:
            self._say_in_view(sentence)
        for cell in desk.cells.values():
            refusal = {"ename": "KernelEnded", "evalue": sentence, "traceback": []}
            self._send("execute_reply", {"status": "error", **refusal}, cell, "shell")
            self._send("status", {"execution_state": "idle"}, cell)
        desk.cells = {}
        self._send("status", {"execution_state": "idle"})

    def _say_in_view(self, sentence: str) -> None:
        cell = self._desk.in_view
        self._later = "" if cell else sentence
        if cell is not None:
            self._send("display_data", _display(sentence), cell)

    def _send(
        self,
        kind: str,
        content: dict[str, Any],
        parent: Header | None = None,
        channel: str = "iopub",
    ) -> None:
        message = frames.write(self.session, channel, kind, content, parent, self.subprotocol)
        try:
            self.write_message(message, binary=isinstance(message, bytes))
        except WebSocketClosedError:
            self.log.debug("The page has gone before it could read: %s", kind)


def _display(sentence: str, display_id: str = "") -> dict[str, Any]:
    return {
        "data": {
            "text/plain": sentence,
            "text/html": f'<p role="status" style="{_STYLE}">{html.escape(sentence)}</p>',
        },
        "metadata": {},
        "transient": {"display_id": display_id} if display_id else {},
    }
