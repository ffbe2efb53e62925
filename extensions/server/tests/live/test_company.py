"""A pupil's server notices who else is there, and when they have left."""

from types import SimpleNamespace
from typing import Any

import pytest

from technopark_server.live.company import STAYS, Company


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def company(clock: Clock) -> Company:
    return Company("masha", clock)


class Request:
    """What tornado calls a handler."""

    def __init__(self, name: str | None) -> None:
        self._current_user = SimpleNamespace(username=name) if name else None


class Page(Request):
    """One whose websocket is open."""

    ws_connection: Any = object()


def test_the_pupil_alone_is_no_company(company: Company) -> None:
    for one in (Request("masha"), Page("masha"), Request(None), object()):
        company.met(one)
    assert company.present() == ()


def test_somebody_is_there_as_long_as_a_page_is_open(company: Company, clock: Clock) -> None:
    page = Page("anna")
    company.met(page)
    clock.now += 3600
    assert company.present() == ("anna",)
    page.ws_connection = None
    clock.now += STAYS - 1
    assert company.present() == ("anna",), "the page may just be loaded anew"
    clock.now += 2
    assert company.present() == ()


def test_somebody_without_a_page_stays_a_moment(company: Company, clock: Clock) -> None:
    company.met(Request("anna"))
    assert company.present() == ("anna",)
    clock.now += STAYS + 1
    assert company.present() == ()


def test_people_are_called_as_the_park_says(company: Company) -> None:
    company.met(Request("anna"))
    assert company.shown() == ["anna"]
    company.are_called({"anna": "Анна П"})
    assert company.shown() == ["Анна П"]


def test_outside_a_hub_nobody_is_looked_for(clock: Clock) -> None:
    company = Company("", clock)
    company.met(Request("somebody"))
    assert company.present() == ()


def test_a_crowd_costs_no_memory(company: Company) -> None:
    for number in range(1000):
        company.met(Request(f"visitor-{number}"))
    assert len(company.present()) == 10
