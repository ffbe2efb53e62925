"""Wakes the requests that wait for news of a lease.

Called by `routes` on the event loop, and by `rounds` from any thread.
"""

import asyncio


class News:
    """Of every lease that somebody waits for; made on the event loop that it wakes."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[str, set[asyncio.Event]] = {}

    def tell(self, lease: str) -> None:
        """Wakes who waits for news of `lease`; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake, lease)

    def listen(self, lease: str) -> "Listening":
        """From now on nothing is missed, until the block ends."""
        return Listening(self._waiting, lease)

    def _wake(self, lease: str) -> None:
        for event in self._waiting.get(lease, ()):
            event.set()


class Listening:
    """Somebody who listens for news of one lease, as a `with` block."""

    def __init__(self, waiting: dict[str, set[asyncio.Event]], lease: str) -> None:
        self._waiting, self._lease = waiting, lease
        self._event = asyncio.Event()

    def __enter__(self) -> "Listening":
        self._waiting.setdefault(self._lease, set()).add(self._event)
        return self

    def __exit__(self, *_error: object) -> None:
        others = self._waiting[self._lease]
        others.discard(self._event)
        if not others:
            del self._waiting[self._lease]

    async def told(self, seconds: float) -> None:
        """Returns when there was news since the last call, at the latest after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return
        self._event.clear()
