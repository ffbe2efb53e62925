"""A simulated pupil at the front door: signs in, starts the lesson, opens a kernel, runs cells.

Called by the benches `bell`, `city` and `hub`, and by the soak. It asks for what a browser asks
for, in the same order, but for the pages' pictures and scripts; it knows nothing that a page does
not say, so a stock hub and a park look alike to it.
"""

import asyncio
import html
import json
import re
import resource
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
from yarl import URL

from technopark.bench.messages import execute_request, is_end_of, output_of
from technopark.problem import Problem

PATIENCE_S = 900.0
"""Seconds after which a pupil gives up, whatever they wait for."""

AGAIN_S = 3.0
"""A browser asks again after so long for events that broke off (HTML's `EventSource`)."""

CONNECT_AGAIN_S = 1.0
"""And Lab's page opens a websocket that was closed again after so long."""

_EVENTS = re.compile(r"new EventSource\(\s*\"([^\"]+)\"")
_BROWSER = {"Sec-Fetch-Mode": "navigate", "Accept-Language": "ru"}
_SCRIPT = {"Sec-Fetch-Mode": "cors"}


class PupilError(Problem):
    """Something that a pupil wanted did not come about; says what was answered."""


@dataclass(frozen=True)
class Seat:
    """Who comes, and where to."""

    name: str
    words: str
    """The passphrase."""
    classroom: str = ""
    """The name of the server; a stock hub gives everybody one without a name."""


