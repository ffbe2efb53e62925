"""The line as the spawner and the pages meet it: turns, places, who leaves, who is refused."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing, suppress

import pytest

from technopark.admission import line as the_module
from technopark.admission import turns as the_turns
from technopark.admission.line import Line
from technopark.admission.looks import (
    AWAY,
    COMING,
    READY,
    REFUSED,
    SHOW_REFUSED,
    STARTING,
    Look,
    State,
)
from technopark.admission.order import Start
from technopark.admission.room import Room
from technopark.admission.turns import NoRoomError
from technopark.admission.width import Width
from technopark.host import Memory, Work
from technopark.portal.hub.line_events import event, shown
from technopark.settings import Admission, Settings

GIGABYTE = 1 << 30


class Machine:
    """A machine whose clock and memory are the test's."""

    def __init__(self, rules: Admission) -> None:
        self.now = 1000.0
        self.memory = Memory(8 * GIGABYTE, 8 * GIGABYTE)
        clock: Callable[[], float] = lambda: self.now  # noqa: E731
        width = Width(rules, lambda _now: Work(0, 0, 0, 0), clock)
        settings = Settings(admission=rules)
        room = Room(settings, lambda: self.memory, clock)
        self.line = Line(settings, room, width, clock)


class Pupil:
    """Somebody whose server is to start."""

    def __init__(
        self, machine: Machine, name: str, site: str = "north", warm: bool = False
    ) -> None:
        self.line, self.name, self.left, self.refusal = machine.line, (name, "6a"), False, ""
        self.ready = asyncio.Event()
        self.start = Start(name, "6a", site, machine.now, is_warm=warm)
        self.task = asyncio.create_task(self._come())

    async def _come(self) -> None:
        try:
            async with self.line.turn(self.start, None if self.start.is_warm else self._leave):
                await self.ready.wait()
        except NoRoomError as error:
            self.refusal = str(error)

    def _leave(self) -> None:
        self.left = True
        self.task.cancel()

    @property
    def state(self) -> State:
        return self.line.look(self.name).state

    @property
    def place(self) -> int | None:
        return self.line.look(self.name).place


class Server:
    """What JupyterHub says of a server."""

    ready, pending, container_id, is_in_use = False, "spawn", "abc", True


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """One start at a time; looked after every 10 ms."""
    monkeypatch.setattr(the_module, "STEP", 0.01)
    return Machine(Admission(at_a_time=1, keep_place_seconds=120, refuse_minutes=5))


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110  # what is waited for is the line's own doing
            await asyncio.sleep(0.005)


async def arrive(machine: Machine, *names: str, site: str = "north") -> list[Pupil]:
    """Pupils who come one after the other."""
    came = []
    for name in names:
        machine.now += 0.1
        came.append(Pupil(machine, name, site))
        await asyncio.sleep(0)
    return came


async def end(*pupils: Pupil) -> None:
    for pupil in pupils:
        pupil.task.cancel()
    await asyncio.gather(*(pupil.task for pupil in pupils), return_exceptions=True)


async def test_turns_come_one_after_the_other_and_everybody_moves_up(machine: Machine) -> None:
    masha, petya, olya = await arrive(machine, "masha", "petya", "olya")
    assert [masha.state, petya.place, olya.place] == [State.STARTING, 1, 2]
    masha.ready.set()
    await masha.task
    assert [petya.state, olya.place] == [State.STARTING, 1]
    await end(petya, olya)
    assert (machine.line.waiting, machine.line.starting) == (0, 0)


async def test_a_start_that_fails_gives_its_turn_back(machine: Machine) -> None:
    masha, petya = await arrive(machine, "masha", "petya")
    await end(masha)
    assert petya.state is State.STARTING
    await end(petya)


async def test_the_page_is_told_of_each_place_and_of_the_turn(machine: Machine) -> None:
    masha, petya, olya = await arrive(machine, "masha", "petya", "olya")
    async with aclosing(machine.line.watch(olya.name)) as looks:
        assert (await anext(looks)).place == 2
        masha.ready.set()
        assert (await anext(looks)).place == 1
        petya.ready.set()
        assert (await anext(looks)).state is State.STARTING
    await end(olya)


