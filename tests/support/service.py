"""A service of the park as it runs, in this process: the application on a port of loopback."""

import asyncio
import threading
import time
from typing import Any

import uvicorn
from fastapi import FastAPI


class _Server(uvicorn.Server):
    """Stops within milliseconds: there are hundreds of tests."""

    async def main_loop(self) -> None:
        while not self.should_exit:  # noqa: ASYNC110  # uvicorn itself waits so, a tenth of a second
            await asyncio.sleep(0.005)


class running:  # noqa: N801  # reads as a verb
    """Runs an application on a free port of loopback, in a thread."""

    def __init__(self, app: FastAPI, **served: Any) -> None:
        config = uvicorn.Config(
            app, "127.0.0.1", 0, **({"log_level": "critical", "ws": "none"} | served)
        )
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> str:
        self._thread.start()
        until = time.monotonic() + 20
        while not self._server.started:
            assert time.monotonic() < until
            assert self._thread.is_alive()
            time.sleep(0.005)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_error: object) -> None:
        self._server.should_exit = True
        self._thread.join()
