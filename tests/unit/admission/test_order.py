"""Who is next: fair between sites and their classrooms, by time within a classroom."""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as some

from technopark.admission.order import Group, Start, in_order, joined, served


@dataclass
class Bell:
    """A line in which somebody comes now and then, and one start is served at a time."""

    waiting: list[Start] = field(default_factory=list)
    turns: dict[Group, int] = field(default_factory=dict)
    went: list[Start] = field(default_factory=list)

    def comes(self, start: Start) -> None:
        self.turns = joined(self.turns, start, self.waiting)
        self.waiting.append(start)

    def next(self) -> Start:
        start = in_order(self.waiting, self.turns)[0]
        self.turns = served(self.turns, start)
        self.waiting.remove(start)
        self.went.append(start)
        return start


def pupils(site: str, number: int, since: float = 0.0, rooms: int = 1) -> list[Start]:
    return [
        Start(f"{site}-{n:02}", f"{site}-{n % rooms}", site, since + n / 100) for n in range(number)
    ]


def line_of(*starts: Start) -> Bell:
    bell = Bell()
    for start in starts:
        bell.comes(start)
    return bell


def test_a_small_school_does_not_stand_behind_a_large_one() -> None:
    bell = line_of(*pupils("large", 60), *pupils("small", 3, since=10.0))
    order = [start.site for start in in_order(bell.waiting, bell.turns)]
    assert [place for place, site in enumerate(order, 1) if site == "small"] == [2, 4, 6]


def test_who_comes_late_shares_from_then_on_and_takes_nothing_back() -> None:
    bell = line_of(*pupils("large", 60))
    for _ in range(30):
        bell.next()
    for start in pupils("small", 20, since=50.0):
        bell.comes(start)
    shares = Counter(bell.next().site for _ in range(20))
    assert shares == {"large": 10, "small": 10}


def test_classrooms_of_a_site_share_its_turns() -> None:
    first = [Start(f"a{n}", "6a", "north", n / 10) for n in range(20)]
    second = [Start(f"b{n}", "6b", "north", 5 + n / 10) for n in range(4)]
    bell = line_of(*first, *second, *pupils("south", 40))
    rooms = Counter(bell.next().classroom for _ in range(16))
    assert rooms == {"6a": 4, "6b": 4, "south-0": 8}


def test_within_a_classroom_who_came_first_goes_first() -> None:
    bell = line_of(*reversed(pupils("north", 10)), *pupils("south", 10))
    order = [start.person for start in in_order(bell.waiting, bell.turns) if start.site == "north"]
    assert order == sorted(order)


def test_a_warm_start_stands_behind_everybody_who_waits_in_person() -> None:
    warm = Start("early", "6a", "north", 0.0, is_warm=True)
    bell = line_of(warm, *pupils("north", 2, since=5.0), *pupils("south", 30, since=9.0))
    assert in_order(bell.waiting, bell.turns)[-1] is warm


def test_servers_that_were_made_ready_cost_a_school_no_turns() -> None:
    bell = line_of(*(Start(f"w{n}", "6a", "north", 0.0, is_warm=True) for n in range(20)))
    for _ in range(15):
        bell.next()
    for start in (*pupils("south", 5, since=60.0), *pupils("north", 5, since=60.0)):
        bell.comes(start)
    assert Counter(bell.next().site for _ in range(6)) == {"north": 3, "south": 3}


def test_an_empty_line_has_no_order() -> None:
    assert in_order([], {}) == []


arrivals = some.lists(
    some.tuples(
        some.sampled_from(["north", "south", "east"]), some.integers(0, 1), some.booleans()
    ),
    min_size=1,
    max_size=60,
)


@given(arrivals, some.integers(0, 3))
def test_nobody_starves_whoever_else_comes(
    coming: list[tuple[str, int, bool]], served_between: int
) -> None:
    """As many others at most go before somebody as there are groups for each one ahead."""
    bell = Bell()
    ahead: dict[Start, int] = {}
    came: dict[Start, int] = {}
    for number, (site, room, is_warm) in enumerate(coming):
        start = Start(f"p{number}", f"{site}-{room}", site, float(number), is_warm)
        if not is_warm:
            ahead[start] = sum(
                (other.classroom, other.is_warm) == (start.classroom, False)
                for other in bell.waiting
            )
            came[start] = len(bell.went)
        bell.comes(start)
        for _ in range(min(served_between, len(bell.waiting))):
            bell.next()
    while bell.waiting:
        bell.next()
    sites, rooms = 3, 2
    for start, others in ahead.items():
        waited = bell.went.index(start) - came[start]
        assert waited <= (others + 1) * sites * rooms
    assert len(bell.went) == len(set(bell.went)) == len(coming)


@given(arrivals)
def test_turns_differ_by_one_between_sites_that_all_wait(
    coming: list[tuple[str, int, bool]],
) -> None:
    starts = [
        Start(f"p{number}", f"{site}-{room}", site, float(number))
        for number, (site, room, _) in enumerate(coming)
    ]
    bell = line_of(*starts)
    left = Counter(start.site for start in starts)
    had = Counter(dict.fromkeys(left, 0))
    while bell.waiting:
        site = bell.next().site
        had[site] += 1
        left[site] -= 1
        waiting = [had[other] for other in left if left[other] > 0]
        assert had[site] <= min(waiting, default=had[site]) + 1