async def test_whoever_closes_the_page_keeps_the_place_for_two_minutes(machine: Machine) -> None:
    masha, petya, olya = await arrive(machine, "masha", "petya", "olya")
    async with aclosing(machine.line.watch(petya.name)) as looks:
        await anext(looks)
        machine.now += 600
        await until(lambda: olya.left)
        assert not petya.left, "the page of who is there is open"
    machine.now += 119
    await asyncio.sleep(0.05)
    assert not petya.left
    machine.now += 2
    await until(lambda: machine.line.look(petya.name) == AWAY)
    assert petya.left
    assert masha.state is State.STARTING, "who has the turn may look away"
    await end(masha)


async def test_a_reload_counts_as_being_there(machine: Machine) -> None:
    masha, petya = await arrive(machine, "masha", "petya")
    machine.now += 100
    machine.line.visit(petya.name)
    machine.now += 100
    await asyncio.sleep(0.05)
    assert not petya.left
    await end(masha, petya)


async def test_a_pupil_who_comes_for_a_warm_start_gets_a_place_in_person(machine: Machine) -> None:
    (masha,) = await arrive(machine, "masha")
    early = Pupil(machine, "early", warm=True)
    await asyncio.sleep(0)
    (petya,) = await arrive(machine, "petya")
    assert (early.place, petya.place) == (2, 1)

    machine.now += 1
    async with aclosing(machine.line.watch(early.name)) as looks:
        await anext(looks)
        (olya,) = await arrive(machine, "olya")
        assert (petya.place, early.place, olya.place) == (1, 2, 3)
    machine.now += 121
    machine.line.visit(petya.name)
    machine.line.visit(olya.name)
    await until(lambda: early.place == 3)
    assert not early.left, "nobody has to look on while a server is made ready"
    await end(masha, petya, olya, early)


async def test_one_who_looks_on_before_the_warm_start_is_in_line_is_there_in_person(
    machine: Machine,
) -> None:
    (masha,) = await arrive(machine, "masha")
    (petya,) = await arrive(machine, "petya", site="south")
    server = Server()
    machine.line.know(("early", "6a"), server)
    async with aclosing(machine.line.watch(("early", "6a"))) as looks:
        assert await anext(looks) == COMING
        early = Pupil(machine, "early", warm=True)
        await asyncio.sleep(0)
        assert not machine.line._turns.waiting[early.name].start.is_warm
    await end(masha, petya, early)


async def test_small_schools_are_not_behind_large_ones(machine: Machine) -> None:
    (first,) = await arrive(machine, "first")
    large = await arrive(machine, *(f"large-{n:02}" for n in range(60)))
    small = await arrive(machine, "a", "b", "c", site="small")
    assert [pupil.place for pupil in small] == [2, 4, 6]
    assert [pupil.place for pupil in large[:3]] == [1, 3, 5]
    await end(first, *large, *small)


async def test_without_memory_pupils_wait_until_something_ends(machine: Machine) -> None:
    machine.memory = Memory(8 * GIGABYTE, GIGABYTE)
    (masha,) = await arrive(machine, "masha")
    look = machine.line.look(masha.name)
    assert (look.state, look.place, look.seconds) == (State.WAITING, 1, None)
    assert machine.line.is_short
    machine.memory = Memory(8 * GIGABYTE, 2 * GIGABYTE)
    await until(lambda: masha.state is State.STARTING)
    assert not machine.line.is_short
    await end(masha)


