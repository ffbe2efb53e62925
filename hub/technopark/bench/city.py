"""`technopark bench city`: 300 pupils of 18 schools come within five minutes, to one machine.

Each has a container and a kernel, runs three cells and hands in through the real exchange; then all
stay, so that they are there together, and each runs one cell more. There is no peer: a stock hub
loses most of a class (bench `bell`).
"""

import asyncio
import random
import time

from technopark.bench import assignments, crowd
from technopark.bench.assignments import ASSIGNMENT
from technopark.bench.crowd import Bell, Visit
from technopark.bench.gauge import memory_gauge
from technopark.bench.hold_ups import hold_ups
from technopark.bench.made_up import made_up, seats_of
from technopark.bench.own_park import own_park
from technopark.bench.pulse import pulse
from technopark.bench.pupil import Pupil, PupilError
from technopark.bench.report import Figures, Measured
from technopark.exchange.check import lost_receipts
from technopark.looplag import WORTH_TELLING
from technopark.people.sites import read_sites
from technopark.progress import say, step
from technopark.settings import Settings

NAME = "tpbcity"
CENTRE = "centre"
"""The one site that is no school."""

COURSES = ("data-start", "robotics-start", "bio-start")
STAY_S = 60.0
"""All stay so long after the last has handed in or was lost."""


def run(settings: Settings, runs: int = 1, pupils: int = 300, minutes: float = 5) -> Measured:
    """Lets `pupils` come within `minutes`, `runs` times, each time to a new park.

    Raises:
        BenchParkError: the park does not come up.
    """
    ours: list[Figures] = []
    broke: list[str] = []
    for number in range(runs):
        with step(f"run {number + 1} of {runs}, {pupils} pupils within {minutes:g} minutes"):
            figures, where = _measure(settings, pupils, minutes)
        ours.append(figures)
        broke += [where] if where else []
    return Measured(ours=ours, words={"where": " / ".join(broke)})


def _measure(settings: Settings, pupils: int, minutes: float) -> tuple[Figures, str]:
    """The figures, and where it broke if it did."""
    sites = [site.id for site in read_sites(settings.sites) if site.id != CENTRE]
    people = made_up(pupils, sites, COURSES)
    changes = {"servers": settings.servers.model_dump(mode="json")}
    with memory_gauge() as memory, own_park(settings, NAME, changes, people) as park:
        for room in people.classrooms:
            assignments.release(park, room)
        seats, story = seats_of(people, park.words), Lesson(pupils)
        before = time.process_time()
        with pulse(park.hub) as felt, hold_ups(park.settings) as held:
            visits = asyncio.run(crowd.come(park.address, seats, minutes * 60, story))
        cpu = time.process_time() - before
        receipts = assignments.receipts(park, seats)
        lost = lost_receipts(park.settings, receipts)
    if held.worst_ms > WORTH_TELLING * 1000:
        say(f"The hub's loop was held up for {held.worst_ms:g} ms:\n{held.doing}")
    if lost:
        say(f"Lost works: {lost}")
    figures = {
        **crowd.figures(visits),
        "clients": story.stayed,
        "memory_gb": memory.used_gb,
        "handed_in": story.handed_in,
        "lost": story.handed_in - len(receipts) + len(lost),
        "hub_answer_ms": felt.worst_ms,
        "loop_lag_ms": held.worst_ms,
        "bench_cpu_s": cpu,
    }
    return figures, crowd.what_broke(visits)


class Lesson:
    """What each of `pupils` does in the lesson, and how many came through it."""

    def __init__(self, pupils: int) -> None:
        self._busy = pupils
        self._all_are_through = asyncio.Event()
        self.handed_in = 0
        """Those to whom the panel said that it was done."""
        self.stayed = 0
        """Those who were there with a running kernel when all were through."""

    async def __call__(self, pupil: Pupil, visit: Visit, bell: Bell) -> None:
        """Three cells, the hand-in, and one cell more when everybody is there."""
        try:
            await crowd.cold(pupil, visit, bell)
            await self._work(pupil)
            self.handed_in += 1
        finally:
            self._busy -= 1
            if not self._busy:
                self._all_are_through.set()
        await self._all_are_through.wait()
        await asyncio.sleep(random.uniform(0, STAY_S))  # noqa: S311  # no secret
        await _cell(pupil, "2 + 2", "4")
        self.stayed += 1

    async def _work(self, pupil: Pupil) -> None:
        await assignments.click(pupil, "fetch")
        await _cell(pupil, "sum(n * n for n in range(200_000))", "2666646666700000")
        text = f"The answer of {pupil.seat.name}."
        code = f"open('{ASSIGNMENT}/answer.txt', 'w').write({text!r})"
        await _cell(pupil, code, str(len(text)))
        await assignments.click(pupil, "submit")


async def _cell(pupil: Pupil, code: str, wanted: str) -> None:
    if (said := await pupil.run(code)) != wanted:
        raise PupilError(f"{code} gave {said}")
