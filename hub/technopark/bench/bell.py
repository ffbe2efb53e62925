"""`technopark bench bell`: a class or two come within 20 seconds, to a stock hub and to a park.

Both are set up for the bench on this machine, in turn, with the same limits and their own images.
Pupils come through the front door, as browsers do, and each wants the result of a first cell.
"""

import asyncio
import math
import os
import statistics
import time
from collections.abc import Sequence
from contextlib import closing

from technopark.bench import crowd
from technopark.bench.charges import machine_cpu
from technopark.bench.head import Head
from technopark.bench.hold_ups import hold_ups
from technopark.bench.made_up import HEAD, made_up, seats_of
from technopark.bench.own_park import BenchPark, own_park
from technopark.bench.pulse import pulse
from technopark.bench.pupil import Seat
from technopark.bench.report import Figures, Measured
from technopark.bench.stock_park import WORDS, StockPark, stock_park
from technopark.catalogue.images import ensure_images
from technopark.people.sites import read_sites
from technopark.problem import Problem
from technopark.progress import say, step
from technopark.settings import Settings

WITHIN_S = 20.0
"""All come within so many seconds after the bell."""

CLASS = 15
"""Pupils of one classroom, at most; a computer room of a school has so many places."""

COURSES = ("data-start",)
OURS, THEIRS = "tpbbell", "tpbstock"
"""Names of the park and of the stock hub."""

ALONE = 3
"""Pupils who come one after the other before the bell, so that one start can be measured."""

REST_S = 5.0
BUSY = 0.3
"""Cores in use at rest beyond which one start cannot be told from other work."""

WARM = ("failed", "p50_s", "p95_s")
"""What is told of the pupils whose servers were started before."""


class BellError(Problem):
    """What the bench measures with did not work; says why."""


def run(settings: Settings, runs: int = 1, pupils: int = 40) -> Measured:
    """Lets `pupils` come to the stock hub and to a park of the bench's own, `runs` times in turn.

    Raises:
        StockParkError: the stock hub does not come up.
        BenchParkError: the park does not come up.
    """
    image = ensure_images(["peer"], settings, say)["peer"]
    peer: list[Figures] = []
    ours: list[Figures] = []
    for number in range(runs):
        with step(f"run {number + 1} of {runs}, {pupils} pupils at a stock hub"):
            peer.append(_theirs(settings, image.id, pupils))
        with step(f"run {number + 1} of {runs}, {pupils} pupils at a park"):
            ours.append(_ours(settings, pupils))
    return Measured(ours=ours, peer=peer)


def _theirs(settings: Settings, image: str, pupils: int) -> Figures:
    seats = [Seat(f"pupil-{number:03}", WORDS) for number in range(pupils + 1)]
    with stock_park(settings, image, THEIRS) as park:
        # What a first start reads from the disk is in memory for both at the bell.
        asyncio.run(crowd.come(park.address, seats[pupils:], 0, crowd.cold))
        return _at_the_bell(park, seats[:pupils])


def _ours(settings: Settings, pupils: int) -> Figures:
    people = made_up(pupils + 1 + ALONE, _sites(settings, pupils), COURSES)
    changes = {"servers": settings.servers.model_dump(mode="json")}
    with (
        own_park(settings, OURS, changes, people) as park,
        closing(park.client(HEAD)) as client,
    ):
        seats = seats_of(people, park.words)
        first, alone, present = seats[:1], seats[1 : ALONE + 1], seats[ALONE + 1 :]
        asyncio.run(crowd.come(park.address, first, 0, crowd.cold))
        each = statistics.median(_cpu_of_one(park, seat) for seat in alone)
        with hold_ups(park.settings) as held:
            found = _at_the_bell(park, present)
        head = Head(client)
        head.stop(seats)
        warmed = head.warm_up(present)
        visits = asyncio.run(crowd.come(park.address, present, WITHIN_S, crowd.warm))
    limit = pupils * each / len(os.sched_getaffinity(0))
    return {
        **found,
        "limit_s": limit,
        "last_of_limit": found["last_s"] / limit,
        "loop_lag_ms": held.worst_ms,
        "warmed": warmed,
        **{f"warm_{key}": value for key, value in crowd.figures(visits).items() if key in WARM},
    }


def _at_the_bell(park: BenchPark | StockPark, seats: Sequence[Seat]) -> Figures:
    before = time.process_time()
    with pulse(park.hub) as felt:
        visits = asyncio.run(crowd.come(park.address, seats, WITHIN_S, crowd.cold))
    if broke := crowd.what_broke(visits):
        say(f"Lost: {broke}")
    return {
        **crowd.figures(visits),
        "hub_answer_ms": felt.worst_ms,
        "bench_cpu_s": time.process_time() - before,
    }


def _cpu_of_one(park: BenchPark, seat: Seat) -> float:
    """Seconds of CPU from a pupil's coming to a first result; what runs at rest is not counted."""
    at_rest, began = machine_cpu(), time.monotonic()
    time.sleep(REST_S)
    idle = (machine_cpu() - at_rest) / (time.monotonic() - began)
    if idle > BUSY:
        say(f"Warning: this machine has other work ({idle:.1f} cores); limit_s tells little.")
    before, began = machine_cpu(), time.monotonic()
    visits = asyncio.run(crowd.come(park.address, [seat], 0, crowd.cold))
    used = machine_cpu() - before - idle * (time.monotonic() - began)
    if broke := crowd.what_broke(visits):
        raise BellError(f"A pupil who came alone was lost: {broke}")
    return used


def _sites(settings: Settings, pupils: int) -> list[str]:
    """As many sites as there are classes."""
    return [site.id for site in read_sites(settings.sites)][: math.ceil(pupils / CLASS)]