async def test_a_start_is_refused_when_memory_has_been_short_for_long(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    machine.memory = Memory(8 * GIGABYTE, GIGABYTE)
    (masha,) = await arrive(machine, "masha")
    machine.now += 299
    machine.line.visit(masha.name)
    await asyncio.sleep(0.05)
    (petya,) = await arrive(machine, "petya")
    assert masha.state is State.WAITING
    machine.now += 2
    await masha.task
    assert masha.refusal.startswith("1024 MB of memory are free")
    assert "No server for masha in 6a" in caplog.text
    assert petya.state is State.WAITING, "who came later has not waited that long"
    assert machine.line.refused == 1
    await end(petya)


async def test_a_machine_that_is_too_small_refuses_at_once(machine: Machine) -> None:
    machine.memory = Memory(GIGABYTE, GIGABYTE // 2)
    (masha,) = await arrive(machine, "masha")
    await masha.task
    assert "give the machine more memory" in masha.refusal


async def test_a_server_is_seen_through_its_whole_start(machine: Machine) -> None:
    server = Server()
    machine.line.know(("masha", "6a"), server)
    assert machine.line.look(("masha", "6a")) == COMING
    (masha,) = await arrive(machine, "masha")
    assert machine.line.look(masha.name) == STARTING
    masha.ready.set()
    await masha.task
    assert machine.line.look(masha.name) == STARTING, "the proxy has no way to it yet"
    server.ready, server.pending = True, None
    assert machine.line.look(masha.name) == READY
    server.ready = False
    assert machine.line.look(masha.name) == AWAY


async def test_in_a_long_line_whoever_comes_sees_a_place_at_once(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_turns, "MANY", 3)
    monkeypatch.setattr(the_module, "STEP", 5.0)
    pupils = [Pupil(machine, f"pupil-{number}") for number in range(6)]
    await until(lambda: machine.line.waiting == 5)
    assert [pupil.place for pupil in pupils] == [None, 1, 2, 3, 4, 5]
    newcomer = Pupil(machine, "newcomer", "south")
    await until(lambda: newcomer.place == 6)
    pupils[0].ready.set()  # a start is over: all places are worked out anew
    await until(lambda: newcomer.state is State.STARTING or newcomer.place == 1)
    for pupil in [*pupils, newcomer]:
        pupil.task.cancel()


async def test_all_who_are_not_away_are_seen_at_once(machine: Machine) -> None:
    masha, petya = Pupil(machine, "masha"), Pupil(machine, "petya")
    await asyncio.sleep(0)
    olya = Server()
    olya.pending, olya.ready = None, True  # type: ignore[assignment]
    machine.line.know(("olya", "6a"), olya)
    gone = Server()
    gone.pending = None  # type: ignore[assignment]
    machine.line.know(("lena", "6a"), gone)
    looks = machine.line.looks()
    assert looks.pop(("petya", "6a")).place == 1
    assert looks == {("masha", "6a"): STARTING, ("olya", "6a"): READY}
    for pupil in (masha, petya):
        pupil.task.cancel()
        await asyncio.wait([pupil.task])


async def test_a_start_that_came_to_nothing_is_seen_until_the_next_one(machine: Machine) -> None:
    class BrokenError(Exception):
        pass

    async def start(outcome: Exception | asyncio.CancelledError) -> None:
        with suppress(BrokenError, asyncio.CancelledError):
            async with machine.line.turn(Start("masha", "6a", "north", 0.0), None):
                raise outcome

    def look() -> Look:
        return machine.line.look(("masha", "6a"))

    await start(asyncio.CancelledError())
    assert look() == AWAY, "she went away herself"
    await start(BrokenError())
    assert look() == REFUSED
    assert machine.line.looks() == {("masha", "6a"): REFUSED}
    again = Server()
    machine.line.know(("masha", "6a"), again)
    assert look() == COMING
    again.pending = None  # type: ignore[assignment]
    await start(BrokenError())
    machine.now += SHOW_REFUSED
    machine.line.looks()
    assert look() == AWAY, "nobody cares any more"


async def test_looking_at_a_whole_city_does_not_hold_up_the_hub(machine: Machine) -> None:
    servers = [Server() for _ in range(3000)]
    for number, server in enumerate(servers):
        server.pending, server.ready = None, True  # type: ignore[assignment]
        machine.line.know((f"pupil-{number}", "6a"), server)
    machine.line.looks()
    took = []
    for _ in range(5):
        began = time.perf_counter()
        told = shown(machine.line.looks())
        event(told, told)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.05, took
