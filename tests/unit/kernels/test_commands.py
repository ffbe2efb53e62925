"""`technopark leases`: an admin looks, ends a lease, keeps devices for a lesson."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from technopark import settings as park_settings
from technopark.kernels import commands

from .conftest import Holder, Park


@pytest.fixture
def call(broker: Park, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setattr(park_settings, "load", lambda: broker.settings)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(commands.app, list(arguments))
        return str(result.exception) if result.exception else result.output

    return run


def in_moscow(hours: float) -> str:
    moment = datetime.now(ZoneInfo("Europe/Moscow")) + timedelta(hours=hours)
    return moment.strftime("%Y-%m-%dT%H:%M")


def test_a_lease_is_listed_and_ended(masha: Holder, call: Callable[..., str]) -> None:
    assert call("list") == "Nobody has or waits for a lease.\n"
    lease = masha.ask()
    masha.until(lease, "running")
    shown = call("list")
    assert lease["id"][:8] in shown
    assert "masha (data-6a)" in shown
    assert "here-gpu-0" in shown

    assert call("end", lease["id"][:8]).endswith("of masha ends.\n")
    ended = masha.until(lease, "ended", seconds=5)
    assert ended["reason"] == "admin"
    assert "Администратор" in ended["message"]
    assert "names no lease" in call("end", lease["id"][:8])
    assert "names no lease" in call("end", "")


def test_who_waits_is_told_at_once_that_it_is_over(
    masha: Holder, petya: Holder, call: Callable[..., str]
) -> None:
    masha.until(masha.ask(), "running")
    lease = petya.ask()
    call("end", lease["id"])
    seen = petya.look(lease, since=lease["version"], wait=20)
    assert (seen["state"], seen["reason"]) == ("ended", "admin")


def test_a_reserved_device_waits_for_its_lesson(
    broker: Park, masha: Holder, call: Callable[..., str]
) -> None:
    said = call(
        *("reserve", "robots-5b", "--devices", "1"),
        *("--from", in_moscow(-0.02), "--until", in_moscow(1)),
    )
    assert said.startswith("Reserved: r1  robots-5b: 1 GPU")
    lease = masha.ask()
    assert lease["state"] == "waiting"
    robots = broker.holder("oleg@robots-5b")
    robots.until(robots.ask(), "running")

    assert "r1  robots-5b" in call("list")
    assert call("end", "r1") == "The reservation r1 is dropped.\n"
    assert call("end", "r1") == "There is no reservation r1."


@pytest.mark.parametrize(
    ("classroom", "starts", "ends", "said"),
    [
        ("nowhere", "2030-01-01T10:00", "2030-01-01T11:00", "There is no classroom nowhere."),
        ("data-6a", "soon", "2030-01-01T11:00", "soon is not a time. Write it like"),
        ("data-6a", "2030-01-01T12:00", "2030-01-01T11:00", "ends in the future and after its"),
        ("data-6a", "2020-01-01T10:00", "2020-01-01T11:00", "ends in the future and after its"),
    ],
)
def test_a_reservation_that_cannot_be_is_a_sentence(
    call: Callable[..., str], classroom: str, starts: str, ends: str, said: str
) -> None:
    given = call("reserve", classroom, "--devices", "1", "--from", starts, "--until", ends)
    assert said in given
