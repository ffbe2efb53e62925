"""Whether a test's result can be believed: copies of the process run it again, and its controls.

Used by `lineage` for each test that is worth points. The copies run in random order and before the
test itself, so that a program can neither know which of them has the true one nor be told.
"""

import math
import random
from dataclasses import dataclass, field
from enum import Enum, auto

from nbformat import NotebookNode

from technopark_grading.belief.controls import Control, Must, controls
from technopark_grading.notebooks import outputs as made
from technopark_grading.sandboxes.sandbox import Ran, Sandbox

_CONTROLS = 4
"""For all tests of a notebook together, if they are few; each has one at least."""

_MOST_CONTROLS = 3
"""For one test."""

_SLOW_S = 5.0
"""A test that takes longer is repeated with one control only."""

_EXACTLY = 1e-6


class Belief(Enum):
    """What repeating a test says of its points."""

    CONFIRMED = auto()
    """There are none, or all that was tried agrees with them."""
    DOUBTED = auto()
    UNTRIED = auto()
    """The time for repetitions is used up."""


@dataclass(frozen=True)
class Examined:
    """A test that has run."""

    ran: Ran
    outputs: list[NotebookNode]
    belief: Belief


@dataclass(frozen=True)
class _Try:
    """What one copy did; `control` is None where it ran the true test."""

    control: Control | None
    ended: str
    outputs: list[NotebookNode]


@dataclass
class Examination:
    """The repetitions of one notebook's tests, which have a time of their own."""

    seconds: float
    """What is left for all of them."""
    tests: int
    """How many there are: the fewer, the more controls has each."""
    chance: random.Random = field(default_factory=random.SystemRandom)

    def examine(
        self, sandbox: Sandbox, process: str, source: str, seconds: float, most: float
    ) -> Examined:
        """Run a test in `process`, and beforehand, with its controls, in copies of it.

        Args:
            sandbox: where the process is.
            process: it goes on with the test's effects; the copies leave none, also on files.
            source: the test, with its hidden regions.
            seconds: what each run may take.
            most: the points it is worth.

        Raises:
            SandboxLostError: the sandbox went away.
        """
        tries = self._repeat(sandbox, process, source, seconds)
        ran = sandbox.run(process, source, seconds)
        outputs = made.of(ran)
        given = made.points(outputs, most)
        if not given:
            return Examined(ran, outputs, Belief.CONFIRMED)
        if tries is None:
            return Examined(ran, outputs, Belief.UNTRIED)
        agree = all(_as_of_honest_work(one, outputs, most) for one in tries)
        return Examined(ran, outputs, Belief.CONFIRMED if agree else Belief.DOUBTED)

    def _count(self) -> int:
        return min(_MOST_CONTROLS, math.ceil(_CONTROLS / max(1, self.tests)))

    def _repeat(
        self, sandbox: Sandbox, process: str, source: str, seconds: float
    ) -> list[_Try] | None:
        """What copies made of the test and its controls; None where there is no time for them."""
        waiting: list[Control | None] = [None, *controls(source, self._count(), self.chance)]
        self.chance.shuffle(waiting)
        tries: list[_Try] = []
        slow = False
        for control in waiting:
            if slow and control is not None and any(one.control for one in tries):
                continue
            if self.seconds <= 0:
                return None
            tried = source if control is None else control.source
            ran = sandbox.try_out(process, tried, seconds)
            self.seconds -= ran.seconds
            slow = slow or ran.seconds > _SLOW_S
            outputs = made.of(ran)
            tries.append(_Try(control, ran.ended, outputs))
            if control is None and made.failed(outputs):
                break  # no points, so nothing to confirm; if the test says otherwise, that shows
        return tries


def _as_of_honest_work(one: _Try, outputs: list[NotebookNode], most: float) -> bool:
    """Whether a copy did what it had to do if the test, with these outputs, is to be believed."""
    failed = one.ended != "ok" or made.failed(one.outputs)
    true, found = made.value(outputs), made.value(one.outputs)
    match one.control:
        case None | Control(must=Must.STAY):
            return abs(made.points(one.outputs, most) - made.points(outputs, most)) < _EXACTLY
        case Control(must=Must.FAIL):
            return failed
        case Control(must=Must.FALL, number=base):
            return found is not None and abs(found - base) < _EXACTLY
        case Control(number=added) if true is not None:
            return found is not None and abs(found - true - added) < _EXACTLY
    return failed or made.result(one.outputs) != made.result(outputs)
