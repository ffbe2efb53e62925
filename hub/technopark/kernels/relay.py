"""The stream of a sandbox as a WebSocket: its standard input and output, as they are.

Mounted by `app`. What is read on one side is written on the other before more is read, so that
little is in between however much a submission prints. When either side ends, so does the sandbox.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from technopark.engine.leased import Stream
from technopark.kernels.broker import Broker
from technopark.kernels.routes import Service
from technopark.services.answers import refusal_answer
from technopark.services.identity import Caller
from technopark.services.refusals import Refusal

log = logging.getLogger("technopark.kernels")
router = APIRouter()

_SIGN_OF_LIFE_SECONDS = 10.0

SERVED: dict[str, Any] = {
    "ws": "websockets-sansio",
    "ws_max_size": 33 << 20,  # a line to a sandbox has at most 32 MiB
    "ws_per_message_deflate": False,  # a loop that prints would cost cores to compress
    "ws_ping_timeout": 120,  # a sandbox that computes may not read for a while
}
"""How uvicorn is to serve the streams."""


@router.websocket("/leases/{lease_id}/stream")
async def stream(socket: WebSocket, lease_id: str) -> None:
    """Both ways, until one of them ends."""
    service: Service = socket.app.state.service
    # Threads of its own: two that read and write for as long as it lasts, one to close.
    with ThreadPoolExecutor(3, thread_name_prefix=f"stream-{lease_id:.8}") as threads:
        try:
            who = await service.identities.caller(socket.headers.get("Authorization", ""))
            loop = asyncio.get_running_loop()
            box = await loop.run_in_executor(threads, service.broker.stream, who, lease_id)
        except Refusal as refusal:
            answer = refusal_answer(socket, refusal, service.language)
            await socket.send_denial_response(answer)
            return
        await socket.accept()
        try:
            await _relay(socket, box, threads, service.broker, lease_id)
        finally:
            await asyncio.shield(
                loop.run_in_executor(threads, _end, service.broker, who, lease_id, box)
            )
    with suppress(RuntimeError, WebSocketDisconnect):  # the other side closed first
        await socket.close()


async def _relay(
    socket: WebSocket, box: Stream, threads: ThreadPoolExecutor, broker: Broker, lease_id: str
) -> None:
    """Returns when one of both directions has ended."""
    ways = [
        asyncio.create_task(_out(socket, box, threads)),
        asyncio.create_task(_in(socket, box, threads)),
        asyncio.create_task(_live(broker, lease_id)),
    ]
    done, left = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in left:
        way.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    for way in done:
        way.result()


async def _out(socket: WebSocket, box: Stream, threads: ThreadPoolExecutor) -> None:
    loop = asyncio.get_running_loop()
    with suppress(WebSocketDisconnect, RuntimeError, OSError):
        while content := await loop.run_in_executor(threads, box.read):
            await socket.send_bytes(content)


async def _in(socket: WebSocket, box: Stream, threads: ThreadPoolExecutor) -> None:
    loop = asyncio.get_running_loop()
    with suppress(WebSocketDisconnect, KeyError, OSError):
        while True:
            content = await socket.receive_bytes()
            await loop.run_in_executor(threads, box.write, content)


async def _live(broker: Broker, lease_id: str) -> None:
    while True:
        broker.hear(lease_id)
        await asyncio.sleep(_SIGN_OF_LIFE_SECONDS)


def _end(broker: Broker, who: Caller, lease_id: str, box: Stream) -> None:
    """The sandbox has done its work; closing the stream ends the thread that reads."""
    box.close()
    broker.end_stream(who, lease_id)
