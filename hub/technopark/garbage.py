"""When the hub looks for garbage: a little as it goes, through all of its memory when it is alone.

Started when the hub reads its configuration. While Python walks over all that lives, the loop
stands still: with 3,000 pupils for up to two seconds. Most of what goes, goes without that.
"""

import asyncio
import gc
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two looks whether the hub is alone."""
WORTH_IT = 20
"""So many small searches since the last whole one; after fewer there is little to be found."""
MAY_GROW = 512 << 20
"""Bytes that the process may grow before it searches also in mid-lesson, when nobody starts."""

_YOUNG, _MIDDLE, _NEVER = 2_000, 10, 1_000_000_000
_STATM = Path("/proc/self/statm")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def search_young_only() -> None:
    """From now on what has lived for long is searched by `search_when_alone` alone.

    What was imported until now stays as long as the process: no search walks over it again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)


async def search_when_alone(
    is_alone: Callable[[], bool],
    is_calm: Callable[[], bool],
    every: float = EVERY,
    may_grow: int = MAY_GROW,
) -> None:
    """Searches all when that holds nobody up, as long as the hub runs.

    Args:
        is_alone: whether no server runs, and none is wanted.
        is_calm: whether nobody waits for a server now.
        every: seconds between two looks.
        may_grow: bytes that the process may grow until calm is enough.
    """
    size = _size()
    while True:
        await asyncio.sleep(every)
        has_grown = _size() - size > may_grow
        if gc.get_count()[2] < WORTH_IT or not (is_alone() or (has_grown and is_calm())):
            continue
        began = time.monotonic()
        found = gc.collect()
        size = _size()
        log.info("Searched all memory in %.1f s: %d objects", time.monotonic() - began, found)


def _size() -> int:
    """Bytes of memory that this process has."""
    return int(_STATM.read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
