"""The spawner and the hub's event loop: nothing that waits for the engine may run there."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from technopark.settings import Engine, Settings
from technopark.spawner.classroom import ClassroomSpawner
from technopark.spawner.container import ContainerSpawner

AT_ONCE = 3


class SlowEngine:
    """Answers only when as many calls have come as are wanted at a time."""

    def __init__(self) -> None:
        self.meeting = threading.Barrier(AT_ONCE, timeout=10)

    def inspect_container(self, _name: str) -> str:
        """Answers the thread that asked."""
        self.meeting.wait()
        return threading.current_thread().name


@pytest.fixture
def spawner(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassroomSpawner]:
    """A spawner whose pool and client, which all spawners share, are its own."""
    monkeypatch.setattr(ContainerSpawner, "_threads", None)
    monkeypatch.setattr(ContainerSpawner, "_client", None)
    made = ClassroomSpawner(settings=Settings(engine=Engine(threads=AT_ONCE, timeout=7)))
    yield made
    made.executor.shutdown()


async def test_calls_to_the_engine_run_at_a_time_and_beside_the_loop(
    spawner: ClassroomSpawner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ContainerSpawner, "_client", SlowEngine())
    calls = [spawner.docker("inspect_container", "some") for _ in range(AT_ONCE)]
    threads = await asyncio.gather(*calls)
    assert sorted(threads) == [f"engine_{number}" for number in range(AT_ONCE)]


def test_the_engines_client_gives_up_in_time(
    spawner: ClassroomSpawner, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Engine] = []
    monkeypatch.setattr("technopark.spawner.container.open_engine", opened.append)
    assert spawner.client is None
    assert [engine.timeout for engine in opened] == [7]
