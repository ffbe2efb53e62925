"""Waiting for what the park does by itself, with a limit that a busy machine keeps."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(ask: Callable[[], T], seconds: float, what: str) -> T:
    """The first true answer of `ask`.

    Raises:
        AssertionError: there was none within `seconds`; names `what` was waited for.
    """
    deadline = time.monotonic() + seconds
    while True:
        if answer := ask():
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)
