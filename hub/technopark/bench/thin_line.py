"""A thin line between browsers and a park: so many bits a second for all together, so much delay.

Called by the bench `page`. It counts what crosses it, both ways, and knows nothing of pages; the
kernel's own means to slow a network (netem) are not everywhere.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_CHUNK = 16 << 10
_AHEAD = 16
"""Chunks of one connection that may be on their way; more wait where they come from."""

_REQUEST = re.compile(rb"(?:\A|\r\n)(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \S+ HTTP/1\.1\r\n")


class ThinLine:
    """The line and what has crossed it since `forget`.

    Args:
        port: the TCP port of this machine at its far end.
        bits_per_s: what all connections have together, both ways.
        round_trip_s: seconds that a question and its answer are on their way.
    """

    def __init__(self, port: int, bits_per_s: float, round_trip_s: float) -> None:
        self._port = port
        self._bytes_per_s = bits_per_s / 8
        self._round_trip_s = round_trip_s
        self._free_at = 0.0
        self._connections: set[asyncio.Task[None]] = set()
        self.is_wide = False
        """Whether it is as fast as the machine just now, while something is made ready."""
        self.forget()

    def forget(self) -> None:
        """Begins to count anew."""
        self.bytes = 0
        self.requests = 0

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carries one connection to its end."""
        task = asyncio.current_task()
        if task:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        async with _closed_at_the_end(writer):
            if not self.is_wide:
                await asyncio.sleep(self._round_trip_s)  # the greeting of TCP
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
            async with _closed_at_the_end(far_writer), asyncio.TaskGroup() as ways:
                ways.create_task(self._carry(reader, far_writer, asks=True))
                ways.create_task(self._carry(far_reader, writer, asks=False))

    async def cut(self) -> None:
        """Ends all connections."""
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asks: bool
    ) -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_AHEAD)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._send(reader, under_way, asks=asks))
            both.create_task(_deliver(under_way, writer))

    async def _send(
        self,
        reader: asyncio.StreamReader,
        under_way: "asyncio.Queue[tuple[float, bytes]]",
        *,
        asks: bool,
    ) -> None:
        while chunk := await reader.read(_CHUNK):
            self.bytes += len(chunk)
            self.requests += len(_REQUEST.findall(chunk)) if asks else 0
            await under_way.put((await self._turn(len(chunk)), chunk))
        await under_way.put((time.monotonic() + self._round_trip_s / 2, b""))

    async def _turn(self, size: int) -> float:
        """Waits until so many bytes have gone into the line; says when they come out of it."""
        now = time.monotonic()
        if self.is_wide:
            return now
        self._free_at = max(now, self._free_at) + size / self._bytes_per_s
        await asyncio.sleep(self._free_at - now)
        return self._free_at + self._round_trip_s / 2


async def _deliver(
    under_way: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter
) -> None:
    while True:
        due, chunk = await under_way.get()
        await asyncio.sleep(due - time.monotonic())
        if not chunk:
            with suppress(OSError):
                writer.write_eof()
            return
        writer.write(chunk)
        await writer.drain()


@asynccontextmanager
async def _closed_at_the_end(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    """Closes it after the block, however that ends: one side hung up, or the bench is over."""
    try:
        yield
    except* (OSError, asyncio.CancelledError):
        pass
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def thin_line(
    near: int, far: int, bits_per_s: float, round_trip_s: float
) -> AsyncIterator[ThinLine]:
    """A line from port `near` to port `far` of this machine, for as long as the block runs."""
    line = ThinLine(far, bits_per_s, round_trip_s)
    server = await asyncio.start_server(line.connect, "127.0.0.1", near)
    try:
        yield line
    finally:
        server.close()
        await line.cut()
        await server.wait_closed()
