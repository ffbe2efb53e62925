"""What is started and taken down when, with clocks that a test sets."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technopark.bell import plan
from technopark.bell.calendar import Lesson
from technopark.bell.plan import Owner, Pace, Server, decide, nobody_came

BELL = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
PACE = Pace(
    each=timedelta(seconds=2),
    lead=timedelta(minutes=30),
    ready=timedelta(minutes=2),
    unused=timedelta(minutes=10),
    at_a_time=3,
)


def lesson(classroom: str = "data-6a", after: float = 0, minutes: int = 45) -> Lesson:
    starts = BELL + timedelta(minutes=after)
    return Lesson(starts, starts + timedelta(minutes=minutes), classroom)


def pupils(number: int, beginning: str = "pupil") -> list[str]:
    return [f"{beginning}-{each:02}" for each in range(number)]


@dataclass
class World:
    """A hub that starts servers in its own time, and a clock."""

    lessons: list[Lesson]
    rosters: dict[str, list[str]]
    takes: timedelta = timedelta(seconds=4)
    pace: Pace = PACE
    now: datetime = BELL - timedelta(hours=1)
    servers: dict[Owner, Server] = field(default_factory=dict)
    begun: dict[Owner, datetime] = field(default_factory=dict)
    most_at_a_time: int = 0
    asked: int = 0

    def step(self) -> None:
        """A round of the bell, as `rounds` does it."""
        for owner, server in self.servers.items():
            if server.pending and self.now >= self.begun[owner] + self.takes:
                self.servers[owner] = replace(
                    server, pending="", is_ready=True, last_activity=self.now
                )
        decision = decide(
            self.now,
            [one for one in self.lessons if self.now < one.ends],
            self.rosters,
            self.servers.values(),
            self.pace,
        )
        for owner in decision.start:
            self.asked += 1
            self.begun[owner] = self.now
            self.servers[owner] = warm(*owner, started=self.now, ready=False)
        for server in decision.unwanted:
            if nobody_came(server, False, None, self._last(server.classroom)):
                del self.servers[server.owner]
        pending = [one for one in self.servers.values() if one.pending]
        self.most_at_a_time = max(self.most_at_a_time, len(pending))

    def _last(self, classroom: str) -> Lesson | None:
        begun = [
            one for one in self.lessons if one.classroom == classroom and one.starts <= self.now
        ]
        return max(begun, default=None)

    def until(self, moment: datetime, every: timedelta = timedelta(seconds=1)) -> None:
        while self.now < moment:
            self.step()
            self.now += every

    def ready(self) -> set[Owner]:
        return {owner for owner, server in self.servers.items() if server.is_ready}


def warm(person: str, classroom: str, started: datetime, ready: bool = True) -> Server:
    return Server(person, classroom, ready, "" if ready else "spawn", True, started, started)


def test_a_class_is_ready_two_minutes_before_the_bell_and_not_much_earlier() -> None:
    world = World([lesson()], {"data-6a": pupils(20)})
    world.until(BELL - PACE.lead)
    assert world.servers == {}
    world.until(BELL - timedelta(minutes=1, seconds=45))
    assert len(world.ready()) == 20
    assert min(world.begun.values()) > BELL - timedelta(minutes=4)


def test_never_more_are_asked_for_at_a_time_than_the_pace_says() -> None:
    world = World([lesson()], {"data-6a": pupils(30)}, takes=timedelta(seconds=20))
    world.until(BELL)
    assert world.most_at_a_time == PACE.at_a_time


def test_at_a_crowded_bell_starts_begin_earlier_and_classes_take_turns() -> None:
    rooms = {f"room-{number}": pupils(15, f"p{number}") for number in range(6)}
    world = World([lesson(room) for room in rooms], rooms)
    world.until(BELL)
    assert len(world.ready()) == 90
    first = sorted(world.begun, key=lambda owner: world.begun[owner])[:6]
    assert {classroom for _, classroom in first} == set(rooms)


def test_what_runs_is_kept_and_only_what_is_missing_is_started() -> None:
    mine = Server("pupil-00", "data-6a", True, "", False, BELL - timedelta(hours=2), BELL)
    world = World([lesson()], {"data-6a": pupils(3)}, servers={mine.owner: mine})
    world.until(BELL + timedelta(hours=1))
    assert world.asked == 2
    assert world.servers == {mine.owner: mine}, "who started it by hand keeps it"


def test_whoever_did_not_come_loses_the_server_ten_minutes_into_the_lesson() -> None:
    world = World([lesson()], {"data-6a": pupils(3)})
    world.until(BELL + timedelta(minutes=9, seconds=59))
    assert len(world.ready()) == 3
    came = world.servers["pupil-01", "data-6a"]
    world.servers[came.owner] = replace(came, last_activity=BELL + timedelta(minutes=3))
    world.until(BELL + timedelta(minutes=10, seconds=5))
    assert world.ready() == {came.owner}


def test_a_lesson_cancelled_after_its_servers_were_started_gives_them_back() -> None:
    world = World([lesson()], {"data-6a": pupils(3)})
    world.until(BELL - timedelta(minutes=1))
    assert len(world.ready()) == 3
    world.lessons.clear()
    world.servers = {
        owner: replace(server, last_activity=server.started)
        for owner, server in world.servers.items()
    }
    world.step()
    assert world.servers == {}


def test_two_lessons_back_to_back_in_one_room_need_no_second_start() -> None:
    twice = [lesson(minutes=10), lesson(after=10, minutes=45)]
    world = World(twice, {"data-6a": pupils(4)})
    world.until(BELL + timedelta(minutes=19))
    assert len(world.ready()) == 4
    assert world.asked == 4


def test_a_pupil_with_two_classrooms_has_a_server_for_each() -> None:
    rosters = {"data-6a": ["masha"], "robots-5b": ["masha"]}
    world = World([lesson("data-6a"), lesson("robots-5b", after=50)], rosters)
    world.until(BELL + timedelta(minutes=49))
    assert ("masha", "robots-5b") in world.ready()
    assert ("masha", "data-6a") not in world.ready(), "she did not come to the first"


def test_a_new_bell_goes_on_where_a_killed_one_was() -> None:
    world = World([lesson()], {"data-6a": pupils(20)})
    world.until(BELL - timedelta(minutes=2, seconds=20))
    there = set(world.servers)
    assert 0 < len(there) < 20
    # All a new process knows is what the hub shows.
    world = replace(world, asked=0)
    world.until(BELL)
    assert len(world.ready()) == 20
    assert world.asked == 20 - len(there)


def test_a_hub_that_lost_all_starts_is_asked_again() -> None:
    world = World([lesson()], {"data-6a": pupils(10)})
    world.until(BELL - timedelta(minutes=2, seconds=10))
    world.servers = {o: s for o, s in world.servers.items() if s.is_ready}
    world.until(BELL)
    assert len(world.ready()) == 10


@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(minutes=-5), timedelta(hours=3)])
def test_a_clock_that_jumps_leaves_no_server_behind(jump: timedelta) -> None:
    world = World([lesson()], {"data-6a": pupils(5)})
    world.until(BELL - timedelta(minutes=1))
    world.now += jump
    world.until(world.now + timedelta(seconds=1))
    world.until(BELL + timedelta(hours=4), timedelta(seconds=20))
    assert world.servers == {}


def test_a_start_put_off_is_not_asked_for() -> None:
    near = BELL - timedelta(seconds=30)
    decision = decide(
        near,
        [lesson()],
        {"data-6a": ["masha", "petya"]},
        [],
        PACE,
        frozenset({("masha", "data-6a")}),
    )
    assert decision.start == (("petya", "data-6a"),)


def test_the_admin_is_told_when_the_bell_comes_too_soon() -> None:
    near = BELL - timedelta(seconds=30)
    assert decide(near, [lesson()], {"data-6a": pupils(30)}, [], PACE).late == {lesson()}
    assert decide(near, [lesson()], {"data-6a": pupils(5)}, [], PACE).late == frozenset()


class TestWhetherSomebodyCame:
    """Signs that a warm server is used; every doubt leaves it to its owner."""

    started = BELL - timedelta(minutes=5)
    server = warm("masha", "data-6a", started)

    def test_a_browser_that_was_let_in_is_somebody(self) -> None:
        assert not nobody_came(self.server, True, None, lesson())

    def test_activity_until_it_was_ready_is_nobodys(self) -> None:
        ready = self.started + timedelta(seconds=40)
        quiet = replace(self.server, last_activity=ready - timedelta(seconds=1))
        assert nobody_came(quiet, False, ready, None)

    def test_later_activity_is_a_programs(self) -> None:
        ready = self.started + timedelta(seconds=40)
        used = replace(self.server, last_activity=BELL + timedelta(seconds=1))
        assert not nobody_came(used, False, ready, lesson())

    def test_where_the_bell_was_away_and_the_lesson_is_gone_it_stays(self) -> None:
        used = replace(self.server, last_activity=self.started + timedelta(seconds=1))
        assert not nobody_came(used, False, None, None)


rooms_of_a_day = st.lists(
    st.tuples(st.integers(0, 180), st.integers(1, 25)), min_size=1, max_size=8
)


@given(rooms_of_a_day, st.integers(1, 5))
def test_at_the_planned_pace_everybody_is_ready_at_every_bell_that_can_be_met(
    day: Sequence[tuple[int, int]], each: int
) -> None:
    pace = replace(PACE, each=timedelta(seconds=each))
    lessons = {lesson(f"room-{number}", after): size for number, (after, size) in enumerate(day)}
    begins = plan.begins(lessons, lessons, pace)
    assert all(one.starts - pace.lead <= begins[one] <= one.starts for one in lessons)
    # One start after the other, each lesson's from its begin on, the earliest bell first.
    at = BELL - timedelta(hours=1)
    tight = False
    for one in sorted(lessons, key=lambda each: (each.starts, each.classroom)):
        at = max(at, begins[one]) + lessons[one] * pace.each
        tight |= begins[one] == one.starts - pace.lead
        assert at <= one.starts or tight
