"""What tests of the class's page share: a hub that tells of its line, servers that report."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from fastapi import FastAPI
from support.live_class import ROOM, Hub
from support.portal_here import portal_here
from support.service import running
from support.waiting import eventually

from technopark.people import classrooms
from technopark.portal.frame import PREFIX
from technopark.portal.live import board, line_feed
from technopark.settings import Settings
from technopark.store import Store


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
    from ..conftest import NOW

    monkeypatch.setattr(line_feed, "AGAIN", 0.05)
    monkeypatch.setattr(line_feed, "LINGER", 0.1)
    return portal_here(settings, park, hub_url, lambda: NOW)


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
