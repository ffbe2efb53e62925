"""The engine tells of deaths; while it was away somebody may have died unheard."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from requests.exceptions import ConnectionError as NotConnected

from technopark.engine import events
from technopark.engine.events import DeathWatch
from technopark.settings import Engine


class Telling:
    """An engine that tells of one death and then is away; every connection to it does so."""

    def events(self, **_arguments: object) -> Iterator[dict[str, Any]]:
        yield {"Actor": {"ID": "1", "Attributes": {"name": "park-masha--data-6a"}}}
        raise NotConnected

    def close(self) -> None:
        """There is nothing to close."""


async def test_whoever_follows_deaths_looks_again_after_each_new_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "open_engine", lambda _engine: Telling())
    monkeypatch.setattr(events, "_AGAIN_AFTER", 0.01)
    told: list[str] = []
    enough = asyncio.Event()

    def look_again() -> None:
        told.append("looked")
        if told.count("looked") == 2:
            enough.set()

    DeathWatch(Engine(), "technopark.park=park", told.append, look_again)
    await asyncio.wait_for(enough.wait(), 10)
    assert told[:3] == ["looked", "park-masha--data-6a", "looked"]
