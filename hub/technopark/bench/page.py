"""`technopark bench page`: what a page costs behind a thin line, at a stock hub and at a park.

Servers run already when pupils sit down: the line is measured, not the start. The browser
is real, and counted is what crosses the line from sign-in to the result of a first cell.
"""

import asyncio
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from technopark.bench.browsers import (
    CODE,
    NOTEBOOK,
    RESULT,
    chromium,
    first_cell,
    new_pc,
    notebook,
    sign_out,
    steady_network,
)
from technopark.bench.made_up import made_up, seats_of
from technopark.bench.own_park import BenchPark, free_ports, own_park
from technopark.bench.page_load import CONNECTIONS, Load, fetch_alike, recording
from technopark.bench.pupil import Pupil, PupilError, Seat
from technopark.bench.report import Figures, Measured
from technopark.bench.stock_park import WORDS, stock_park
from technopark.bench.thin_line import ThinLine, thin_line
from technopark.catalogue.images import ensure_images
from technopark.engine.containers import PUPIL
from technopark.people.sites import read_sites
from technopark.progress import say, step
from technopark.settings import Settings

CLASS = 15
"""A computer room of a school has so many PCs."""

SLOWER = 2.0
"""An old PC of a school takes so many times longer for what one core of this machine does."""

ALONE = 2
"""Pupils who come before the class, one after the other, to one PC."""

BITS_PER_S = 10_000_000
ROUND_TRIP_S = 0.06
REST_MS = 5000.0
"""The page stays open so long, so that what Lab fetches late is counted, too."""

OURS, THEIRS = "tpbpage", "tpbpgstock"
"""Names of the park and of the stock hub."""

CHANCES = 4
"""A stock hub gives up a server that does not answer within 30 seconds; then it is asked again."""


def run(settings: Settings, runs: int = 1, pupils: int = CLASS) -> Measured:
    """Opens pages of a stock hub and of a park of the bench's own, `runs` times in turn.

    `pupils` sit down at the same moment, at PCs on which nobody has been yet. This machine has no
    cores for a browser each: one of the PCs is a real Chromium, the others fetch what a real one
    fetched at the same pace (`page_load`), open a kernel and run a cell. All think `SLOWER` times
    longer than this machine.

    Raises:
        BrowserError: there is no browser, or a page did not do what it must.
        StockParkError: the stock hub does not come up.
        BenchParkError: the park does not come up.
    """
    image = ensure_images(["peer"], settings, say)["peer"]
    peer: list[Figures] = []
    ours: list[Figures] = []
    with steady_network():
        for number in range(runs):
            with step(f"run {number + 1} of {runs}, a stock hub"):
                peer.append(_theirs(settings, image.id, pupils))
            with step(f"run {number + 1} of {runs}, a park"):
                ours.append(_ours(settings, pupils))
    return Measured(ours=ours, peer=peer)


def _theirs(settings: Settings, image: str, pupils: int) -> Figures:
    seats = [Seat(f"pupil-{number:03}", WORDS) for number in range(pupils + ALONE)]

    async def prepare(pupil: Pupil) -> None:
        await pupil.ask("notebook", "PUT", f"api/contents/{NOTEBOOK}", _model())

    with stock_park(settings, image, THEIRS) as park:
        far = int(park.address.rpartition(":")[2])
        (near,) = free_ports(1)
        return asyncio.run(_measure(f"http://127.0.0.1:{near}", near, far, seats, prepare))


def _ours(settings: Settings, pupils: int) -> Figures:
    near, far = free_ports(2)
    # A name, so that each pupil's server has one of its own, as in a school.
    address = f"http://park.localhost:{near}"
    web = {"address": address, "port": far, "listen": "127.0.0.1"}
    site = read_sites(settings.sites)[0]
    people = made_up(pupils + ALONE, [site.id], ("data-start",))
    with own_park(settings, OURS, {"web": web}, people) as park:

        async def prepare(pupil: Pupil) -> None:
            await asyncio.to_thread(_lay_out, park, pupil.seat)

        seats = seats_of(people, park.words)
        return asyncio.run(_measure(address, near, far, seats, prepare))


