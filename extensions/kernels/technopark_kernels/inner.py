"""All that this package does with private members of Jupyter Server, in one place.

Base classes of `manager` and `connection`. `PRIVATE` names every such member; a test looks whether
the installed version still has them.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

PRIVATE = {
    AsyncMappingKernelManager: (
        "_finish_kernel_start",
        "_pending_kernels",
    ),
    ZMQChannelsWebsocketConnection: (
        "_close_future",
        "_kernel_info_future",
        "_open_sessions",
        "_register_session",
    ),
}
"""Members that are used or overridden here, by the class that has them."""

_is_pending: ContextVar[bool] = ContextVar("_is_pending", default=False)


class PendingKernels(AsyncMappingKernelManager):
    """Starts some kernels without waiting for them, and the others as ever.

    `use_pending_kernels` is one switch for all kernels; here it is on within `pending` alone.
    """

    @property
    def use_pending_kernels(self) -> bool:
        """Whether a call of now goes on before its kernel has started."""
        return _is_pending.get()

    @contextmanager
    def pending(self) -> Iterator[None]:
        """Within the block, a start returns at once; the kernel's `ready` tells how it went."""
        token = _is_pending.set(True)
        try:
            yield
        finally:
            _is_pending.reset(token)

    async def watch_when_ready(self, kernel_id: str) -> None:
        """Waits for a kernel that starts again, and listens to its activity as after a start."""
        await self._finish_kernel_start(kernel_id)

    def forget_start(self, kernel_id: str) -> None:
        """A start that failed is remembered for ever, and ending all kernels stumbles on it."""
        self._pending_kernels.pop(kernel_id, None)


class LooseConnection(ZMQChannelsWebsocketConnection):
    """A websocket that outlives its kernel: it connects to the next one, too."""

    is_registered = False
    is_attached = False

    async def _register_session(self) -> None:
        """Once a websocket: at a second time it would take itself for a stale one."""
        if not self.is_registered:
            self.is_registered = True
            await super()._register_session()

    async def register(self) -> None:
        """Opens the page's session without a kernel; an older websocket of it is closed."""
        await self._register_session()

    async def attach(self) -> None:
        """Connects to the kernel that runs now. Raises what the kernel's start raised."""
        await super().prepare()
        connected = super().connect()
        if connected is not None:
            self.is_attached = True
            await connected

    def detach(self) -> None:
        """Lets go of a kernel that has ended; the websocket stays open."""
        if self.is_attached:
            self.is_attached = False
            super().disconnect()
            if self.kernel_id in self.multi_kernel_manager:
                self.multi_kernel_manager.stop_buffering(self.kernel_id)
            self._close_future: Future[Any] = Future()
            self._open_sessions[self.session_key] = self.websocket_handler
        self._stop_asking()
        self.channels: dict[str, Any] = {}

    def let_go(self) -> None:
        """Closes the page's session; what a running kernel says is kept for its return."""
        if self.is_attached:
            super().disconnect()
            return
        self._stop_asking()
        if self._open_sessions.get(self.session_key) is self.websocket_handler:
            del self._open_sessions[self.session_key]

    def _stop_asking(self) -> None:
        """The next kernel is another one: it must answer for itself."""
        channel: Any = self.kernel_info_channel
        if channel is not None:
            channel.close()
        self.kernel_info_channel: Any = None
        self._kernel_info_future: Future[Any] = Future()
        self.kernel_manager.__dict__.pop("_kernel_info_future", None)


def done() -> asyncio.Future[None]:
    """What is awaited at once."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future
