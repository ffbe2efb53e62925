"""An hour's lesson in ten minutes: the bell has it ready; pupils run, edit, hand in, come back.

They also restart, idle, close the lid, compute on a leased kernel, switch off and start again.

`./park test` lives a slice of it with a few pupils, `./park test all` the whole with thirty. The
pupils are those of the benches, with the means of a browser.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import mean
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, select, text
from support.leftovers import left_behind
from support.park import Park
from support.soak import Scale
from support.waiting import eventually
from support.watching import Watch, watching

from technopark.bell import timetable
from technopark.bell.calendar import Day
from technopark.bench.assignments import click, receipts, release
from technopark.bench.charges import container_cpu, container_memory
from technopark.bench.made_up import HEAD, seats_of
from technopark.bench.own_park import BenchPark
from technopark.bench.pupil import Pupil, PupilError, Seat, front_door
from technopark.engine.client import open_engine
from technopark.engine.park_containers import park_containers
from technopark.exchange.check import lost_receipts
from technopark.machine.secrets import read_secrets
from technopark.people.demo import DemoFile
from technopark.store import Lease, open_store

pytestmark = pytest.mark.docker
Record = Callable[[str, object], None]

LEASED = "python3-gpu"
"""The kernelspec of kernels that the broker lends."""
BEFORE_THE_BELL = timedelta(seconds=125)
"""A class's servers are due two minutes before its lesson."""

GROWTH_MB = {"proxy": 40.0}
"""What a process's memory may grow by in the steady part of a lesson.

V8 collects its garbage late: the proxy's memory swings by some 30 MB while it holds nothing new.
"""
USUAL_GROWTH_MB = 10.0
"""Of all others: Python's allocator gives back by the megabyte, and a hub that grew by as much in
every one of six lessons a day would still have a week to its nightly restart's 300 MB. What is
looked for is a leak of a message, a session or a server each: with the whole class, far more."""
FEW = 8
"""Files and threads that may come in the steady part: pools that were not full yet.

And a file for each pupil: the last page's connection is kept open for the next one.
"""


@dataclass
class Lesson:
    """What the pupils did, and what they could not do."""

    ends: float = 0.0
    done: dict[str, int] = field(default_factory=dict)
    broke: list[str] = field(default_factory=list)


class Scholar:
    """One pupil, who does one thing after the other until the lesson ends."""

    def __init__(self, pupil: Pupil, lesson: Lesson, number: int) -> None:
        self.pupil, self.lesson = pupil, lesson
        self.chance = random.Random(number)  # noqa: S311  # the same lesson every time
        self.saves = 0
        self.has_fetched = False

    async def arrive(self) -> None:
        await self._or_say_why(self._come_in())

    async def learn(self) -> None:
        await self._or_say_why(self._work())

    async def _or_say_why(self, what: Awaitable[None]) -> None:
        try:
            await what
        except PupilError as error:
            name, step = self.pupil.seat.name, self.pupil.step
            self.lesson.broke.append(f"{name}, {step}: {error}")

    async def _within_a_minute(self, action: "Action") -> None:
        try:
            async with asyncio.timeout(60):
                await action(self)
        except TimeoutError:
            raise PupilError(f"nothing came of {action.__name__!r}") from None

    async def _come_in(self) -> None:
        await self.pupil.sign_in()
        await self.pupil.open_lesson()
        await self.pupil.open_kernel()
        await self.run()

    async def _work(self) -> None:
        at_first = self.chance.sample(list(ACTIONS), len(ACTIONS))  # however short the lesson is
        while at_first or time.monotonic() < self.lesson.ends:
            action = at_first.pop() if at_first else self._what_next()
            await self._within_a_minute(action)
            done = self.lesson.done
            done[action.__name__] = done.get(action.__name__, 0) + 1
            await asyncio.sleep(self.chance.uniform(0.5, 3))

    def _what_next(self) -> "Action":
        return self.chance.choices(list(ACTIONS), list(ACTIONS.values()))[0]

    async def run(self) -> None:
        code = "rows = [n * n for n in range(100_000)]\nprint(len(rows))"
        if (said := await self.pupil.run(code)) != "100000\n":
            raise PupilError(f"the cell said {said!r}")

    async def edit(self) -> None:
        self.saves += 1
        cell = {"cell_type": "markdown", "metadata": {}, "source": f"{self.saves}\n" * 200}
        book = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
        body = {"type": "notebook", "format": "json", "content": book}
        await self.pupil.ask("save", "PUT", "api/contents/lesson.ipynb", body)

    async def restart(self) -> None:
        await self.pupil.ask("restart", "POST", f"api/kernels/{self.pupil.kernel}/restart")
        await self.pupil.leave_kernel()  # as the page does: what the old socket hears is not whole
        await self.pupil.come_back()
        await self.run()

    async def idle(self) -> None:
        await asyncio.sleep(self.chance.uniform(3, 10))

    async def close_the_lid(self) -> None:
        await self.pupil.leave_kernel()
        await asyncio.sleep(self.chance.uniform(1, 8))
        await self.pupil.visit("/hub/home")
        await self.pupil.come_back()
        await self.run()

    async def hand_in(self) -> None:
        if not self.has_fetched:
            await click(self.pupil, "fetch")
            self.has_fetched = True
        await click(self.pupil, "submit")

    async def compute_elsewhere(self) -> None:
        own = self.pupil.kernel
        await self.pupil.leave_kernel()
        await self.pupil.open_kernel(LEASED)
        await self.run()
        await self.pupil.leave_kernel()
        await self.pupil.ask("end", "DELETE", f"api/kernels/{self.pupil.kernel}")
        self.pupil.kernel = own
        await self.pupil.come_back()
        await self.run()

    async def switch_off_and_start_again(self) -> None:
        await self.pupil.leave_lesson()
        await self.pupil.open_lesson()
        await self.pupil.open_kernel()
        await self.run()


