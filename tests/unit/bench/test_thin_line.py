"""A thin line is as thin and as long as it says, for all who share it, and counts what crosses."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from technopark.bench.own_park import free_ports
from technopark.bench.thin_line import ThinLine, thin_line

ANSWER = 50_000
BYTES_PER_S = 100_000
ROUND_TRIP_S = 0.2
ASK = b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n"


@asynccontextmanager
async def a_line() -> AsyncIterator[tuple[ThinLine, int]]:
    """A line, and its near end; at the far end every request gets `ANSWER` bytes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(bytes(ANSWER))
            await writer.drain()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    near, far = free_ports(2)
    server = await asyncio.start_server(serve, "127.0.0.1", far)
    try:
        async with thin_line(near, far, BYTES_PER_S * 8, ROUND_TRIP_S) as line:
            yield line, near
    finally:
        server.close()
        await server.wait_closed()


async def ask(port: int, times: int = 1) -> float:
    """Seconds for so many requests on one connection."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(times):
        writer.write(ASK)
        await reader.readexactly(ANSWER)
    writer.close()
    await writer.wait_closed()
    return time.monotonic() - began


async def test_what_crosses_is_counted_both_ways() -> None:
    async with a_line() as (line, port):
        line.is_wide = True
        await ask(port, times=3)
        assert line.bytes == 3 * (ANSWER + len(ASK))
        assert line.requests == 3
        line.forget()
        assert (line.bytes, line.requests) == (0, 0)


async def test_a_question_takes_the_greeting_the_way_there_and_back_and_the_bytes() -> None:
    async with a_line() as (_, port):
        took = await ask(port)
    assert took >= 2 * ROUND_TRIP_S + ANSWER / BYTES_PER_S


async def test_all_share_the_line() -> None:
    async with a_line() as (_, port):
        began = time.monotonic()
        await asyncio.gather(ask(port), ask(port), ask(port))
        assert time.monotonic() - began >= 3 * ANSWER / BYTES_PER_S


async def test_a_wide_line_takes_no_time() -> None:
    async with a_line() as (line, port):
        line.is_wide = True
        assert await ask(port) < ANSWER / BYTES_PER_S