async def _measure(
    address: str,
    near: int,
    far: int,
    seats: Sequence[Seat],
    prepare: Callable[[Pupil], Awaitable[None]],
) -> Figures:
    first, second, *present = seats
    async with thin_line(near, far, BITS_PER_S, ROUND_TRIP_S) as line, chromium() as browser:
        line.is_wide = True
        await _start_servers(address, seats, prepare)
        line.is_wide = False
        async with new_pc(browser) as pc:
            with recording(pc) as got:
                alone, shown = await _counted(line, first_cell(pc, address, first, REST_MS))
            await sign_out(pc)
            after, _ = await _counted(line, first_cell(pc, address, second, REST_MS))
        line.forget()
        load = got.load(first, until=shown)
        seen, *others = present
        async with new_pc(browser) as pc:
            began = time.time()
            async with asyncio.TaskGroup() as lesson:
                real = lesson.create_task(first_cell(pc, address, seen, slower=SLOWER))
                for seat in others:
                    lesson.create_task(_first_cell_unseen(address, seat, load))
            class_s = time.time() - began
        return {
            "first_kb": alone["kb"],
            "second_kb": after["kb"],
            "requests": alone["requests"],
            "second_requests": after["requests"],
            "class_s": class_s,
            "browser_s": real.result() - began,
            "class_mb": line.bytes / 1e6,
        }


async def _first_cell_unseen(address: str, seat: Seat, load: Load) -> None:
    """What a PC does, without its screen."""
    async with _door(CONNECTIONS) as connector, Pupil(address, seat, connector) as pupil:
        await fetch_alike(pupil, load, SLOWER)
        await pupil.open_kernel()
        if (said := await pupil.run(CODE)) != RESULT:
            raise PupilError(f"The cell {CODE!r} says {said!r}.")


async def _counted(line: ThinLine, doing: Awaitable[float]) -> tuple[Figures, float]:
    line.forget()
    shown = await doing
    return {"kb": line.bytes / 1e3, "requests": line.requests}, shown


async def _start_servers(
    address: str, seats: Sequence[Seat], prepare: Callable[[Pupil], Awaitable[None]]
) -> None:
    """Starts them one after the other: nothing is measured yet."""
    async with _door() as connector:
        for seat in seats:
            for chance in reversed(range(CHANCES)):
                try:
                    await _start_server(Pupil(address, seat, connector), prepare)
                except PupilError:
                    if not chance:
                        raise
                else:
                    break


async def _start_server(pupil: Pupil, prepare: Callable[[Pupil], Awaitable[None]]) -> None:
    async with pupil:
        await pupil.sign_in()
        await pupil.open_lesson()
        await prepare(pupil)


@asynccontextmanager
async def _door(to_a_host: int = 0) -> AsyncIterator[aiohttp.BaseConnector]:
    async with aiohttp.TCPConnector(
        limit=0, limit_per_host=to_a_host, resolver=_AllHere()
    ) as connector:
        yield connector


class _AllHere(AbstractResolver):
    """Every name is this machine; browsers alone know this of `pupil.park.localhost`."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        here = ResolveResult(
            hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0
        )
        return [here]

    async def close(self) -> None:
        """Nothing is open."""


def _model() -> dict[str, object]:
    return {"type": "notebook", "format": "json", "content": notebook()}


def _lay_out(park: BenchPark, seat: Seat) -> None:
    """Puts the notebook where the pupil's lesson is, as the pupil's own."""
    path = park.settings.homes / seat.name / seat.classroom / NOTEBOOK
    path.write_text(json.dumps(notebook()), encoding="utf-8")
    os.chown(path, PUPIL, PUPIL)
