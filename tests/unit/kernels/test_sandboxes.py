"""Sandboxes: kept ready, taken once, streamed, and gone when their stream ends."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from support.fake_engine import FakeEngine
from support.waiting import eventually
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from technopark.settings import Leases, Sandboxes
from technopark.store import Lease

from .conftest import Holder, Park


@pytest.fixture
def leases() -> Leases:
    return Leases(sandbox=Sandboxes(waiting=2, at_a_time=2, keep_minutes=5))


def stream(broker: Park, lease: dict[str, Any], token: str) -> ClientConnection:
    return connect(
        f"{broker.url.replace('http', 'ws', 1)}/leases/{lease['id']}/stream",
        additional_headers={"Authorization": f"token {token}"},
        max_size=None,
        proxy=None,
        close_timeout=2,
    )


@pytest.fixture
def running(broker: Park, grader: Holder) -> dict[str, Any]:
    return grader.until(grader.ask_sandbox(), "running")


GRADER = "grading-data-6a@data-6a"


def container_of(broker: Park, lease: dict[str, Any]) -> str:
    """Of the sandbox that a lease has; it may have waited before under a name of its own."""
    with broker.store.read() as session:
        return session.get_one(Lease, lease["id"]).container


def names(engine: FakeEngine) -> set[str]:
    return {box.order.name for box in engine.running("sandbox")}


def test_a_sandbox_is_streamed_both_ways_and_ends_with_the_stream(
    broker: Park, grader: Holder, engine: FakeEngine, running: dict[str, Any]
) -> None:
    container = container_of(broker, running)
    with stream(broker, running, GRADER) as socket:
        socket.send(b"one")
        assert socket.recv() == b"ONE"
        socket.send(b"x" * (20 << 20))
        assert socket.recv() == b"X" * (20 << 20)
    ended = grader.until(running, "ended")
    assert ended["reason"] == "released"
    eventually(lambda: container not in engine.boxes, 5, "its container is gone")


def test_a_sandbox_that_dies_ends_its_stream(
    broker: Park, grader: Holder, engine: FakeEngine, running: dict[str, Any]
) -> None:
    with stream(broker, running, GRADER) as socket:
        container = container_of(broker, running)
        engine.die(container)
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=10)
    assert grader.until(running, "ended")["reason"] in ("failed", "released")


def test_a_stream_is_its_holders_alone(broker: Park, running: dict[str, Any]) -> None:
    for token, status in (("grading-robots-5b@robots-5b", 404), ("masha@data-6a", 404), ("", 401)):
        with pytest.raises(InvalidStatus) as refused:
            stream(broker, running, token)
        assert refused.value.response.status_code == status


def test_a_sandbox_has_one_stream(broker: Park, running: dict[str, Any]) -> None:
    with stream(broker, running, GRADER), pytest.raises(InvalidStatus) as refused:
        stream(broker, running, GRADER)
    assert refused.value.response.status_code == 409


def test_the_second_sandbox_is_ready_already_and_none_is_used_twice(
    broker: Park, grader: Holder, engine: FakeEngine, running: dict[str, Any]
) -> None:
    eventually(lambda: len(names(engine)) == 3, 5, "two wait beside the one that runs")
    waiting = names(engine) - {engine.boxes[container_of(broker, running)].order.name}
    engine.gate.clear()  # what starts now takes long
    second = grader.until(grader.ask_sandbox(), "running", seconds=2)
    grader.release(second)
    grader.release(running)
    eventually(lambda: len(names(engine)) == 1, 5, "a used one is gone")
    assert names(engine) < waiting


def test_sandboxes_that_nobody_wants_any_more_go(
    broker: Park, grader: Holder, engine: FakeEngine, running: dict[str, Any]
) -> None:
    eventually(lambda: len(names(engine)) == 3, 5, "two wait")
    grader.release(running)
    broker.clock.ahead += 5 * 60 + 2
    eventually(lambda: not names(engine), 5, "all are gone")


def test_so_many_run_at_a_time_and_others_wait_in_line(
    grader: Holder, running: dict[str, Any]
) -> None:
    grader.until(grader.ask_sandbox(), "running")
    third = grader.ask_sandbox()
    assert (third["state"], third["place"]) == ("waiting", 1)
    grader.release(running)
    grader.until(third, "running")


def test_a_broker_that_comes_back_ends_all_sandboxes(
    broker: Park, grader: Holder, engine: FakeEngine, running: dict[str, Any]
) -> None:
    eventually(lambda: len(names(engine)) == 3, 5, "two wait")
    broker.stop()
    broker.start()
    ended = broker.holder(GRADER).until(running, "ended")
    assert ended["reason"] == "failed"
    eventually(lambda: not names(engine), 5, "all are gone")


def test_a_flood_is_held_back(broker: Park, engine: FakeEngine, running: dict[str, Any]) -> None:
    """A reader that does not read keeps the writer waiting, however much it has to say."""
    asked, piece = 0, b"x" * (1 << 20)

    class Flood:
        def read(self) -> bytes:
            nonlocal asked
            asked += 1
            return piece if not closed else b""

        def write(self, content: bytes) -> None:
            """Takes it."""

        def close(self) -> None:
            closed.append(True)

    closed: list[bool] = []
    engine.stream = lambda _container: Flood()  # type: ignore[method-assign]
    with stream(broker, running, GRADER):
        eventually(lambda: asked > 1, 5, "it is read")
        before = -1
        while asked != before:
            before = asked
            time.sleep(0.3)
        assert asked < 64, "megabytes between a sandbox and its reader"


@pytest.fixture(autouse=True)
def _starts_go_on(engine: FakeEngine) -> Iterator[None]:
    yield
    engine.gate.set()
