"""The body of a request on its way into the content store: from the event loop to a worker thread.

Called by `routes` for everything that is sent. Bytes are read as fast as they can be written, so
memory stays small; who sends too slowly, or refuses to stop, is cut off.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread
from starlette.requests import ClientDisconnect, Request

from technopark.exchange.content import ContentStore, Staging
from technopark.exchange.intake import receive
from technopark.exchange.refusals import Refusal
from technopark.settings import Exchange as Limits

T = TypeVar("T")

AT_A_TIME = 64
"""Uploads taken at a time in all; each holds a thread."""
OF_ONE_PERSON = 2
PAUSE_SECONDS = 20.0
"""The longest silence between two pieces of an upload."""
WHOLE_SECONDS = 120.0
"""The longest that an upload may take: the deadline looks at its beginning."""
_DRAINED_BYTES = 256 << 20


class Uploads:
    """Everything that is being received at the moment."""

    def __init__(self, content: ContentStore, limits: Limits) -> None:
        self._content = content
        self._limits = limits
        self._threads = anyio.CapacityLimiter(AT_A_TIME)
        self._of: Counter[str] = Counter()

    async def take(self, request: Request, who: str, keep: Callable[[Staging, str], T]) -> T:
        """Receives the request's body and calls `keep` with the staged files and their manifest.

        `keep` runs in the worker thread, when all is on the disk; what it returns is returned.

        Raises:
            Refusal: the body cannot be taken.
            OSError: the disk is full, among others.
        """
        body = request.stream()
        with self._one_more(who):
            try:
                return await anyio.to_thread.run_sync(
                    partial(self._receive, body, keep), limiter=self._threads
                )
            except (Refusal, OSError):
                await _drain(body)
                raise

    def _receive(self, body: AsyncIterator[bytes], keep: Callable[[Staging, str], T]) -> T:
        until = time.monotonic() + WHOLE_SECONDS

        def read() -> bytes:
            pause = min(PAUSE_SECONDS, until - time.monotonic())
            return anyio.from_thread.run(_next_piece, body, pause)

        with self._content.stage() as staging:
            receive(read, staging, self._limits)
            with self._content.keeping():
                return keep(staging, staging.keep())

    @contextmanager
    def _one_more(self, who: str) -> Iterator[None]:
        if self._of[who] >= OF_ONE_PERSON:
            raise Refusal("too-many-uploads")
        self._of[who] += 1
        try:
            yield
        finally:
            self._of[who] -= 1
            if not self._of[who]:
                del self._of[who]


async def _next_piece(body: AsyncIterator[bytes], seconds: float) -> bytes:
    try:
        with anyio.fail_after(seconds):
            return await anext(body, b"")
    except (TimeoutError, ClientDisconnect):
        raise Refusal("cut-off") from None


async def _drain(body: AsyncIterator[bytes]) -> None:
    """Reads on, within reason: a sender who still sends does not hear why they were refused."""
    left = _DRAINED_BYTES
    try:
        with anyio.fail_after(PAUSE_SECONDS):
            async for piece in body:
                left -= len(piece)
                if left < 0:
                    break
    except (TimeoutError, ClientDisconnect, RuntimeError):
        # The sender is gone or too slow: nobody is left to be told.
        return
