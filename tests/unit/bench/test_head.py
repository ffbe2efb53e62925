"""The head of a bench's park asks the hub for warm servers, and waits until they are there."""

import json

import httpx
import pytest

from technopark.bench import head as heads
from technopark.bench.head import Head, HeadError
from technopark.bench.pupil import Seat

SEATS = [Seat(f"pupil-{number:03}", "words", "class-00") for number in range(60)]


class StandIn:
    """A hub whose servers need two looks to start or stop; `refuses` are pupils it says no to."""

    def __init__(self, refuses: str = "") -> None:
        self.asked: list[tuple[str, str, object]] = []
        self.servers: dict[str, dict[str, object]] = {}
        self.looks = 0
        self._refuses = refuses

    def __call__(self, request: httpx.Request) -> httpx.Response:
        parts = request.url.path.split("/")
        if request.method == "GET":
            return httpx.Response(200, json=self._users(request.url.params))
        name = parts[4]
        body = json.loads(request.content) if request.content else None
        self.asked.append((request.method, request.url.path, body))
        if name == self._refuses:
            return httpx.Response(403, text="not yours")
        if request.method == "DELETE" and name not in self.servers:
            return httpx.Response(404)
        self.servers[name] = {"pending": "spawn" if request.method == "POST" else "stop"}
        return httpx.Response(202)

    def _users(self, query: httpx.QueryParams) -> list[dict[str, object]]:
        first, limit = int(query["offset"]), int(query["limit"])
        if first == 0:
            self.looks += 1
        if self.looks == 2:
            kept = {n: s for n, s in self.servers.items() if s["pending"] != "stop"}
            self.servers = {name: {"pending": None, "ready": True} for name in kept}
        names = sorted(self.servers)[first : first + limit]
        return [{"servers": {"class-00": {"ready": False, **self.servers[name]}}} for name in names]


@pytest.fixture(autouse=True)
def without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "_LOOK_S", 0)


def head_of(hub: StandIn) -> Head:
    return Head(httpx.Client(base_url="http://park", transport=httpx.MockTransport(hub)))


def test_servers_are_warmed_in_the_words_of_the_timetable() -> None:
    hub = StandIn()
    assert head_of(hub).warm_up(SEATS) == 60  # more than the hub tells of at a time
    assert {asked[0] for asked in hub.asked} == {"POST"}
    assert {asked[1] for asked in hub.asked} == {
        f"/hub/api/users/{seat.name}/servers/class-00" for seat in SEATS
    }
    assert all(asked[2] == {"user_options": {"warm": True}} for asked in hub.asked)


def test_stopping_waits_until_no_server_is_left() -> None:
    hub = StandIn()
    hub.servers = {seat.name: {"pending": None, "ready": True} for seat in SEATS[:3]}
    head_of(hub).stop(SEATS)
    assert hub.servers == {}
    assert hub.looks == 2


def test_a_hub_that_refuses_is_quoted() -> None:
    with pytest.raises(HeadError, match="403 not yours"):
        head_of(StandIn(refuses="pupil-007")).warm_up(SEATS)


def test_a_hub_that_never_gets_ready_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "PATIENCE_S", 0)
    hub = StandIn()
    with pytest.raises(HeadError, match="not through with its starts"):
        head_of(hub).warm_up(SEATS[:1])
