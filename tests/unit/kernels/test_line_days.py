"""Eighteen schools share two to four GPUs for a day, and none has reason to complain."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from technopark.bench.fairness import DAYS, fairness, jain, max_min, rehearse
from technopark.bench.school_day import Day, live_through, wishes
from technopark.kernels.line.devices import Grant
from technopark.kernels.line.terms import Ask, Held, Key, Reservation, Rules, Slot, Usage


def first_come_first_served(
    asks: Sequence[Ask],
    slots: Sequence[Slot],
    held: Sequence[Held],
    reservations: Sequence[Reservation],
    ledger: Mapping[Key, Usage],
    now: float,
    rules: Rules,
) -> list[Grant]:
    """What a plain line does, to see what the figures tell."""
    taken = {lease.slot for lease in held}
    free = [slot for slot in slots if slot not in taken]
    line = sorted(asks, key=lambda ask: ask.since)
    return [Grant(ask, slot, now + rules.limit) for ask, slot in zip(line, free, strict=False)]


def test_on_the_worst_of_many_days_the_line_is_fair_and_nothing_stands_idle() -> None:
    worst = rehearse()
    assert worst.jain >= 0.95
    assert worst.starved == 0
    assert worst.longest_without_s <= 4 * 3600
    assert worst.idle_while_waiting < 0.02


def test_a_plain_line_on_the_same_days_is_far_from_fair() -> None:
    assert rehearse(DAYS, first_come_first_served).jain < 0.75


def test_the_longest_wait_of_the_rules_bounds_how_long_a_site_has_nothing() -> None:
    days = [day for day in DAYS if day.shares == 1]
    hour = [replace(day, rules=replace(day.rules, longest_wait=3600.0)) for day in days]
    never = [replace(day, rules=replace(day.rules, longest_wait=1e9)) for day in days]
    waits = [rehearse(some).longest_without_s for some in (hour, days, never)]
    assert waits == sorted(waits)
    assert waits[0] < waits[2]


@pytest.mark.parametrize("seed", range(4))
def test_a_site_of_double_weight_gets_about_twice_as_much(seed: int) -> None:
    day = Day(seed, load=3.0)
    equal = live_through(day)
    hungry = max(equal.wanted, key=lambda site: equal.wanted[site])
    weighted = replace(day, rules=replace(day.rules, site_weights={hungry: 2.0}))
    assert 1.6 < live_through(weighted).got[hungry] / equal.got[hungry] < 2.2


def test_the_same_day_is_the_same_and_another_one_is_not() -> None:
    assert live_through(Day(1)) == live_through(Day(1))
    assert wishes(Day(1)) != wishes(Day(2))


# How it is measured


def test_a_site_that_wanted_little_and_got_it_is_no_reason_to_complain() -> None:
    assert fairness({"a": 10.0, "b": 100.0, "c": 100.0}, {"a": 10.0, "b": 45.0, "c": 45.0}) == 1.0


@pytest.mark.parametrize(
    "got",
    [
        {"a": 0.0, "b": 50.0, "c": 50.0},
        {"a": 10.0, "b": 80.0, "c": 10.0},
        {"b": 100.0},
    ],
)
def test_who_got_too_little_or_too_much_shows(got: dict[str, float]) -> None:
    assert fairness({"a": 10.0, "b": 100.0, "c": 100.0}, got) < 0.85


def test_what_there_is_is_divided_as_those_who_want_little_leave_it() -> None:
    assert max_min({"a": 1.0, "b": 5.0, "c": 50.0}, 13.0) == {"a": 1.0, "b": 5.0, "c": 7.0}


def test_jains_index() -> None:
    assert jain([3.0, 3.0, 3.0]) == 1.0
    assert jain([1.0, 0.0, 0.0, 0.0]) == 0.25
