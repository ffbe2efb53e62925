"""A page's websocket to a kernel, which asks a new kernel again sooner than Jupyter Server does.

Put in place by `extension`. Jupyter Server asks a kernel something, to hear it on the channel of
outputs; where the question is quicker than the subscription it asks again after half a second, and
the first cell waits for that.
"""

import asyncio
from types import new_class
from typing import Any

PAUSES = (0.02, 0.03, 0.05, 0.1, 0.2)
"""Seconds between questions; then Jupyter Server asks by itself."""


class AskingSoon:
    """What is added to a connection's class; `nudge` is its question."""

    kernel_manager: Any
    session: Any

    def nudge(self) -> "asyncio.Future[None]":
        """Asks until the kernel is heard; what it returns is done then."""
        heard: asyncio.Future[None] = super().nudge()  # type: ignore[misc]
        if not heard.done():
            self._asking = asyncio.ensure_future(self._ask_again(heard))
        return heard

    async def _ask_again(self, heard: "asyncio.Future[None]") -> None:
        await asyncio.wait([heard], timeout=PAUSES[0])
        if heard.done():
            return
        channel = self.kernel_manager.connect_control()
        try:
            for pause in PAUSES[1:]:
                self.session.send(channel, "kernel_info_request")
                await asyncio.wait([heard], timeout=pause)
                if heard.done():
                    return
        finally:
            channel.close()


def asking_soon(connection: type) -> type:
    """The class `connection` of a server's websockets, leased kernels' too, asking sooner."""
    return new_class(f"{connection.__name__}AskingSoon", (AskingSoon, connection))
