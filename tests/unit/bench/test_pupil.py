"""A simulated pupil does what a browser does, against a stand-in for hub, proxy and server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler

from technopark.bench import pupil as pupils
from technopark.bench.crowd import first_cell
from technopark.bench.pupil import Pupil, PupilError, Seat, front_door

MASHA = Seat("masha", "three good words", "data-6a")
HOME = "/user/masha/data-6a/"
READY: dict[str, Any] = {"progress": 100, "ready": True}
PENDING = '<script>const events = new EventSource("/hub/api/progress?_xsrf=a&amp;b=1");</script>'


@dataclass
class StandIn:
    """What a pupil meets; `news` are the events of the waiting page, one list a connection."""

    news: list[list[dict[str, Any]]] = field(default_factory=lambda: [[READY]])
    answer: str = "2"
    closes: int = 0
    """So often the websocket is closed instead of an answer, which waits for the page's return."""
    kept: list[tuple[str, Any]] = field(default_factory=list)
    """What the kernel said to a page that was away, with the page's session."""
    seen: list[str] = field(default_factory=list)
    ready: bool = False

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._note])
        app.add_routes(
            [
                web.get("/hub/login", self._login_page),
                web.post("/hub/login", self._login),
                web.get("/hub/home", self._home),
                web.get("/hub/spawn/masha/data-6a", self._spawn),
                web.get("/hub/spawn-pending/masha/data-6a", self._pending),
                web.get("/hub/api/progress", self._events),
                web.get(f"{HOME}lab", self._lab),
                web.post(f"{HOME}api/kernels", self._kernel),
                web.get(f"{HOME}api/kernels/k1/channels", self._channels),
            ]
        )
        return app

    @web.middleware
    async def _note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.seen.append(f"{request.method} {request.path}")
        return await handler(request)

    async def _home(self, _request: web.Request) -> web.Response:
        return web.Response(text="home")

    async def _login_page(self, _request: web.Request) -> web.Response:
        page = web.Response(text="Hello!")
        page.set_cookie("_xsrf", "of-the-hub", path="/hub/")
        return page

    async def _login(self, request: web.Request) -> web.Response:
        card = await request.post()
        right = (card["username"], card["password"], card["_xsrf"])
        if right != ("masha", "three good words", "of-the-hub"):
            raise web.HTTPForbidden
        raise web.HTTPFound("/hub/home")

    async def _spawn(self, _request: web.Request) -> web.Response:
        raise web.HTTPFound("/hub/spawn-pending/masha/data-6a")

    async def _pending(self, _request: web.Request) -> web.Response:
        if self.ready:
            raise web.HTTPFound(f"{HOME}lab")
        return web.Response(text=PENDING, content_type="text/html")

    async def _events(self, request: web.Request) -> web.StreamResponse:
        assert dict(request.query) == {"_xsrf": "a", "b": "1"}
        events = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await events.prepare(request)
        for each in self.news.pop(0):
            self.ready = bool(each.get("ready"))
            await events.write(f"data: {json.dumps(each)}\n\n".encode())
        return events

    async def _lab(self, _request: web.Request) -> web.Response:
        page = web.Response(text="Lab")
        page.set_cookie("_xsrf", "of-the-server", path=HOME)
        return page

    async def _kernel(self, request: web.Request) -> web.Response:
        assert request.headers["X-XSRFToken"] == "of-the-server"
        return web.json_response({"id": "k1"})

    async def _channels(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        session = request.query["session_id"]
        for whose, parent in self.kept:
            assert whose == session
            await self._say(socket, parent)
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                parent = json.loads(frame.data)["header"]
                if self.closes:
                    self.closes -= 1
                    self.kept.append((session, parent))
                    await socket.close()
                else:
                    await self._say(socket, parent)
        return socket

    async def _say(self, socket: web.WebSocketResponse, parent: Any) -> None:
        for kind, content in (
            ("execute_result", {"data": {"text/plain": self.answer}}),
            ("status", {"execution_state": "idle"}),
        ):
            header = {"msg_type": kind}
            message = {"header": header, "parent_header": parent, "content": content}
            await socket.send_json(message)


@asynccontextmanager
async def visit(stand_in: StandIn, seat: Seat = MASHA) -> AsyncIterator[Pupil]:
    """A pupil before the door of the stand-in."""
    runner = web.AppRunner(stand_in.application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with front_door() as connector, Pupil(site_address(runner), seat, connector) as pupil:
            yield pupil
    finally:
        await runner.cleanup()


def site_address(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}"


async def lesson(stand_in: StandIn, seat: Seat = MASHA) -> str:
    """From the door to a first cell; the step that did not come about, with its reason."""
    async with visit(stand_in, seat) as pupil:
        try:
            await pupil.sign_in()
            await first_cell(pupil)
        except PupilError as error:
            return f"{pupil.step}: {error}"
        return ""


def test_a_pupil_asks_for_what_a_browser_asks_for() -> None:
    stand_in = StandIn(news=[[{"progress": 30}, READY]])
    assert asyncio.run(lesson(stand_in)) == ""
    assert stand_in.seen == [
        "GET /hub/login",
        "POST /hub/login",
        "GET /hub/home",
        "GET /hub/spawn/masha/data-6a",
        "GET /hub/spawn-pending/masha/data-6a",
        "GET /hub/api/progress",
        "GET /hub/spawn-pending/masha/data-6a",
        f"GET {HOME}lab",
        f"POST {HOME}api/kernels",
        f"GET {HOME}api/kernels/k1/channels",
    ]


def test_a_server_that_is_ready_is_not_waited_for() -> None:
    stand_in = StandIn(ready=True)
    assert asyncio.run(lesson(stand_in)) == ""
    assert "GET /hub/api/progress" not in stand_in.seen


def test_events_that_break_off_are_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pupils, "AGAIN_S", 0)
    stand_in = StandIn(news=[[{"progress": 30}], [READY]])
    assert asyncio.run(lesson(stand_in)) == ""
    assert stand_in.seen.count("GET /hub/api/progress") == 2


def test_a_start_that_fails_is_told_in_the_words_of_the_page() -> None:
    failed = {"progress": 100, "failed": True, "message": "Timeout"}
    assert asyncio.run(lesson(StandIn(news=[[failed]]))) == "start: Timeout"


def test_wrong_words_end_at_the_door() -> None:
    told = asyncio.run(lesson(StandIn(), Seat("masha", "wrong", "data-6a")))
    assert told.startswith("sign in: ClientResponseError: 403")


def test_a_connection_that_is_closed_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pupils, "CONNECT_AGAIN_S", 0)
    stand_in = StandIn(closes=1)
    assert asyncio.run(lesson(stand_in)) == ""
    assert stand_in.seen.count(f"GET {HOME}api/kernels/k1/channels") == 2


def test_a_wrong_result_is_no_start() -> None:
    assert asyncio.run(lesson(StandIn(answer="3"))) == "cell: the kernel says that 1 + 1 is 3"


def test_a_pupil_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pupils, "PATIENCE_S", 0.05)
    monkeypatch.setattr(pupils, "AGAIN_S", 60)
    told = asyncio.run(lesson(StandIn(news=[[{"progress": 30}]])))
    assert told.startswith("start: the pupil gave up")
