"""The program that plays the pupils' browsers in the bench `hub`.

Started by `bench.hub` with the park's address, a file that says who comes, and how many seconds
they stay; says on standard output, a JSON line each, when all have arrived and what they met. A
process of its own, so that its CPU is told apart from the hub's.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from technopark.bench.crowd import percentile
from technopark.bench.hub.people import WORDS
from technopark.bench.pupil import Pupil, PupilError, Seat, front_door

ARRIVALS_PER_SECOND = 5.0
"""300 pupils within a minute."""
PAGE_EVERY = 120.0
"""Seconds between two of a pupil's clicks on a page of the hub, on average; many for a lesson."""
CELL_EVERY = 5.0
"""Seconds between two messages of a notebook to its server."""
CELL = "print('hello')  # " + "x" * 400


@dataclass
class Met:
    """What all of them met: seconds of each kind of answer, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @contextmanager
    def clocked(self, kind: str) -> Iterator[None]:
        """The block is one answer of that kind."""
        since = time.monotonic()
        yield
        self.seconds.setdefault(kind, []).append(time.monotonic() - since)

    def figures(self) -> dict[str, Any]:
        """Milliseconds: median and 95th percentile of each kind; how many went wrong, and how."""
        found: dict[str, Any] = {"errors": len(self.errors), "first_errors": self.errors[:5]}
        for kind, seconds in self.seconds.items():
            ordered = sorted(seconds)
            found[kind] = {
                f"p{percent}_ms": round(percentile(ordered, percent) * 1000, 1)
                for percent in (50, 95)
            }
        return found


async def visit_park(address: str, seats: list[Seat], seconds: float) -> None:
    """Everybody arrives, stays for so many seconds and leaves."""
    came, stayed = Met(), Met()
    async with front_door() as connector:
        pupils = [Pupil(address, seat, connector) for seat in seats]
        inside = await asyncio.gather(*(_arrive(*each, came) for each in enumerate(pupils)))
        _say(came.figures())
        until = time.monotonic() + seconds
        arrived = [pupil for pupil, is_in in zip(pupils, inside, strict=True) if is_in]
        await asyncio.gather(*(_stay(pupil, until, stayed) for pupil in arrived))
        _say(stayed.figures())
        await asyncio.gather(*(pupil.close() for pupil in pupils))


async def _arrive(number: int, pupil: Pupil, met: Met) -> bool:
    """Signs in, waits for the server with the waiting page, and comes in; whether that worked."""
    await asyncio.sleep(number / ARRIVALS_PER_SECOND)
    try:
        with met.clocked("sign_in"):
            await pupil.sign_in()
        with met.clocked("start"):
            await pupil.open_lesson()
        await pupil.open_kernel()
    except PupilError as error:
        met.errors.append(f"{pupil.seat.name}, {pupil.step}: {error}")
        return False
    return True


async def _stay(pupil: Pupil, until: float, met: Met) -> None:
    try:
        await asyncio.gather(_run_cells(pupil, until, met), _click(pupil, until, met))
    except PupilError as error:
        met.errors.append(f"{pupil.seat.name}, {pupil.step}: {error}")


async def _run_cells(pupil: Pupil, until: float, met: Met) -> None:
    await asyncio.sleep(random.uniform(0, CELL_EVERY))  # noqa: S311  # no secret
    while time.monotonic() < until:
        with met.clocked("message"):
            await pupil.run(CELL)
        await asyncio.sleep(CELL_EVERY)


async def _click(pupil: Pupil, until: float, met: Met) -> None:
    while True:
        wait = random.expovariate(1 / PAGE_EVERY)
        if time.monotonic() + wait > until:
            return
        await asyncio.sleep(wait)
        with met.clocked("page"):
            await pupil.visit("/hub/home")


def _say(figures: dict[str, Any]) -> None:
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    coming = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    who = [Seat(name, WORDS, classroom) for name, classroom in coming]
    asyncio.run(visit_park(sys.argv[1], who, float(sys.argv[3])))
