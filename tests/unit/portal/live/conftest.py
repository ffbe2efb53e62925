"""What tests of the class's page share: a hub that tells of its line, servers that report."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from support.service import running
from support.waiting import eventually

from technopark.people import classrooms
from technopark.portal.app import pages
from technopark.portal.frame import PREFIX
from technopark.portal.live import board, line_feed
from technopark.portal.live.parts import living
from technopark.portal.seals import Seals
from technopark.portal.visits import Parts
from technopark.settings import Settings
from technopark.store import Store

ROOM = "data-6a"
TOKEN = "the-portals"


class Hub:
    """Stands in for the hub: says whose token it is, and where servers stand."""

    def __init__(self) -> None:
        self.servers: dict[str, tuple[str, int | None]] = {}
        """By `name/classroom`."""
        self.streams = 0
        self.asked_who = 0
        self.is_away = False

    def put(self, name: str, state: str, place: int | None = None, room: str = ROOM) -> None:
        self.servers = self.servers | {f"{name}/{room}": (state, place)}

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/hub/api/user")
        def user(request: Request) -> Response:
            self.asked_who += 1
            token = request.headers["Authorization"].removeprefix("token ")
            if not token.startswith("of-"):
                return JSONResponse({}, 403)
            name, room = token.removeprefix("of-").split("/")
            scope = f"access:servers!server={name}/{room}"
            return JSONResponse({"kind": "user", "name": name, "scopes": [scope]})

        @app.get("/hub/line")
        async def line(request: Request) -> Response:
            if self.is_away or request.headers["Authorization"] != f"token {TOKEN}":
                return JSONResponse({}, 403)
            return StreamingResponse(self._tell(), media_type="text/event-stream")

        return app

    async def _tell(self) -> AsyncIterator[str]:
        self.streams += 1
        told: dict[str, Any] | None = None
        try:
            while not self.is_away:
                if told != self.servers:
                    now = self.servers
                    news = [
                        [*name.split("/"), *stands]
                        for name, stands in now.items()
                        if told is None or told.get(name) != stands
                    ]
                    yield f"data: {json.dumps({'all': told is None, 'servers': news})}\n\n"
                    told = now
                await asyncio.sleep(0.01)
        finally:
            self.streams -= 1


class Server:
    """A pupil's server, as far as the portal meets it."""

    def __init__(self, http: httpx.Client, name: str, room: str = ROOM) -> None:
        self._http, self._room = http, room
        self._token = f"of-{name}/{room}"

    def report(self, room: str = "", **told: Any) -> httpx.Response:
        return self._http.put(
            f"/work/{room or self._room}",
            json=told,
            headers={"Authorization": f"token {self._token}"},
        )


class Watcher:
    """A teacher's page that keeps itself up to date."""

    def __init__(self, http: httpx.Client, room: str = ROOM) -> None:
        self.rows: dict[str, str] = {}
        self.summary = ""
        self.rosters: list[str] = []
        self.events = 0
        self.is_over = False
        self._http, self._path = http, f"{PREFIX}classrooms/{room}/live/events"
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        eventually(lambda: self.rows, 10, "the first event")

    def _read(self) -> None:
        try:
            with self._http.stream("GET", self._path, timeout=30) as stream:
                assert stream.headers["Content-Type"].startswith("text/event-stream")
                for line in stream.iter_lines():
                    if line.startswith("data: "):
                        event = json.loads(line.removeprefix("data: "))
                        self.rows |= event["rows"]
                        self.summary = event["summary"]
                        self.rosters.append(event["roster"])
                        self.events += 1
                    if self._ends.is_set():
                        return
        finally:
            self.is_over = True

    def close(self) -> None:
        self._ends.set()
        self._thread.join(10)
        assert self.is_over

    def sees(self, name: str, *words: str) -> bool:
        return all(word in self.rows.get(name, "") for word in words)


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def hub_url(hub: Hub) -> Iterator[str]:
    with running(hub.app()) as address:
        yield f"{address}/hub/api"
        hub.is_away = True  # its streams end


@pytest.fixture
def app(settings: Settings, park: Store, hub_url: str, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """The portal over the small park, beside the stand-in for the hub."""
    from ..conftest import NOW, FakeDoor

    monkeypatch.setattr(line_feed, "AGAIN", 0.05)
    monkeypatch.setattr(line_feed, "LINGER", 0.1)
    door: Any = FakeDoor()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.parts = Parts(settings, park, door, Seals("secret"), now=lambda: NOW)
        async with living(hub_url, TOKEN, settings.portal.stuck_minutes) as live:
            app.state.live = live
            yield

    return pages(lifespan=lifespan)


@pytest.fixture
def bridge(url: str) -> Iterator[httpx.Client]:
    """The way from containers to the portal."""
    with httpx.Client(base_url=url, trust_env=False, headers={"Accept-Language": "en"}) as http:
        yield http


@pytest.fixture
def watch(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Watcher]]:
    """Has somebody look on at a class."""
    monkeypatch.setattr(board, "QUIET", 0.2)
    with ExitStack() as stack:

        def look_on(name: str = "anna", language: str = "en", room: str = ROOM) -> Watcher:
            headers = {"X-Name": name, "Accept-Language": language}
            http = httpx.Client(base_url=url, headers=headers, trust_env=False)
            stack.enter_context(http)
            watcher = Watcher(http, room)
            stack.callback(watcher.close)
            return watcher

        yield look_on


@pytest.fixture
def class_of_thirty(park: Store) -> list[str]:
    """Thirty pupils in the classroom, and nobody else."""
    names = [f"pupil-{number:02}" for number in range(28)]
    with park.write() as session:
        for name in names:
            classrooms.ensure_person(session, name, name.title(), "north")
        session.flush()
        classrooms.add_members(session, ROOM, "pupil", names)
    return ["masha", "petya", *names]
