"""Whether there is memory for one more server, and for those that have not grown yet.

Called by `line` before it gives a turn. Pure: bytes in, an answer out.
"""

from collections.abc import Sequence

from technopark.host import Memory

ENOUGH_TO_TELL = 5
"""So many servers must have run for a while before their use says what others will use."""
MARGIN = 1.25
"""Lessons go on: what a server uses soon after its start is not yet all."""


def expected(settled: Sequence[int], otherwise: int, least: int) -> int:
    """The bytes that a server is expected to use.

    Args:
        settled: what each server uses that somebody has been at work in for a while.
        otherwise: the answer while these are too few to tell.
        least: no server is expected to use less.
    """
    if len(settled) < ENOUGH_TO_TELL:
        return otherwise
    return max(least, int(sum(settled) / len(settled) * MARGIN))


def claims(used: Sequence[int], each: int) -> int:
    """The bytes that started servers may still come to use, beyond what they use already.

    Args:
        used: what each of them uses, 0 for one whose container is not there yet.
        each: what a server is expected to use.
    """
    return sum(max(0, each - one) for one in used)


def is_room(memory: Memory, claimed: int, each: int, keep_free: int) -> bool:
    """Whether one server more leaves `keep_free` bytes when all have grown."""
    return memory.available - claimed - each >= keep_free


def is_hopeless(memory: Memory, each: int, keep_free: int) -> bool:
    """Whether there would be no room even if nothing else ran on the machine."""
    return memory.total - keep_free < each