class Pupil:
    """One pupil with a browser of their own, for as long as an `async with` block runs.

    Every step raises `PupilError` where it does not come about; `step` says which was the last.
    """

    step = "come"
    kernel = ""
    """Its id, once there is one."""

    def __init__(self, address: str, seat: Seat, connector: aiohttp.BaseConnector) -> None:
        self.seat = seat
        self._door = URL(address)
        self._origin = self._door.origin()
        """Of the server's pages: it may have a name of its own."""
        self._browser = aiohttp.ClientSession(
            connector=connector,
            connector_owner=False,
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # the address may be a number
            headers=_BROWSER,
            timeout=aiohttp.ClientTimeout(total=None),  # each step has its own
        )
        self._channels: aiohttp.ClientWebSocketResponse | None = None
        self._heard: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._session = uuid.uuid4().hex  # by which the server knows the page when it comes back
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Shuts the browser."""
        await self.leave_kernel()
        await self._browser.close()

    async def leave_kernel(self) -> None:
        """Drops the websocket to the kernel, as a laptop does whose lid is closed."""
        if self._channels and self._listener:
            await self._channels.close()
            await self._listener
        self._channels = self._listener = None
        self._heard = asyncio.Queue()

    @property
    def _server(self) -> URL:
        return self._origin.with_path(self._path)

    @property
    def _path(self) -> str:
        path = f"/user/{self.seat.name}/"
        return f"{path}{self.seat.classroom}/" if self.seat.classroom else path

    async def sign_in(self) -> None:
        """Types name and words into the form of the front door."""
        async with self._at("sign in"):
            await self._page(self._door.with_path("/hub/login"))
            card = {
                "username": self.seat.name,
                "password": self.seat.words,
                "_xsrf": self._xsrf(self._door.with_path("/hub/")),
            }
            async with self._browser.post(self._door.with_path("/hub/login"), data=card) as answer:
                await _checked(answer)

    async def open_lesson(self) -> None:
        """Clicks on the lesson and follows the waiting page until the lesson's page is there."""
        async with self._at("start"):
            page = await self._page(self._door.with_path(self._spawn_path))
            if "/spawn-pending/" in page.url.path:
                await self._wait(page)
                page = await self._page(page.url)
            if not page.url.path.startswith(self._path):
                raise PupilError(f"the pupil ended at {page.url.path}")
            self._origin = page.url.origin()

    async def leave_lesson(self) -> None:
        """Switches the server off on the pupil's own page, and waits until it is off."""
        await self.leave_kernel()
        async with self._at("switch off"):
            user = self._door.with_path(f"/hub/api/users/{self.seat.name}")
            server = user / "servers" / self.seat.classroom
            headers = {**_SCRIPT, "X-XSRFToken": self._xsrf(self._door.with_path("/hub/"))}
            async with self._browser.delete(server, headers=headers) as answer:
                await _checked(answer)
            while True:
                async with self._browser.get(user, headers=headers) as answer:
                    if self.seat.classroom not in json.loads(await _checked(answer))["servers"]:
                        return
                await asyncio.sleep(AGAIN_S / 10)

    async def open_kernel(self, name: str = "python3") -> None:
        """Opens a kernel, and the websocket that leads to it."""
        async with self._at("kernel"):
            kernel = await self._ask("POST", "api/kernels", {"name": name, "path": ""})
            self.kernel = str(kernel["id"])
            await self._connect()

    async def come_back(self) -> None:
        """Connects to the same kernel again."""
        async with self._at("come back"):
            await self._connect()

    async def _connect(self) -> None:
        """Opens the websocket to the kernel, or opens it again, as one and the same page."""
        address = self._server.joinpath("api", "kernels", self.kernel, "channels")
        self._channels = await self._browser.ws_connect(
            address.with_query(session_id=self._session),
            headers={"Origin": str(self._origin)},
            max_msg_size=0,
        )
        self._heard = asyncio.Queue()
        self._listener = asyncio.create_task(_listen(self._channels, self._heard))

    async def run(self, code: str) -> str:
        """Runs a cell; what it printed or answered."""
        async with self._at("cell"):
            if self._channels is None:
                raise PupilError("there is no kernel")
            if self._channels.closed:
                await self._connect()
            request = execute_request(code)
            await self._channels.send_str(json.dumps(request))
            said = []
            while True:
                message = await self._heard.get()
                if message is None:  # the server keeps meanwhile what the kernel says
                    await asyncio.sleep(CONNECT_AGAIN_S)
                    await self._connect()
                    continue
                said.append(output_of(message, request))
                if is_end_of(message, request):
                    return "".join(said)

    async def visit(self, path: str) -> None:
        """Opens a page of the hub, such as /hub/home.

        Raises:
            PupilError: another page came.
        """
        async with self._at("page"):
            page = await self._page(self._door.with_path(path))
            if page.url.path != path:
                raise PupilError(f"the pupil ended at {page.url.path}")

    async def fetch(self, address: str, *, is_page: bool = False) -> int:
        """Fetches a page or something that it is made of, and drops it; the answer's status."""
        headers = {
            **(_BROWSER if is_page else _SCRIPT),
            "Accept-Encoding": "gzip, br",
            "X-XSRFToken": self._xsrf(self._server),
        }
        url = URL(address, encoded=True)
        async with self._at("page"):
            try:
                return await self._drop(url, headers)
            except aiohttp.ServerDisconnectedError:
                # A connection that was kept for later; a browser asks again on a new one.
                return await self._drop(url, headers)

    async def _drop(self, url: URL, headers: dict[str, str]) -> int:
        async with self._browser.get(url, headers=headers, auto_decompress=False) as answer:
            await answer.read()
            if answer.url.path.startswith(self._path):
                self._origin = answer.url.origin()
            return answer.status

    async def ask(self, step: str, method: str, path: str, body: Any = None) -> Any:
        """Calls the server's API as the page in the browser does, in the step of this name."""
        async with self._at(step):
            return await self._ask(method, path, body)

    async def _ask(self, method: str, path: str, body: Any) -> Any:
        headers = {**_SCRIPT, "X-XSRFToken": self._xsrf(self._server)}
        address = self._server.join(URL(path))
        async with self._browser.request(method, address, json=body, headers=headers) as answer:
            return json.loads(await _checked(answer) or "null")

    @asynccontextmanager
    async def _at(self, step: str) -> AsyncIterator[None]:
        """The block is the step of this name; what breaks in it is a `PupilError`."""
        self.step = step
        try:
            async with asyncio.timeout(PATIENCE_S):
                yield
        except TimeoutError:
            raise PupilError(f"the pupil gave up after {PATIENCE_S:.0f} s") from None
        except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError) as error:
            raise PupilError(f"{type(error).__name__}: {error}") from error

    @property
    def _spawn_path(self) -> str:
        path = f"/hub/spawn/{self.seat.name}"
        return f"{path}/{self.seat.classroom}" if self.seat.classroom else path

    async def _page(self, address: URL) -> "_Page":
        async with self._browser.get(address) as answer:
            return _Page(answer.url, await _checked(answer))

    async def _wait(self, page: "_Page") -> None:
        """Follows the events of a waiting page until they say that the server is ready."""
        found = _EVENTS.search(page.text)
        if found is None:
            raise PupilError("the waiting page follows no events")
        address = page.url.join(URL(html.unescape(found[1])))
        while True:
            async for news in self._events(address):
                if news.get("failed"):
                    raise PupilError(str(news.get("message")))
                if news.get("ready"):
                    return
            await asyncio.sleep(AGAIN_S)

    async def _events(self, address: URL) -> AsyncIterator[dict[str, Any]]:
        async with self._browser.get(address, headers={"Accept": "text/event-stream"}) as answer:
            answer.raise_for_status()
            async for line in answer.content:
                if line.startswith(b"data:"):
                    yield json.loads(line.removeprefix(b"data:"))

    def _xsrf(self, address: URL) -> str:
        """The word against forged requests that pages below `address` were given."""
        word = self._browser.cookie_jar.filter_cookies(address).get("_xsrf")
        return word.value if word else ""


@dataclass(frozen=True)
class _Page:
    url: URL
    """Where the browser ended up."""
    text: str


async def _listen(
    channels: aiohttp.ClientWebSocketResponse, heard: asyncio.Queue[dict[str, Any] | None]
) -> None:
    """Hears all that the kernel says; a browser answers the server's pings meanwhile, too."""
    async for frame in channels:
        if frame.type is aiohttp.WSMsgType.TEXT:
            heard.put_nowait(json.loads(frame.data))
    heard.put_nowait(None)


@asynccontextmanager
async def front_door() -> AsyncIterator[aiohttp.BaseConnector]:
    """The connections of all pupils of a crowd; there is no limit to their number."""
    # Several a pupil, and a shell allows 1024 files.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    async with aiohttp.TCPConnector(limit=0) as connector:
        yield connector


async def _checked(answer: aiohttp.ClientResponse) -> str:
    """The text of an answer.

    Raises:
        aiohttp.ClientResponseError: it says no.
    """
    text = await answer.text()
    answer.raise_for_status()
    return text
