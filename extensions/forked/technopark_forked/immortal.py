"""Objects that live as long as the process: nobody counts who uses them, so nobody writes to them.

Called by parents before they fork. A count of references stands in each object, and a child that
only looks at one would get a page of its own for that. Immortal objects (PEP 683, Python 3.12) were
made for this; Python has no function yet that makes one, so the count is set in its place.
"""

import ctypes
import gc
from sys import getrefcount
from typing import Any

_AT_LEAST = 1 << 30
"""What Python itself counts for `None`, where that is immortal."""


def make_all_immortal() -> int:
    """All objects that garbage collection knows, and what they refer to; how many are new.

    Those of before the last `gc.freeze()` are left out. Where Python has no immortal objects, or
    keeps its counts elsewhere, nothing is done.
    """
    if getrefcount(None) < _AT_LEAST or not _stands_where_expected():
        return 0
    found: dict[int, Any] = {}
    new: list[Any] = gc.get_objects()
    while new:
        fresh = {id(each): each for each in new if getrefcount(each) < _AT_LEAST}
        fresh = {number: fresh[number] for number in fresh.keys() - found.keys()}
        found |= fresh
        new = gc.get_referents(*fresh.values())
    count = bytes(_count_of(None))
    for each in found:
        ctypes.memmove(each, count, len(count))
    return len(found)


def _stands_where_expected() -> bool:
    ours = object()
    return _count_of(ours).value == getrefcount(ours) - 1  # which is one itself


def _count_of(each: object) -> ctypes.c_uint32:
    return ctypes.c_uint32.from_address(id(each))
