"""Pupils who come at the bell: when each comes, what each met, and the figures of all.

Called by the benches `bell` and `city`. All pupils live in one event loop; what that costs the
machine they share with the park is measured, too.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from technopark.bench.pupil import Pupil, PupilError, Seat, front_door


@dataclass
class Visit:
    """What one pupil met; times in seconds after the bell."""

    seat: Seat
    came: float
    clicked: float = 0.0
    """When the wait began."""
    result: float | None = None
    """When the first cell had its result; None: never."""
    broke: str = ""
    """The step that did not come about; empty: all did."""
    why: str = ""

    @property
    def waited(self) -> float | None:
        """Seconds from the click to the first result."""
        return None if self.result is None else self.result - self.clicked


@dataclass
class Bell:
    """The time since the bell."""

    rang: float

    @property
    def now(self) -> float:
        """Seconds since then."""
        return time.monotonic() - self.rang


Story = Callable[[Pupil, Visit, Bell], Awaitable[None]]
"""What a pupil does; notes in the visit when they clicked and had a result."""


async def first_cell(pupil: Pupil) -> None:
    """From the click on the lesson to the result of a first cell.

    Raises:
        PupilError: it has none, or a wrong one.
    """
    await pupil.open_lesson()
    await pupil.open_kernel()
    if (said := await pupil.run("1 + 1")) != "2":
        raise PupilError(f"the kernel says that 1 + 1 is {said}")


async def cold(pupil: Pupil, visit: Visit, bell: Bell) -> None:
    """A pupil at the door, to whom nothing is ready; the wait begins with the sign-in."""
    visit.clicked = bell.now
    await pupil.sign_in()
    await first_cell(pupil)
    visit.result = bell.now


async def warm(pupil: Pupil, visit: Visit, bell: Bell) -> None:
    """A pupil whose server was started before; the wait begins with the click on the lesson."""
    await pupil.sign_in()
    visit.clicked = bell.now
    await first_cell(pupil)
    visit.result = bell.now


def arrivals(pupils: int, seconds: float, seed: int = 1) -> list[float]:
    """When each comes, in seconds after the bell: at any time up to `seconds`, the first at once.

    The same numbers give the same times.
    """
    chance = random.Random(seed)  # noqa: S311  # the same crowd every time
    later = sorted(chance.uniform(0, seconds) for _ in range(pupils - 1))
    return [0.0, *later][:pupils]


async def come(address: str, seats: Sequence[Seat], seconds: float, story: Story) -> list[Visit]:
    """Lets everybody come within `seconds`, and returns when all are through with their story."""
    bell = Bell(time.monotonic())
    visits = [
        Visit(seat, at) for seat, at in zip(seats, arrivals(len(seats), seconds), strict=True)
    ]
    async with front_door() as connector, asyncio.TaskGroup() as crowd:
        for visit in visits:
            pupil = Pupil(address, visit.seat, connector)
            crowd.create_task(_visit(pupil, visit, bell, story))
    return visits


async def _visit(pupil: Pupil, visit: Visit, bell: Bell, story: Story) -> None:
    await asyncio.sleep(visit.came - bell.now)
    async with pupil:
        try:
            await story(pupil, visit, bell)
        except PupilError as error:
            visit.broke, visit.why = pupil.step, str(error)


def figures(visits: Sequence[Visit]) -> dict[str, float]:
    """How many started and how long it took; no times where nobody did.

    `p50_s`, `p95_s` and `last_s` are waits of single pupils, `all_s` is the time from the bell
    until the last of them had a running cell.
    """
    waits = sorted(visit.waited for visit in visits if visit.waited is not None)
    found: dict[str, float] = {
        "asked": len(visits),
        "started": len(waits),
        "failed": len(visits) - len(waits),
    }
    if waits:
        found |= {
            "p50_s": percentile(waits, 50),
            "p95_s": percentile(waits, 95),
            "last_s": waits[-1],
            "all_s": max(visit.result for visit in visits if visit.result is not None),
        }
    return found


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The least of `ordered` that at least `percent` of them do not exceed (nearest rank)."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


def what_broke(visits: Sequence[Visit]) -> str:
    """At which steps pupils were lost, the most frequent first, with one reason of each."""
    count = Counter(visit.broke for visit in visits if visit.broke)
    reasons = {visit.broke: visit.why.strip().splitlines()[-1] for visit in visits if visit.broke}
    return "; ".join(
        f"{number} at {step!r} ({reasons[step]})" for step, number in count.most_common()
    )
