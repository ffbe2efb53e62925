"""Times a kernel as a pupil's browser meets it: over the server's API and the kernel's websocket.

Called by the benches `spawn` and `lease`.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from websockets.asyncio.client import ClientConnection, connect

from technopark.bench.messages import answers, execute_request
from technopark.problem import Problem

PATIENCE = 60.0
"""Seconds after which a kernel that gives no result has failed."""


class KernelError(Problem):
    """A kernel gave no result, or a wrong one."""


@dataclass(frozen=True)
class Clocked:
    """What somebody at a notebook waits for."""

    first_result: float
    """Seconds from the click on a kernel to the result of its first cell."""
    round_trips: list[float]
    """Seconds of each further cell."""


async def clock(
    server: str, authorization: str, kernel: str, *, trips: int = 0, keep: bool = False
) -> Clocked:
    """Starts a kernel, runs a first cell and then `trips` more, ends it.

    Args:
        server: the address of a pupil's server, with a slash at its end.
        authorization: the header that opens it.
        kernel: the name of a kernelspec there.
        trips: how many cells are run after the first.
        keep: let it go on, idle, until the server ends.

    Raises:
        KernelError: no result within a minute, or a wrong one.
    """
    headers = {"Authorization": authorization}
    async with httpx.AsyncClient(
        base_url=server, headers=headers, timeout=PATIENCE, trust_env=False
    ) as client:
        started = time.monotonic()
        async with (
            _kernel(client, kernel, keep) as path,
            _channels(server + path, headers) as socket,
        ):
            try:
                async with asyncio.timeout(PATIENCE):
                    await _run(socket)
                    first = time.monotonic() - started
                    return Clocked(first, [await _timed(socket) for _ in range(trips)])
            except TimeoutError:
                raise KernelError(
                    f"The kernel {kernel} gave no result within {PATIENCE:.0f} s."
                ) from None


@asynccontextmanager
async def _kernel(client: httpx.AsyncClient, name: str, keep: bool) -> AsyncIterator[str]:
    """A kernel for the block, or longer; gives its path."""
    made = await client.post("api/kernels", json={"name": name})
    if made.is_error:
        raise KernelError(f"The server refused a kernel {name}: {made.text}")
    path = f"api/kernels/{made.json()['id']}"
    try:
        yield path
    finally:
        if not keep:
            await client.delete(path)


@asynccontextmanager
async def _channels(address: str, headers: dict[str, str]) -> AsyncIterator[ClientConnection]:
    url = f"{address}/channels".replace("http", "ws", 1)
    async with connect(url, additional_headers=headers, max_size=None, proxy=None) as socket:
        yield socket


async def _timed(socket: ClientConnection) -> float:
    started = time.monotonic()
    await _run(socket)
    return time.monotonic() - started


async def _run(socket: ClientConnection) -> None:
    """Runs `1 + 1` and returns with its result."""
    request = execute_request("1 + 1")
    await socket.send(json.dumps(request))
    async for read in socket:
        answer = json.loads(read)
        if answers(answer, request) and answer["header"]["msg_type"] == "execute_result":
            if (result := answer["content"]["data"]["text/plain"]) != "2":
                raise KernelError(f"The kernel says that 1 + 1 is {result}.")
            return
    raise KernelError("The server closed the connection to the kernel before its result.")
