"""A lease's life as its holder sees it: asked, granted, used, given back."""

import time
from typing import Any

import pytest
from support.fake_engine import FakeEngine
from support.waiting import eventually

from technopark.settings import GpuLeases, Leases

from .conftest import Holder, Park


def test_a_pupil_asks_for_a_gpu_uses_it_and_gives_it_back(
    masha: Holder, engine: FakeEngine
) -> None:
    lease = masha.ask(cwd="data-6a", environment={"JPY_SESSION_NAME": "a.ipynb", "SECRET": "s"})
    seen = masha.until(lease, "running")
    (box,) = engine.running("gpu")
    ports = [seen["address"][f"{name}_port"] for name in ("shell", "iopub", "stdin", "control")]
    assert ports == [52000, 52001, 52002, 52003]
    assert (seen["device"], seen["place"], seen["reason"]) == ("here-gpu-0", None, None)
    assert 0 < seen["ends_in_s"] <= 40 * 60
    assert [way.server for way in engine.ways] == ["10.0.0.2"]
    assert box.order.environment["TECHNOPARK_DEVICE"] == "here-gpu-0"
    assert box.order.environment["JPY_SESSION_NAME"] == "a.ipynb"
    assert "SECRET" not in box.order.environment

    masha.release(lease)
    ended = masha.look(lease)
    assert (ended["state"], ended["reason"], ended["address"]) == ("ended", "released", None)
    eventually(lambda: not engine.boxes and not engine.ways, 5, "the container is gone")
    masha.release(lease)


def test_who_comes_second_waits_in_line_and_is_told_the_place(masha: Holder, petya: Holder) -> None:
    first = masha.ask()
    masha.until(first, "running")
    second = petya.ask()
    assert (second["state"], second["place"], second["line"]) == ("waiting", 1, 1)
    assert second["estimate_s"] > 60

    masha.release(first)
    assert petya.until(second, "running")["device"] == "here-gpu-0"


def test_a_long_poll_answers_as_soon_as_there_is_news(masha: Holder, engine: FakeEngine) -> None:
    engine.gate.clear()
    lease = masha.ask()
    assert lease["state"] == "starting"
    started = time.monotonic()
    same = masha.look(lease, since=lease["version"], wait=0.3)
    assert same["version"] == lease["version"]
    assert time.monotonic() - started >= 0.3

    engine.gate.set()
    news = masha.look(lease, since=lease["version"], wait=20)
    assert news["state"] == "running"
    assert time.monotonic() - started < 10


def test_waiting_can_be_given_up_at_once(masha: Holder, petya: Holder) -> None:
    masha.until(masha.ask(), "running")
    second = petya.ask()
    petya.release(second)
    ended = petya.look(second)
    assert (ended["state"], ended["reason"], ended["place"]) == ("ended", "cancelled", None)


def test_a_kernel_that_was_stopped_starts_again_in_its_place(
    masha: Holder, petya: Holder, engine: FakeEngine
) -> None:
    lease = masha.ask()
    before = masha.until(lease, "running")
    waiting = petya.ask()
    assert masha.call("POST", f"/leases/{lease['id']}/stop").status_code == 204
    stopped = masha.look(lease)
    assert (stopped["state"], stopped["exit_code"]) == ("stopped", None)
    assert petya.look(waiting)["state"] == "waiting", "the place is held"

    again = masha.ask()
    assert again["id"] == lease["id"]
    after = masha.until(again, "running")
    assert (after["device"], after["address"]) == (before["device"], before["address"])
    assert len(engine.boxes) == 1


def test_a_kernel_that_died_says_so_and_its_place_is_held(
    masha: Holder, engine: FakeEngine
) -> None:
    lease = masha.ask()
    seen = masha.until(lease, "running")
    engine.die(next(iter(engine.boxes)), 139)
    died = masha.look(lease, since=seen["version"], wait=10)
    assert (died["state"], died["exit_code"]) == ("stopped", 139)
    assert "Перезапусти" in died["message"]


def test_a_signal_reaches_the_kernel(masha: Holder, engine: FakeEngine) -> None:
    lease = masha.ask()
    masha.until(lease, "running")
    answer = masha.call("POST", f"/leases/{lease['id']}/signal", json={"number": 2})
    assert answer.status_code == 204
    (box,) = engine.running("gpu")
    assert box.signals == [2]


def test_a_kernel_that_cannot_be_started_fails_and_frees_the_place(
    masha: Holder, petya: Holder, engine: FakeEngine
) -> None:
    engine.fails = "no such image"
    lease = masha.ask()
    failed = masha.until(lease, "ended")
    assert failed["reason"] == "failed"
    assert "не запустилось" in failed["message"]
    engine.fails = ""
    petya.until(petya.ask(), "running")


class TestEnds:
    @pytest.fixture
    def leases(self) -> Leases:
        return Leases(gpu=GpuLeases(minutes=40, idle_minutes=10, hold_seconds=60))

    def test_a_holder_who_says_nothing_for_a_minute_loses_the_lease(
        self, broker: Park, masha: Holder
    ) -> None:
        lease = masha.ask()
        masha.until(lease, "running")
        broker.clock.ahead += 59
        masha.look(lease)
        broker.clock.ahead += 62
        ended = eventually(lambda: ended_by_now(broker, lease), 5, "the lease ends")
        assert ended["reason"] == "abandoned"

    def test_a_lease_ends_at_its_time_limit(self, broker: Park, masha: Holder) -> None:
        lease = masha.ask()
        masha.until(lease, "running")
        broker.clock.ahead += 40 * 60
        ended = masha.until(lease, "ended")
        assert ended["reason"] == "time-limit"
        assert "Время на видеокарте вышло" in ended["message"]

    def test_a_kernel_that_has_nothing_to_do_ends(self, masha: Holder) -> None:
        lease = masha.ask()
        masha.until(lease, "running")
        assert masha.look(lease, idle=599)["state"] == "running"
        assert masha.look(lease, idle=600)["reason"] == "idle"

    def test_a_place_is_held_for_a_minute(self, broker: Park, masha: Holder) -> None:
        lease = masha.ask()
        masha.until(lease, "running")
        masha.call("POST", f"/leases/{lease['id']}/stop")
        broker.clock.ahead += 30
        assert masha.look(lease)["state"] == "stopped"
        broker.clock.ahead += 31
        assert masha.until(lease, "ended")["reason"] == "released"


def ended_by_now(broker: Park, lease: dict[str, Any]) -> dict[str, Any] | None:
    """Looked at as an admin, which is no sign of the holder's life."""
    found = broker.holder("chief@data-6a").call("GET", "/leases", params={"all": True}).json()
    if any(one["id"] == lease["id"] for one in found):
        return None
    return broker.holder("masha@data-6a").look(lease)


def test_the_same_ask_again_is_the_same_lease(masha: Holder, petya: Holder) -> None:
    masha.until(masha.ask(), "running")
    first = petya.ask()
    assert petya.ask()["id"] == first["id"]
