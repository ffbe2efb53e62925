"""The only way to a lease on another machine, in a container beside the broker.

Arguments: the lease's address and the port of its first process; then, for a kernel, the address
to listen on and the kernel's ports. What comes on standard input goes to the first process, what
it says comes out. Says `ready` when a kernel's last port accepts.
"""

import asyncio
import os
import sys
from contextlib import suppress

_PIECE = 1 << 16
_AGAIN_AFTER = 0.02
_PATIENCE = 60.0
"""Seconds in which the other side must begin to listen."""


async def reach(address: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection, as soon as somebody listens there."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            with suppress(OSError):
                return await asyncio.open_connection(address, port)
            await asyncio.sleep(_AGAIN_AFTER)


async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Hands on what comes until it ends, then ends the other side."""
    with suppress(OSError):
        while content := await source.read(_PIECE):
            target.write(content)
            await target.drain()
    with suppress(OSError):
        target.close()


async def carry_out(source: asyncio.StreamReader) -> None:
    """Hands on to standard output what comes until it ends."""
    while content := await source.read(_PIECE):
        await asyncio.to_thread(write_out, content)


def write_out(content: bytes) -> None:
    """Writes all of it; waits where nobody reads."""
    while content:
        content = content[os.write(1, content) :]


async def open_port(listen: str, address: str, port: int) -> asyncio.Server:
    """Hands on everything between a port here and the lease's."""

    async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(address, port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))

    return await asyncio.start_server(hand_on, listen, port)


async def read_input() -> asyncio.StreamReader:
    """Standard input, which is a pipe."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    return reader


async def main(address: str, port: str, listen: str = "", *ports: str) -> None:
    """Ends when the lease's first process has ended."""
    reader, writer = await reach(address, int(port))
    servers = [await open_port(listen, address, int(each)) for each in ports]
    if ports:
        _, heartbeat = await reach(address, int(ports[-1]))
        heartbeat.close()
        write_out(b"ready\n")
    entering = asyncio.create_task(carry(await read_input(), writer))
    await carry_out(reader)
    entering.cancel()
    for server in servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
    os._exit(0)  # a thread or a pipe that still waits is nobody's any more
