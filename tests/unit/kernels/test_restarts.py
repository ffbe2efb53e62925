"""The broker ends and comes back: no kernel is lost, nothing is left over, nothing leased twice."""

import pytest
from support.fake_engine import FakeEngine, node
from support.waiting import eventually

from technopark.engine.leased import Order
from technopark.store import Lease

from .conftest import Holder, Park


def test_a_running_kernel_goes_on_and_its_holder_finds_it_again(
    broker: Park, masha: Holder, engine: FakeEngine
) -> None:
    lease = masha.ask()
    before = masha.until(lease, "running")
    boxes = dict(engine.boxes)
    broker.stop()
    engine.ways = []
    broker.clock.ahead += 55
    broker.start()

    masha = broker.holder("masha@data-6a")
    after = masha.look(lease)
    assert (after["state"], after["address"]) == ("running", before["address"])
    eventually(lambda: engine.ways, 5, "the way to the kernel is open again")
    assert engine.boxes == boxes
    broker.clock.ahead += 55
    assert masha.until(lease, "running"), "its holder has a minute afresh"


def test_a_kernel_that_died_meanwhile_is_known_as_stopped(
    broker: Park, masha: Holder, engine: FakeEngine
) -> None:
    lease = masha.ask()
    masha.until(lease, "running")
    broker.stop()
    engine.die(next(iter(engine.boxes)), 9)
    broker.start()
    masha = broker.holder("masha@data-6a")
    assert masha.until(lease, "stopped")["exit_code"] == 9
    eventually(lambda: not engine.boxes, 5, "its container is taken away")
    again = masha.ask()
    assert again["id"] == lease["id"]
    masha.until(again, "running")


def test_a_kernel_that_is_gone_without_a_trace_is_known_as_stopped(
    broker: Park, masha: Holder, engine: FakeEngine
) -> None:
    lease = masha.ask()
    masha.until(lease, "running")
    broker.stop()
    engine.boxes.clear()
    broker.start()
    assert broker.holder("masha@data-6a").until(lease, "stopped")["exit_code"] == 137


def test_who_waited_waits_on_in_the_same_place(
    broker: Park, masha: Holder, petya: Holder, engine: FakeEngine
) -> None:
    first = masha.ask()
    masha.until(first, "running")
    second = petya.ask()
    broker.stop()
    broker.start()
    masha, petya = broker.holder("masha@data-6a"), broker.holder("petya@data-6a")
    seen = eventually(
        lambda: (found := petya.look(second))["place"] and found, 5, "petya's place is known"
    )
    assert (seen["state"], seen["place"]) == ("waiting", 1)
    masha.release(first)
    petya.until(second, "running")


def test_a_start_that_was_cut_off_is_made_again(
    broker: Park, masha: Holder, engine: FakeEngine
) -> None:
    lease = masha.ask()
    masha.until(lease, "running")
    broker.stop()  # what came of the start is not noted down any more
    with broker.store.write() as session:
        row = session.get_one(Lease, lease["id"])
        row.state, row.container = "starting", ""
    engine.fails = ""
    broker.start()
    broker.holder("masha@data-6a").until(lease, "running")
    assert len(engine.boxes) == 1


def test_containers_that_no_lease_knows_are_ended(broker: Park, engine: FakeEngine) -> None:
    broker.stop()
    order = Order("stranger", "gpu", "i", (), "here", None, 1, 1, 1, 1)
    engine.start(order)
    broker.start()
    eventually(lambda: not engine.boxes, 5, "the stranger is gone")


def test_an_engine_that_is_away_at_the_start_is_asked_again(
    broker: Park, engine: FakeEngine
) -> None:
    broker.stop()
    engine.is_away = True
    broker.start()
    masha = broker.holder("masha@data-6a")
    lease = masha.ask()
    assert lease["state"] == "waiting"
    engine.is_away = False
    broker.clock.ahead += 3
    masha.until(lease, "running")


def test_a_place_is_free_only_when_the_engine_says_so(
    broker: Park, masha: Holder, petya: Holder, engine: FakeEngine
) -> None:
    lease = masha.ask()
    masha.until(lease, "running")
    engine.is_away = True
    masha.release(lease)
    second = petya.ask()
    seen = petya.look(second, since=second["version"], wait=1)
    assert seen["state"] == "waiting", "the container may still run"
    engine.is_away = False
    broker.clock.ahead += 10
    petya.until(second, "running")


class TestTwoNodes:
    @pytest.fixture
    def engine(self) -> FakeEngine:
        return FakeEngine(node("one"), node("two"))

    def test_a_lost_node_ends_its_leases_and_others_go_on(
        self, masha: Holder, petya: Holder, engine: FakeEngine
    ) -> None:
        holders = {"masha": masha, "petya": petya}
        leases = {name: one.ask() for name, one in holders.items()}
        devices = {
            name: one.until(leases[name], "running")["device"] for name, one in holders.items()
        }
        assert set(devices.values()) == {"one-gpu-0", "two-gpu-0"}

        engine.lose("one")
        for name, device in devices.items():
            if device == "one-gpu-0":
                ended = holders[name].until(leases[name], "ended")
                assert ended["reason"] == "node-lost"
                assert "перестал отвечать" in ended["message"]
            else:
                assert holders[name].look(leases[name])["state"] == "running"