Action = Callable[[Scholar], Coroutine[Any, Any, None]]
ACTIONS: dict[Action, float] = {
    Scholar.run: 0.4,
    Scholar.edit: 0.25,
    Scholar.idle: 0.1,
    Scholar.close_the_lid: 0.08,
    Scholar.hand_in: 0.05,
    Scholar.restart: 0.04,
    Scholar.compute_elsewhere: 0.04,
    Scholar.switch_off_and_start_again: 0.04,
}
"""What pupils do, and how often."""


def test_a_lesson_leaves_nothing_behind(
    made: BenchPark, park: Park, people: DemoFile, scale: Scale, record_property: Record
) -> None:
    seats = seats_of(people, made.words)
    routes, networks = proxy_routes(park), park_networks(park)
    for room in people.classrooms:
        release(made, room)
    lesson = Lesson()
    with before_the_bell(park, people):
        eventually(lambda: are_ready(made, seats), 120, "servers of all before their lesson")
        lesson_is_lived(made, park, seats, lesson, scale, record_property)
    found = receipts(made, seats)
    assert len(found) >= len(seats)
    assert lost_receipts(park.settings, found) == []

    everybody_leaves(made)
    eventually(lambda: servers_left(park) == [], 60, "all servers' containers are gone")
    assert volumes(park) == []
    assert park_networks(park) == networks
    eventually(lambda: proxy_routes(park) == routes, 60, "the proxy forgets all servers")
    assert servers_in_hub(park) == 0
    assert leases_left(park) == 0


def test_when_the_park_is_down_nothing_of_it_is_left(
    made: BenchPark, park: Park, others_volumes: set[str]
) -> None:
    made.call("down")
    assert left_behind(park.settings, others_volumes) == {}


def lesson_is_lived(
    made: BenchPark,
    park: Park,
    seats: list[Seat],
    lesson: Lesson,
    scale: Scale,
    record_property: Record,
) -> None:
    """Everybody comes and learns; nothing breaks, and no process grows."""
    costs, watch = asyncio.run(live(made.address, seats, lesson, park, scale.minutes * 60))
    for name, figure in (lesson.done | costs).items():
        record_property(name, figure)
    assert lesson.broke == []
    assert lesson.done.keys() == {each.__name__ for each in ACTIONS}
    nothing_grew(watch, scale.pupils, record_property)


@contextmanager
def before_the_bell(park: Park, people: DemoFile) -> Iterator[None]:
    """All classes have a lesson in two minutes, by the timetable, for as long as the block runs."""
    with closing(open_store(park.settings.database_url)) as store:
        with store.read() as session:
            places = timetable.places(session)
        said = []
        for room in people.classrooms:
            starts = datetime.now(places[room.id].zone).replace(microsecond=0) + BEFORE_THE_BELL
            said.append(Day(room.id, "added", starts.date(), starts.time(), 45))
        with store.write() as session:
            timetable.add(session, *said)
        yield
        with store.write() as session:
            timetable.take_back(session, *said)


def are_ready(made: BenchPark, seats: list[Seat]) -> bool:
    """Whether the bell has started everybody's server."""
    with closing(made.client(HEAD)) as head:
        users = head.get("/hub/api/users", params={"state": "ready"}).raise_for_status().json()
    running = {(user["name"], server) for user in users for server in user["servers"]}
    return {(seat.name, seat.classroom) for seat in seats} <= running


