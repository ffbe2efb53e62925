"""The program that plays the pupils' browsers in the bench `hub`.

Started by `bench.hub` with the park's address and a file that says who comes; says on standard
output, a JSON line each, when all have arrived and what they met. A process of its own, so that
its CPU is told apart from the hub's.
"""

import asyncio
import json
import random
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

from aiohttp import (
    BaseConnector,
    ClientError,
    ClientResponse,
    ClientResponseError,
    ClientSession,
    ClientTimeout,
    CookieJar,
    TCPConnector,
)

from technopark.bench.hub.people import WORDS, Visit

ARRIVALS_PER_SECOND = 5.0
"""300 pupils within a minute."""
STEADY_SECONDS = 60.0
PAGE_EVERY = 120.0
"""Seconds between two of a pupil's clicks on a page of the hub, on average; many for a lesson."""
MESSAGE_EVERY = 5.0
"""Seconds between two messages of a notebook to its server."""
MESSAGE = json.dumps({"header": {"msg_type": "execute_request"}, "content": {"code": "x" * 400}})
PATIENCE = ClientTimeout(total=180)
STARTED = re.compile(rb'"ready": ?true')
FAILED = re.compile(rb'"failed": ?true')


@dataclass
class Met:
    """What all of them met: seconds of each kind of answer, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def note(self, kind: str, since: float) -> None:
        """One answer of that kind, asked for at the moment `since`."""
        self.seconds.setdefault(kind, []).append(time.monotonic() - since)

    def figures(self) -> dict[str, Any]:
        """Milliseconds: median and 95th percentile of each kind; how many went wrong, and how."""
        found: dict[str, Any] = {"errors": len(self.errors), "first_errors": self.errors[:5]}
        for kind, seconds in self.seconds.items():
            ranks = quantiles(seconds, n=20) if len(seconds) > 1 else seconds * 19
            found[kind] = {
                "answers": len(seconds),
                "p50_ms": round(ranks[9] * 1000, 1),
                "p95_ms": round(ranks[18] * 1000, 1),
                "worst_ms": round(max(seconds) * 1000, 1),
            }
        return found


class Browser:
    """One pupil's browser."""

    def __init__(self, address: str, visit: Visit, connector: BaseConnector, met: Met) -> None:
        self.address, self.visit, self.met = address, visit, met
        self.http = ClientSession(
            address,
            connector=connector,
            connector_owner=False,
            cookie_jar=CookieJar(unsafe=True),  # the park of the bench has a bare IP address
            timeout=PATIENCE,
        )
        self.prefix = f"/user/{visit.name}/{visit.classroom}/"

    async def arrive(self) -> None:
        """Signs in, starts the lesson, waits with its page, and comes in."""
        since = time.monotonic()
        await self._page("/hub/login")
        card = {"username": self.visit.name, "password": WORDS, "_xsrf": self._xsrf()}
        async with self.http.post("/hub/login", data=card) as answer:
            await self._expect(answer, "/hub/home")
        self.met.note("sign_in", since)
        since = time.monotonic()
        async with self.http.get(f"/hub/spawn/{self.visit.name}/{self.visit.classroom}") as answer:
            await answer.read()
            is_waiting = "/spawn-pending/" in str(answer.url)
        if is_waiting:
            await self._wait_for_server()
        async with self.http.get(f"{self.prefix}lab") as answer:
            await self._expect(answer, f"{self.prefix}lab")
        self.met.note("start", since)

    async def stay(self, until: float) -> None:
        """The lesson: a websocket with some traffic, and now and then a page of the hub."""
        async with self._websocket() as socket:
            await asyncio.gather(self._talk(socket, until), self._click(until))

    async def close(self) -> None:
        """Shuts the browser."""
        await self.http.close()

    async def _wait_for_server(self) -> None:
        path = f"/hub/api/users/{self.visit.name}/servers/{self.visit.classroom}/progress"
        headers = {"X-XSRFToken": self._xsrf(), "Sec-Fetch-Mode": "cors"}
        async with self.http.get(path, headers=headers) as events:
            events.raise_for_status()
            async for line in events.content:
                if FAILED.search(line):
                    raise ClientError(line.decode())
                if STARTED.search(line):
                    return

    async def _talk(self, socket: Any, until: float) -> None:
        await asyncio.sleep(random.uniform(0, MESSAGE_EVERY))  # noqa: S311  # no secret
        while time.monotonic() < until:
            since = time.monotonic()
            await socket.send_str(MESSAGE)
            await socket.receive_str()
            self.met.note("message", since)
            await asyncio.sleep(MESSAGE_EVERY)

    async def _click(self, until: float) -> None:
        while True:
            wait = random.expovariate(1 / PAGE_EVERY)
            if time.monotonic() + wait > until:
                return
            await asyncio.sleep(wait)
            since = time.monotonic()
            await self._page("/hub/home")
            self.met.note("page", since)

    async def _page(self, path: str) -> None:
        async with self.http.get(path) as answer:
            await self._expect(answer, path)

    async def _expect(self, answer: ClientResponse, path: str) -> None:
        await answer.read()
        answer.raise_for_status()
        if answer.url.path != path:
            raise ClientError(f"{answer.url.path} instead of {path}")

    @asynccontextmanager
    async def _websocket(self) -> AsyncIterator[Any]:
        url = f"{self.address}{self.prefix}channels".replace("http", "ws", 1)
        async with self.http.ws_connect(url) as socket:
            yield socket

    def _xsrf(self) -> str:
        """The word against forged requests; of the hub's cookies."""
        return next(
            (cookie.value for cookie in self.http.cookie_jar if cookie["path"] == "/hub/"), ""
        )


async def visit_park(address: str, visits: list[Visit]) -> None:
    """Everybody arrives, stays for a while and leaves."""
    met, steady = Met(), Met()
    async with TCPConnector(limit=0) as connector:
        browsers = [Browser(address, visit, connector, met) for visit in visits]
        came = await asyncio.gather(*(_arrive(*each) for each in enumerate(browsers)))
        inside = [browser for browser, is_in in zip(browsers, came, strict=True) if is_in]
        _say({"arrived": len(inside)} | met.figures())
        until = time.monotonic() + STEADY_SECONDS
        for browser in inside:
            browser.met = steady
        await asyncio.gather(*(_stay(browser, until) for browser in inside))
        _say({"stayed": len(inside)} | steady.figures())
        await asyncio.gather(*(browser.close() for browser in browsers))


async def _arrive(number: int, browser: Browser) -> bool:
    await asyncio.sleep(number / ARRIVALS_PER_SECOND)
    try:
        await browser.arrive()
    except (ClientError, TimeoutError) as error:
        browser.met.errors.append(f"{browser.visit.name} could not come: {_short(error)}")
        return False
    return True


async def _stay(browser: Browser, until: float) -> None:
    try:
        await browser.stay(until)
    except (ClientError, TimeoutError, TypeError) as error:
        browser.met.errors.append(f"{browser.visit.name} was thrown out: {_short(error)}")


def _short(error: Exception) -> str:
    if isinstance(error, ClientResponseError):
        return f"{error.status} at {error.request_info.url.path}"
    return repr(error)


def _say(figures: dict[str, Any]) -> None:
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    coming = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    asyncio.run(visit_park(sys.argv[1], [Visit(*each) for each in coming]))
