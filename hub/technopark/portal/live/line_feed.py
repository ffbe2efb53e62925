"""Where servers stand, as the hub tells it: one stream for this process, however many look on.

Kept by `live`; listened to by boards. Without a listener there is no stream, and the hub does
nothing. It is told and never asks; nobody waits for it.
"""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from technopark.admission.looks import State

log = logging.getLogger(__name__)

AGAIN = 1.0
"""Seconds until a lost stream is asked for again."""
SILENT = 25.0
"""The hub says something at least every ten seconds: after so many the stream counts as lost."""
LINGER = 20.0
"""Seconds that the stream stays when nobody looks on any more: a page may just be loaded anew."""

ServerName = tuple[str, str]
Stands = tuple[State, int | None]
"""State, and place in line."""

AWAY: Stands = (State.AWAY, None)


class LineFeed:
    """The hub's word on where servers stand.

    Args:
        hub_api_url: the hub's API.
        token: the portal's own.
    """

    def __init__(self, hub_api_url: str, token: str) -> None:
        self._url = f"{hub_api_url.rstrip('/').removesuffix('/api')}/line"
        self._headers = {"Authorization": f"token {token}"}
        self._servers: dict[ServerName, Stands] = {}
        self._listeners = 0
        self._work: asyncio.Task[None] | None = None
        self._end: asyncio.TimerHandle | None = None
        self.heard = asyncio.Event()
        """Set while what is known is the hub's newest word."""

    @property
    def is_known(self) -> bool:
        """Whether the hub tells where servers stand."""
        return self.heard.is_set()

    def stands(self, name: ServerName) -> Stands:
        """Where a server stands; away, also where the hub is not heard."""
        return self._servers.get(name, AWAY)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within the block the stream is there."""
        self._listeners += 1
        if self._end:
            self._end.cancel()
            self._end = None
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._end = asyncio.get_running_loop().call_later(LINGER, self._stop)

    async def close(self) -> None:
        """Ends the stream for good."""
        work = self._work
        self._stop()
        if work:
            with suppress(asyncio.CancelledError):
                await work

    def _stop(self) -> None:
        if self._end:
            self._end.cancel()
            self._end = None
        if self._work:
            self._work.cancel()
            self._work = None
        self.heard.clear()

    async def _keep(self) -> None:
        timeout = httpx.Timeout(5.0, read=SILENT)
        async with httpx.AsyncClient(timeout=timeout, trust_env=False) as client:
            while True:
                try:
                    await self._listen(client)
                except (httpx.HTTPError, ValueError) as error:
                    if self.heard.is_set():
                        log.warning("The hub does not tell of its line: %r", error)
                self.heard.clear()
                await asyncio.sleep(AGAIN)

    async def _listen(self, client: httpx.AsyncClient) -> None:
        async with client.stream("GET", self._url, headers=self._headers) as answer:
            answer.raise_for_status()
            async for line in answer.aiter_lines():
                if line.startswith("data: "):
                    self._take(json.loads(line.removeprefix("data: ")))

    def _take(self, event: dict[str, Any]) -> None:
        if event["all"]:
            self._servers = {}
        for person, classroom, state, place in event["servers"]:
            stands = (State(state), place)
            if stands == AWAY:
                self._servers.pop((person, classroom), None)
            else:
                self._servers[person, classroom] = stands
        self.heard.set()
