"""From a test to its controls: the same test, changed so that it must fail on honest work.

Used by `lineage`: a program that only looks right to tests (always-equal answers, asserts taken out
of action) passes controls as well, and shows itself. Pure text; a control is made only where honest
work is sure to fail it.
"""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Control:
    """A changed test."""

    source: str
    added: float | None = None
    """What the value at the end grows by; None where the cell must end in an error."""


def controls(source: str, count: int, chance: random.Random) -> list[Control]:
    """Changed versions of a test cell, each of which must fail on work that passes the test.

    Args:
        source: the test cell, with its hidden regions.
        count: how many are wanted; fewer are answered where fewer can be made, but one always.
        chance: what is drawn from; a pupil's program must not be able to guess.
    """
    return [Control(f"{source}\nassert type(0) is str")]
