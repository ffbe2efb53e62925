"""The line is fair: between sites, then classrooms, then pupils, and it forgets nobody."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.leases import ask, held, slots, who

from technopark.kernels.line.order import charged, charges, cost, in_order
from technopark.kernels.line.terms import Ask, Held, Key, Rules, Usage

RULES = Rules(typical=600.0)
HOUR = 3600.0


def names(order: list[Ask]) -> list[str]:
    return [one.id for one in order]


def used(**seconds: float) -> dict[Key, Usage]:
    """A ledger of what sites used up to now."""
    return {("site", site): Usage(amount, 0.0) for site, amount in seconds.items()}


# Stories


def test_a_class_that_came_first_does_not_bar_the_way_of_one_pupil_elsewhere() -> None:
    crowd = [ask(f"north/6a/pupil-{n}", since=n) for n in range(5)]
    order = in_order([*crowd, ask("south/5b/oleg", since=50.0)], {}, [], 60.0, RULES)
    assert names(order) == ["pupil-0", "oleg", "pupil-1", "pupil-2", "pupil-3", "pupil-4"]


def test_a_site_that_used_less_today_goes_first() -> None:
    asks = [ask("north/6a/masha", since=0.0), ask("south/5b/oleg", since=9.0)]
    assert names(in_order(asks, used(north=900, south=60), [], 10.0, RULES)) == ["oleg", "masha"]


def test_within_a_site_the_classroom_that_used_less_goes_first_and_then_the_pupil() -> None:
    ledger: dict[Key, Usage] = {
        ("classroom", "north-6a"): Usage(900.0, 0.0),
        ("classroom", "north-6b"): Usage(60.0, 0.0),
        ("person", "petya"): Usage(60.0, 0.0),
    }
    asks = [ask("north/6a/masha"), ask("north/6b/petya"), ask("north/6b/lena", since=5.0)]
    rules = replace(RULES, typical=100.0)
    assert names(in_order(asks, ledger, [], 10.0, rules)) == ["lena", "petya", "masha"]


def test_what_runs_counts_before_anybody_knows_how_long_it_will_run() -> None:
    asks = [ask("north/6a/masha"), ask("south/5b/oleg", since=5.0)]
    running = [held(slots()[0], "north/6a/petya", since=9.0)]
    assert names(in_order(asks, used(south=300), running, 10.0, RULES)) == ["oleg", "masha"]


def test_a_share_of_a_device_counts_for_that_part_of_its_time() -> None:
    lease = held(slots(shares=4)[0], "north/6a/masha", since=0.0)
    after = charges({}, lease, 400.0, RULES)
    assert after == {key: Usage(100.0, 400.0) for key in lease.who.keys}
    assert cost(slots(devices=2, shares=4)) == pytest.approx(0.25)


def test_used_time_counts_half_after_the_half_life() -> None:
    before = Usage(600.0, at=0.0)
    assert charged(before, 100.0, 4 * HOUR, 4 * HOUR) == Usage(400.0, 4 * HOUR)


def test_a_clock_that_goes_back_gives_nobody_more_use() -> None:
    assert charged(Usage(600.0, at=1000.0), 0.0, 500.0, HOUR).seconds == 600.0


def test_a_site_of_double_weight_gets_two_turns_for_one() -> None:
    asks = [ask(f"{site}/6a/{site}-{n}") for site in ("north", "south") for n in range(4)]
    rules = replace(RULES, site_weights={"south": 2.0})
    first = names(in_order(asks, {}, [], 0.0, rules))[:6]
    assert sum(name.startswith("south") for name in first) == 4


def test_courses_have_weights_within_their_site_only() -> None:
    asks = [ask("north/6a/masha"), ask("north/6b/lena", course="vision"), ask("south/5b/oleg")]
    rules = replace(RULES, course_weights={"vision": 4.0})
    ledger: dict[Key, Usage] = {
        ("site", "north"): Usage(400.0, 0.0),
        ("classroom", "north-6a"): Usage(150.0, 0.0),
        ("classroom", "north-6b"): Usage(250.0, 0.0),
    }
    assert names(in_order(asks, ledger, [], 0.0, rules)) == ["oleg", "lena", "masha"]


@pytest.mark.parametrize("newcomers", ["site-{}/6a/pupil", "north/room-{}/pupil", "north/6a/p-{}"])
def test_who_used_most_has_a_turn_although_newcomers_keep_coming(newcomers: str) -> None:
    """One device, 20 minutes each; two who never had one join the line at every turn."""
    rules = replace(RULES, longest_wait=2 * HOUR)
    ledger: dict[Key, Usage] = {key: Usage(1e6, 0.0) for key in who("north/6a/masha").keys}
    waiting = [ask("north/6a/masha")]
    turns: list[str] = []
    for turn in range(12):
        now = 1.0 + turn * 20 * 60
        waiting += [ask(newcomers.format(2 * turn + n), now, f"{turn}-{n}") for n in (0, 1)]
        first = in_order(waiting, ledger, [], now, rules)[0]
        waiting.remove(first)
        turns.append(first.id)
        ledger |= charges(ledger, Held(slots()[0], first.who, now, now), now + 19 * 60, rules)
    assert turns.index("masha") == 6


def test_a_long_wait_puts_nobody_first_who_has_a_lease_already() -> None:
    asks = [ask("north/6a/masha"), ask("south/5b/oleg", since=3 * HOUR)]
    running = [held(slots()[0], "north/6a/petya")]
    assert names(in_order(asks, {}, running, 3 * HOUR + 1, RULES)) == ["oleg", "masha"]


def test_a_long_wait_counts_from_the_last_lease() -> None:
    asks = [ask("north/6a/masha"), ask("south/5b/oleg", since=3 * HOUR)]
    ledger: dict[Key, Usage] = {("site", "north"): Usage(9.0, 2.5 * HOUR)}
    assert names(in_order(asks, ledger, [], 3 * HOUR + 1, RULES)) == ["oleg", "masha"]


def test_a_weight_of_two_halves_the_longest_wait() -> None:
    asks = [ask("north/6a/masha"), ask("south/5b/oleg")]
    rules = replace(RULES, longest_wait=2 * HOUR, site_weights={"north": 2.0})
    ledger = used(north=1e6, south=10.0)
    assert names(in_order(asks, ledger, [], 0.9 * HOUR, rules)) == ["oleg", "masha"]
    assert names(in_order(asks, ledger, [], 1.1 * HOUR, rules)) == ["masha", "oleg"]


def test_nobody_in_line_is_an_empty_line() -> None:
    assert in_order([], {}, [], 0.0, RULES) == []


# What always holds

PLACES = st.builds(
    "{}/{}/{}".format, st.sampled_from("abc"), st.sampled_from("12"), st.sampled_from("xyz")
)
ASKS = st.lists(st.tuples(PLACES, st.floats(0, 9000)), max_size=25).map(
    lambda made: [ask(place, since, f"ask-{n}") for n, (place, since) in enumerate(made)]
)
LEDGERS = st.dictionaries(
    PLACES.flatmap(lambda place: st.sampled_from(who(place).keys)),
    st.builds(Usage, st.floats(0, 1e5), st.floats(0, 9000)),
)
WEIGHTS = st.dictionaries(st.sampled_from("abc"), st.floats(0.1, 10))


@given(ASKS, LEDGERS, WEIGHTS, st.randoms())
def test_everybody_stands_once_in_a_line_that_does_not_depend_on_who_is_counted_first(
    asks: list[Ask], ledger: dict[Key, Usage], weights: dict[str, float], chance: random.Random
) -> None:
    rules = replace(RULES, site_weights=weights)
    order = in_order(asks, ledger, [], 9000.0, rules)
    assert sorted(order, key=lambda one: one.id) == sorted(asks, key=lambda one: one.id)
    shuffled = list(asks)
    chance.shuffle(shuffled)
    assert in_order(shuffled, ledger, [], 9000.0, rules) == order
