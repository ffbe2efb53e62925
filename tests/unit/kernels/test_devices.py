"""Devices go to who is next, each share to one lease, and a lesson finds what it reserved."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from support.leases import ask, held, slots

from technopark.kernels.line.devices import Grant, grants, in_line
from technopark.kernels.line.outlook import estimates
from technopark.kernels.line.terms import Ask, Held, Reservation, Rules, Slot

MINUTE = 60.0
RULES = Rules(limit=40 * MINUTE, typical=20 * MINUTE)
LESSON = 10_000.0
"""When the lesson starts that devices are reserved for; until then it is early in the morning."""
RESERVED = Reservation("north-6a", 1, LESSON, LESSON + 45 * MINUTE)


def granted(
    asks: Sequence[Ask],
    usable: Sequence[Slot],
    having: Sequence[Held] = (),
    reservations: Sequence[Reservation] = (),
    now: float = 0.0,
) -> list[Grant]:
    return grants(asks, usable, having, reservations, {}, now, RULES)


def by_name(made: Sequence[Grant]) -> dict[str, tuple[str, float]]:
    """Who got which device, and until when."""
    return {grant.ask.id: (grant.slot.device, grant.ends) for grant in made}


def expected(
    asks: Sequence[Ask],
    usable: Sequence[Slot],
    having: Sequence[Held] = (),
    reservations: Sequence[Reservation] = (),
    now: float = 0.0,
) -> dict[str, float | None]:
    order = in_line(asks, usable, having, reservations, {}, now, RULES)
    return estimates(order, usable, having, reservations, now, RULES)


# Who gets what


def test_the_next_in_line_gets_the_free_device_and_the_others_wait() -> None:
    made = granted([ask("north/6a/masha"), ask("north/6a/petya", since=1.0)], slots())
    assert by_name(made) == {"masha": ("GPU-0", 40 * MINUTE)}


def test_a_held_device_is_nobody_elses() -> None:
    assert granted([ask("north/6a/masha")], slots(), [held(slots()[0], "south/5b/oleg")]) == []


def test_a_shared_device_takes_as_many_as_it_has_shares() -> None:
    asks = [ask(f"north/6a/pupil-{n}") for n in range(6)]
    made = granted(asks, slots(shares=4))
    assert sorted(grant.slot.share for grant in made) == [0, 1, 2, 3]


def test_a_share_that_is_held_stays_its_holders_while_the_next_one_is_given() -> None:
    having = [held(slots(shares=2)[0], "south/5b/oleg")]
    made = granted([ask("north/6a/masha")], slots(shares=2), having)
    assert [grant.slot.share for grant in made] == [1]


def test_pupils_are_spread_over_the_devices() -> None:
    made = granted([ask("north/6a/masha"), ask("north/6a/petya")], slots(devices=2, shares=4))
    assert {grant.slot.device for grant in made} == {"GPU-0", "GPU-1"}


def test_a_device_that_lost_shares_gets_no_more_until_enough_of_its_leases_ended() -> None:
    before = slots(shares=4)
    having = [held(slot, f"north/6a/pupil-{slot.share}") for slot in before[2:]]
    assert granted([ask("south/5b/oleg")], slots(shares=2), having) == []
    assert len(granted([ask("south/5b/oleg")], slots(shares=2), having[1:])) == 1


def test_sandboxes_have_places_on_nodes_and_no_devices() -> None:
    places = [Slot("a", "", 0), Slot("b", "", 0), Slot("b", "", 1)]
    asks = [ask(f"north/6a/grading-6a-{n}", name=f"ask-{n}") for n in range(4)]
    made = granted(asks, places, reservations=[RESERVED], now=LESSON)
    assert [grant.slot.node for grant in made] == ["a", "b", "b"]


# Reservations


def test_before_a_lesson_others_get_its_device_until_shortly_before_it_starts() -> None:
    now = LESSON - 20 * MINUTE
    made = granted([ask("south/5b/oleg")], slots(), (), [RESERVED], now)
    assert by_name(made) == {"oleg": ("GPU-0", LESSON - RULES.lead)}


def test_others_get_a_device_that_is_not_reserved_first_and_for_the_whole_time() -> None:
    now = LESSON - 20 * MINUTE
    made = granted([ask("south/5b/oleg")], slots(devices=2), (), [RESERVED], now)
    assert by_name(made) == {"oleg": ("GPU-1", now + RULES.limit)}


def test_nobody_is_given_a_device_for_three_minutes() -> None:
    now = LESSON - 5 * MINUTE
    assert granted([ask("south/5b/oleg")], slots(), (), [RESERVED], now) == []
    assert len(granted([ask("north/6a/masha")], slots(), (), [RESERVED], now)) == 1


@pytest.mark.parametrize("minutes", [-1, 0, 4, 30])
def test_during_the_lesson_its_pupils_come_first(minutes: float) -> None:
    asks = [ask("south/5b/oleg"), ask("north/6a/masha", since=5.0)]
    made = granted(asks, slots(), (), [RESERVED], LESSON + minutes * MINUTE)
    assert list(by_name(made)) == ["masha"]


def test_a_lesson_comes_first_for_what_it_reserved_and_then_waits_as_all_do() -> None:
    asks = [*(ask(f"north/6a/pupil-{n}") for n in range(3)), ask("south/5b/oleg", since=9.0)]
    order = in_line(asks, slots(devices=2), (), [RESERVED], {}, LESSON, RULES)
    assert [one.id for one in order[:2]] == ["pupil-0", "oleg"]


def test_who_has_a_lease_counts_for_what_the_lesson_reserved() -> None:
    having = [held(slots(devices=2)[0], "north/6a/petya", since=LESSON)]
    asks = [ask("north/6a/masha"), ask("south/5b/oleg", since=9.0)]
    order = in_line(asks, slots(devices=2), having, [RESERVED], {}, LESSON + 9, RULES)
    assert [one.id for one in order] == ["oleg", "masha"]


def test_a_lesson_stays_on_its_own_device_and_leaves_the_other_to_others() -> None:
    usable = slots(devices=2, shares=4)
    having = [
        held(next(one for one in usable if one.device == "GPU-1"), "north/6a/petya", since=LESSON)
    ]
    asks = [ask("north/6a/masha"), ask("south/5b/oleg", since=9.0)]
    devices = {
        name: got[0]
        for name, got in by_name(granted(asks, usable, having, [RESERVED], LESSON)).items()
    }
    assert devices == {"masha": "GPU-1", "oleg": "GPU-0"}


def test_a_lesson_gets_the_device_that_is_free_and_not_one_that_is_used_for_longer() -> None:
    runs = held(slots(devices=2)[0], "south/5b/oleg", since=LESSON - 60, ends=LESSON + 1800)
    asks = [ask("south/5b/vera"), ask("north/6a/masha")]
    made = granted(asks, slots(devices=2), [runs], [RESERVED], LESSON)
    assert list(by_name(made)) == ["masha"]
    assert granted(asks[:1], slots(devices=2), [runs], [RESERVED], LESSON) == []


def test_what_the_lesson_leaves_unused_goes_to_others_after_some_minutes() -> None:
    asks = [ask("south/5b/oleg")]
    assert granted(asks, slots(), (), [RESERVED], LESSON + RULES.unused - 1) == []
    assert len(granted(asks, slots(), (), [RESERVED], LESSON + RULES.unused)) == 1


def test_a_reservation_that_is_over_keeps_nobody_out() -> None:
    made = granted([ask("south/5b/oleg")], slots(), (), [RESERVED], RESERVED.ends)
    assert by_name(made) == {"oleg": ("GPU-0", RESERVED.ends + RULES.limit)}


def test_a_lease_that_runs_is_not_taken_back_for_a_reservation_made_late() -> None:
    runs = held(slots()[0], "south/5b/oleg", since=LESSON - 600, ends=LESSON + 1800)
    assert granted([ask("north/6a/masha")], slots(), [runs], [RESERVED], LESSON) == []


def test_the_reserved_device_stays_the_same_one_while_others_come_and_go() -> None:
    """What was cut short for the lesson is what the lesson gets; no second device is cut too."""
    now = LESSON - 20 * MINUTE
    until = LESSON - RULES.lead
    cut = held(slots(devices=2)[1], "south/5b/oleg", since=now - 600, ends=until)
    made = granted([ask("south/5b/vera")], slots(devices=2), [cut], [RESERVED], now)
    assert by_name(made) == {"vera": ("GPU-0", now + RULES.limit)}


def test_two_lessons_at_a_time_get_a_device_each() -> None:
    other = replace(RESERVED, classroom="south-5b")
    asks = [ask("north/6a/masha"), ask("north/6a/petya"), ask("south/5b/oleg", since=60.0)]
    made = granted(asks, slots(devices=2), (), [RESERVED, other], LESSON)
    assert sorted(by_name(made)) == ["masha", "oleg"]


def test_lessons_one_after_the_other_may_reserve_the_same_device() -> None:
    after = Reservation("south-5b", 1, RESERVED.ends + 300, RESERVED.ends + 3000)
    made = granted([ask("north/6a/masha")], slots(), (), [RESERVED, after], LESSON + 20 * MINUTE)
    assert by_name(made) == {"masha": ("GPU-0", after.starts - RULES.lead)}


# Estimates


def test_who_is_next_waits_for_the_first_lease_that_typically_ends() -> None:
    asks = [ask("north/6a/masha"), ask("north/6a/petya", since=1.0)]
    having = [held(slots()[0], "south/5b/oleg", since=0.0)]
    now = 5 * MINUTE
    assert expected(asks, slots(), having, now=now) == {"masha": 15 * MINUTE, "petya": 35 * MINUTE}


def test_a_lease_that_lasts_longer_than_most_is_not_said_to_end_at_once() -> None:
    having = [held(slots()[0], "south/5b/oleg", since=0.0, ends=40 * MINUTE)]
    assert expected([ask("north/6a/masha")], slots(), having, now=30 * MINUTE) == {
        "masha": 5 * MINUTE
    }


def test_no_estimate_goes_beyond_the_time_limit_of_what_runs() -> None:
    having = [held(slots()[0], "south/5b/oleg", since=0.0, ends=8 * MINUTE)]
    assert expected([ask("north/6a/masha")], slots(), having, now=0.0) == {"masha": 8 * MINUTE}


def test_with_no_usable_device_nobody_can_say() -> None:
    assert expected([ask("north/6a/masha")], []) == {"masha": None}


def test_others_wait_until_a_lesson_is_over() -> None:
    asks = [ask("south/5b/oleg")]
    assert expected(asks, slots(), (), [RESERVED], LESSON) == {"oleg": 45 * MINUTE}
    assert expected(asks, slots(), (), [RESERVED], LESSON + 10 * MINUTE) == {"oleg": 0.0}


def test_before_a_lesson_its_pupils_are_told_when_others_must_have_left() -> None:
    asks = [ask("south/5b/oleg"), ask("north/6a/masha", since=5.0)]
    now = LESSON - 10 * MINUTE
    said = expected(asks, slots(), (), [RESERVED], now)
    assert said == {"oleg": 0.0, "masha": 8 * MINUTE}


def test_others_whose_turn_would_come_minutes_before_a_lesson_are_told_of_its_end() -> None:
    now = LESSON - 10 * MINUTE
    runs = held(slots()[0], "east/7c/vera", since=now - 600, ends=LESSON - 4 * MINUTE)
    said = expected([ask("south/5b/oleg")], slots(), [runs], [RESERVED], now)
    assert said == {"oleg": 55 * MINUTE}
