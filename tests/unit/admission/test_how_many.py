"""How many start at a time, how long the others wait, and whether there is memory."""

import pytest

from technopark import capacity
from technopark.admission import memory
from technopark.admission import room as the_room
from technopark.admission.room import Room
from technopark.admission.width import Width, adjusted, estimate
from technopark.host import Load, Memory, Work
from technopark.settings import Admission, Settings

GIGABYTE, MEGABYTE = 1 << 30, 1 << 20
IDLE, BUSY, CROWDED = Load(0.5, 0.2), Load(0.08, 0.6), Load(0.01, 0.9)


@pytest.mark.parametrize(
    ("width", "starting", "load", "wanted"),
    [
        (2, 2, IDLE, 3),
        (2, 1, IDLE, 2),  # nobody came who could use more
        (8, 8, IDLE, 8),  # starts wait for the engine, too: four for each core at most
        (5, 5, BUSY, 5),
        (5, 5, CROWDED, 4),
        (2, 2, CROWDED, 2),  # a start for each core, however busy the lessons are
    ],
)
def test_the_machine_gets_as_many_starts_as_keep_it_busy(
    width: int, starting: int, load: Load, wanted: int
) -> None:
    assert adjusted(width, starting, load, cores=2) == wanted


def test_what_the_admin_pins_is_not_measured() -> None:
    seconds = iter([0.0, 1.0, 2.0])
    idle = Work(busy=0, idle=1, pressed=0, at=0)
    width = Width(Admission(at_a_time=7), lambda _now: idle, lambda: next(seconds))
    width.measure(7)
    assert width.now == 7


def test_a_machine_that_idles_gets_more_to_do_step_by_step() -> None:
    looks = iter([Work(busy=0, idle=100 * n, pressed=0, at=n * 1_000_000) for n in range(4)])
    width = Width(Admission(), lambda _now: next(looks), lambda: 0.0)
    first = width.now
    width.measure(first)
    width.measure(first + 1)
    assert width.now == first + 2


def test_the_wait_is_the_place_times_the_pace() -> None:
    assert estimate(place=12, width=3, start_seconds=5.0) == 20.0


def test_servers_are_expected_to_use_what_others_use() -> None:
    few, many = [50 * MEGABYTE] * 4, [40 * MEGABYTE] * 5
    usual, idle = 100 * MEGABYTE, 45 * MEGABYTE
    assert memory.expected(few, otherwise=usual, least=idle) == usual
    assert memory.expected(many, otherwise=usual, least=idle) == 50 * MEGABYTE
    assert memory.expected([0] * 5, otherwise=usual, least=idle) == idle


def test_what_started_servers_may_still_use_is_set_aside() -> None:
    used = [30 * MEGABYTE, 0, 300 * MEGABYTE]
    assert memory.claims(used, each=100 * MEGABYTE) == 170 * MEGABYTE


@pytest.mark.parametrize(
    ("available", "claimed", "is_room"),
    [(2000, 0, True), (1123, 0, False), (1124, 0, True), (2000, 900, False)],
)
def test_no_start_touches_what_is_kept_free(available: int, claimed: int, is_room: bool) -> None:
    now = Memory(total=4 * GIGABYTE, available=available * MEGABYTE)
    found = memory.is_room(now, claimed * MEGABYTE, 100 * MEGABYTE, GIGABYTE)
    assert found is is_room


def test_a_machine_that_is_too_small_is_told_from_one_that_is_full() -> None:
    full = Memory(total=4 * GIGABYTE, available=0)
    assert not memory.is_hopeless(full, each=100 * MEGABYTE, keep_free=GIGABYTE)
    assert memory.is_hopeless(full, each=100 * MEGABYTE, keep_free=4 * GIGABYTE)


class Server:
    """A server that runs for a while."""

    ready, pending = True, None

    def __init__(self, container_id: str, is_in_use: bool = True) -> None:
        self.container_id, self.is_in_use = container_id, is_in_use


def rules(keep_free: int = GIGABYTE) -> Settings:
    return Settings(admission=Admission(server_memory=100 * MEGABYTE, keep_free=keep_free))


async def test_room_is_what_is_left_when_all_have_grown(monkeypatch: pytest.MonkeyPatch) -> None:
    used = {f"c{n}": 40 * MEGABYTE for n in range(6)}
    monkeypatch.setattr(the_room, "memory_of", lambda ids: {one: used[one] for one in ids})
    now = 1000.0
    machine = Memory(8 * GIGABYTE, available=GIGABYTE + 500 * MEGABYTE)
    room = Room(rules(), lambda: machine, lambda: now)
    assert room.is_there(starting=4)
    assert not room.is_there(starting=5)

    servers = {(name, "6a"): Server(name) for name in used}
    await room.measure(servers)
    assert room.is_there(starting=0), "six may take 60 MB more each: 140 MB are left for a seventh"
    assert not room.is_there(starting=1)

    now += 61
    await room.measure(servers)
    assert room.is_there(starting=7), "they have settled at 40 MB, so nobody is expected to use 100"
    assert not room.is_there(starting=8)


async def test_servers_that_wait_for_their_pupils_are_expected_to_grow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used = {f"c{n}": 25 * MEGABYTE for n in range(6)}
    monkeypatch.setattr(the_room, "memory_of", lambda ids: {one: used[one] for one in ids})
    now = 1000.0
    machine = Memory(8 * GIGABYTE, available=GIGABYTE + 500 * MEGABYTE)
    room = Room(rules(), lambda: machine, lambda: now)
    warm = {(name, "6a"): Server(name, is_in_use=False) for name in used}
    for _ in range(3):
        await room.measure(warm)
        now += 61
    assert not room.is_there(starting=0), "each may still take 75 MB, however long it has been idle"

    for server in warm.values():
        server.is_in_use = True
    used |= dict.fromkeys(used, 60 * MEGABYTE)
    await room.measure(warm)
    assert room.is_there(starting=1), "240 MB of 500 are set aside: they have not settled yet"
    assert not room.is_there(starting=2)
    now += 61
    await room.measure(warm)
    assert room.is_there(starting=4), "they settled at 60 MB, so 75 each are expected"
    assert not room.is_there(starting=5)


def test_unless_an_admin_says_so_a_server_is_expected_to_use_what_was_planned_for() -> None:
    each = capacity.server_memory("", "forked")
    free = GIGABYTE + each
    assert Room(Settings(), lambda: Memory(8 * GIGABYTE, free)).is_there(starting=0)
    assert not Room(Settings(), lambda: Memory(8 * GIGABYTE, free - 1)).is_there(starting=0)


async def test_a_server_counts_from_its_start_not_from_the_next_look() -> None:
    machine = Memory(8 * GIGABYTE, available=GIGABYTE + 150 * MEGABYTE)
    room = Room(rules(), lambda: machine)
    assert room.is_there(starting=0)
    room.add_one()
    assert not room.is_there(starting=0)
