"""What a pupil's server may report, and what is not taken."""

from typing import Any

import httpx
import pytest
from support.live_class import ROOM, Hub, Server
from support.waiting import eventually

from technopark.portal.live.work import SILENT, Report, Work

from ..conftest import Open


def test_a_server_speaks_for_its_own_pupil_and_class_alone(bridge: httpx.Client) -> None:
    masha = Server(bridge, "masha")
    answer = masha.report(room="robots-5b", notebook="a.ipynb")
    assert answer.status_code == 403
    assert answer.json()["code"] == "not-yours"


@pytest.mark.parametrize("header", ["", "token made-up", "Basic bWFzaGE6"])
def test_without_a_servers_token_nothing_is_taken(bridge: httpx.Client, header: str) -> None:
    answer = bridge.put(f"/work/{ROOM}", json={}, headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_cookie_of_the_pages_counts_nothing_here(bridge: httpx.Client) -> None:
    assert bridge.put(f"/work/{ROOM}", json={}, headers={"X-Name": "anna"}).status_code == 401


@pytest.mark.parametrize(
    "told",
    [
        {"code": "print('my own text')"},
        {"notebook": "a" * 121},
        {"task": "two\nlines"},
        {"error": "dear teacher, ..."},
        {"passed": -1},
        {"hand": "up"},
        {"error_seconds": "soon"},
    ],
    ids=str,
)
def test_what_is_no_report_is_not_taken(bridge: httpx.Client, told: dict[str, Any]) -> None:
    answer = Server(bridge, "masha").report(**told)
    assert answer.status_code == 422
    assert str(next(iter(told.values()))) not in answer.text, "and is not said again"


def test_what_is_too_large_is_not_read(bridge: httpx.Client) -> None:
    assert Server(bridge, "masha").report(notebook="a" * 3000).status_code == 413


def test_nobody_reports_all_the_time(bridge: httpx.Client) -> None:
    masha = Server(bridge, "masha")
    assert masha.report().status_code == 200
    answer = masha.report()
    assert answer.status_code == 429
    assert answer.headers["Retry-After"]
    eventually(lambda: masha.report().status_code == 200, 3, "a little later it is taken")


def test_the_pages_are_not_below_the_way_of_servers(bridge: httpx.Client) -> None:
    assert bridge.get("/work/classrooms").status_code == 405
    assert bridge.get("/classrooms").status_code == 404


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


NAME = ("masha", ROOM)


def test_who_falls_silent_is_forgotten() -> None:
    clock = Clock()
    work = Work(clock)
    work.take(NAME, Report(notebook="a.ipynb"))
    clock.now += SILENT
    assert work.of(NAME)
    clock.now += 1
    assert work.of(NAME) is None
    work.take(("petya", ROOM), Report())
    assert NAME not in work._known


def test_how_long_an_error_lasts_is_the_servers_word_and_goes_on_here() -> None:
    clock = Clock()
    work = Work(clock)
    work.take(NAME, Report(error="NameError", error_seconds=60))
    clock.now += 60
    known = work.of(NAME)
    assert known
    assert known.error_since is not None
    assert work.now - known.error_since == 120


def test_a_hand_keeps_its_time_while_it_is_up() -> None:
    clock = Clock()
    work = Work(clock)
    for _ in range(3):
        assert work.take(NAME, Report(hand=5))
        clock.now += 10
    known = work.of(NAME)
    assert known
    assert known.hand_since == 1000
    assert work.lower(NAME)
    assert not work.lower(NAME)
    assert not work.take(NAME, Report(hand=5))


def test_a_pupil_who_is_away_by_the_hubs_word_works_at_nothing(
    hub: Hub, sit_down: Open, bridge: httpx.Client
) -> None:
    Server(bridge, "masha").report(notebook="a.ipynb", hand=1)
    page = sit_down("anna").see(f"classrooms/{ROOM}/live")
    assert "Hand up" not in page
