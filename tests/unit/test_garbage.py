"""Garbage that has lived for long is searched for when that holds nobody up."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from technopark import garbage
from technopark.garbage import search_when_alone, search_young_only


class Page:
    """Something that only a search finds to be garbage: it holds itself."""

    def __init__(self) -> None:
        self.myself = self


@pytest.fixture
def old() -> Iterator["weakref.ref[Page]"]:
    """Garbage that small searches have passed over while it was in use."""
    before = gc.get_threshold()
    search_young_only()
    page = Page()
    gc.collect(1)  # what is in use gets old
    seen = weakref.ref(page)
    del page
    yield seen
    gc.set_threshold(*before)
    gc.unfreeze()


async def look(*, is_alone: bool, is_calm: bool = False, may_grow: int = 1 << 40) -> None:
    """A few looks at a hub in this state."""
    task = asyncio.create_task(
        search_when_alone(lambda: is_alone, lambda: is_calm, every=0.001, may_grow=may_grow)
    )
    await asyncio.sleep(0.2)
    task.cancel()


async def test_small_searches_leave_the_old_alone(
    old: "weakref.ref[Page]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "WORTH_IT", 0)
    many = [[number] for number in range(200_000)]
    assert old() is not None
    await look(is_alone=False)
    assert old() is not None
    del many


@pytest.mark.parametrize(
    ("is_alone", "is_calm", "has_grown", "is_found"),
    [
        (True, True, False, True),
        (False, True, False, False),
        (False, True, True, True),
        (False, False, True, False),
    ],
    ids=["alone", "a lesson", "a lesson, and much memory", "the bell, and much memory"],
)
async def test_when_all_is_searched(
    old: "weakref.ref[Page]",
    monkeypatch: pytest.MonkeyPatch,
    is_alone: bool,
    is_calm: bool,
    has_grown: bool,
    is_found: bool,
) -> None:
    monkeypatch.setattr(garbage, "WORTH_IT", 0)
    await look(is_alone=is_alone, is_calm=is_calm, may_grow=-1 if has_grown else 1 << 40)
    assert (old() is None) == is_found


async def test_a_hub_that_did_little_is_left_alone(old: "weakref.ref[Page]") -> None:
    await look(is_alone=True)
    assert old() is not None