async def live(
    address: str, seats: list[Seat], lesson: Lesson, park: Park, seconds: float
) -> tuple[dict[str, float], Watch]:
    """Lets everybody come and live the lesson; what a server cost in it, and what processes held.

    The lesson begins when all are there, so that nobody's coming is taken for a leak.
    """
    async with front_door() as connector:
        pupils = [Pupil(address, seat, connector) for seat in seats]
        scholars = [Scholar(pupil, lesson, number) for number, pupil in enumerate(pupils)]
        await asyncio.gather(*(scholar.arrive() for scholar in scholars))
        assert lesson.broke == [], "all are there"
        began, before = time.monotonic(), await asyncio.to_thread(used, park)
        lesson.ends = began + seconds
        with watching(park.settings) as watch:
            await asyncio.gather(*(scholar.learn() for scholar in scholars))
        took, after = time.monotonic() - began, await asyncio.to_thread(used, park)
        await asyncio.gather(*(pupil.close() for pupil in pupils))
    stayed = before.keys() & after.keys()  # others were switched off, and are new
    return {
        "cores_each": round(mean(after[pid][0] - before[pid][0] for pid in stayed) / took, 4),
        "memory_mb_each": round(mean(megabytes for _, megabytes in after.values()), 1),
    }, watch


def used(park: Park) -> dict[int, tuple[float, float]]:
    """CPU seconds and megabytes of each running server, by the process that holds its container."""
    engine = open_engine(park.settings.engine)
    pids = [engine.inspect_container(name)["State"]["Pid"] for name in servers_left(park)]
    return {pid: (container_cpu(pid), container_memory(pid)) for pid in pids if pid}


def nothing_grew(watch: Watch, pupils: int, record_property: Record) -> None:
    """No process was started anew, and none holds more than it did."""
    assert {name: len(pids) for name, pids in watch.pids.items() if len(pids) > 1} == {}
    grew = []
    for name in watch.looks:
        memory = GROWTH_MB.get(name, USUAL_GROWTH_MB)
        limits = {"memory_mb": memory, "files": FEW + pupils, "threads": FEW}
        for held, limit in limits.items():
            growth = watch.growth(name, held)
            record_property(f"{name}_{held}_growth", round(growth, 2))
            if growth > limit:
                grew.append(f"{name}: {held} by {growth:.1f}, more than {limit}")
    assert grew == []


def everybody_leaves(made: BenchPark) -> None:
    """The admin stops all servers, as the culler does after the lesson."""
    with closing(made.client(HEAD)) as head:
        users = head.get("/hub/api/users", params={"state": "active"}).raise_for_status().json()
        for user in users:
            for server in user["servers"]:
                path = f"/hub/api/users/{user['name']}/servers/{server}"
                head.request("DELETE", path, json={"remove": True}).raise_for_status()


def servers_left(park: Park) -> list[str]:
    """The names of the servers' containers, running or not."""
    engine, name = open_engine(park.settings.engine), park.settings.network.name
    return [one.name for one in park_containers(engine, name) if "--" in one.name]


def volumes(park: Park) -> list[str]:
    """The engine's volumes that belong to this park."""
    found = open_engine(park.settings.engine).volumes()["Volumes"] or []
    return [one["Name"] for one in found if one["Name"].startswith(park.settings.network.name)]


def park_networks(park: Park) -> list[str]:
    """The engine's networks that belong to this park."""
    name = park.settings.network.name
    found = open_engine(park.settings.engine).networks()
    return sorted(each["Name"] for each in found if each["Name"].startswith(name))


def proxy_routes(park: Park) -> set[str]:
    """The addresses that the proxy leads somewhere."""
    token = {"Authorization": f"token {read_secrets(park.settings).proxy_token}"}
    url = f"http://127.0.0.1:{park.settings.ports.proxy_api}/api/routes"
    return set(httpx.get(url, headers=token).raise_for_status().json())


def servers_in_hub(park: Park) -> int:
    """Servers that the hub's database still holds, spawning ones among them."""
    engine = create_engine(park.settings.hub_database_url)
    query = text("SELECT count(*) FROM spawners WHERE server_id IS NOT NULL")
    with engine.connect() as connection:
        found = connection.execute(query).scalar_one()
    engine.dispose()
    return int(found)


def leases_left(park: Park) -> int:
    """Leases that the broker has granted or keeps in line."""
    with closing(open_store(park.settings.database_url)) as store, store.read() as session:
        found = session.scalars(select(Lease).where(Lease.state != "ended")).all()
        return len(found)
