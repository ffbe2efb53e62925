"""A loop that is held up is noticed, with what held it up."""

import asyncio
import logging
import time

import pytest
from support.waiting import eventually

from technopark.looplag import LoopLag


async def beats(lag: LoopLag, number: int) -> None:
    wanted = lag.beats + number
    await asyncio.to_thread(eventually, lambda: lag.beats >= wanted, 10, "the loop beats")


def hash_many_words() -> None:
    time.sleep(0.25)


async def test_what_holds_the_loop_up_is_named(caplog: pytest.LogCaptureFixture) -> None:
    lag = LoopLag()
    await beats(lag, 2)
    with caplog.at_level(logging.WARNING, logger="technopark.looplag"):
        hash_many_words()
        await beats(lag, 2)
    lag.end()
    assert 0.15 < lag.worst.blocked <= lag.worst.seconds < 2
    assert "hash_many_words" in lag.worst.doing
    assert "hash_many_words" in caplog.text


async def test_a_loop_that_only_waits_is_not_held_up() -> None:
    lag = LoopLag()
    await asyncio.gather(*(asyncio.sleep(0.2) for _ in range(50)))
    await beats(lag, 2)
    lag.end()
    assert lag.worst.blocked < 0.1


async def test_what_happened_is_kept_with_its_time() -> None:
    lag = LoopLag()
    before = time.time()
    hash_many_words()
    await beats(lag, 2)
    lag.end()
    assert [before < held.at <= time.time() for held in lag.kept] == [True]
