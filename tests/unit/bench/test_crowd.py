"""A crowd comes when it should, and its figures are what its pupils met."""

import pytest

from technopark.bench import crowd
from technopark.bench.crowd import Visit
from technopark.bench.pupil import Seat


def visit(clicked: float, result: float | None, broke: str = "", why: str = "") -> Visit:
    seat = Seat("masha", "three good words", "data-6a")
    return Visit(seat, clicked, clicked, result, broke, why)


def test_the_first_comes_with_the_bell_and_all_within_the_time() -> None:
    times = crowd.arrivals(40, 20.0)
    assert len(times) == 40
    assert times[0] == 0
    assert times == sorted(times)
    assert 15 < times[-1] <= 20


def test_the_same_crowd_comes_to_the_peer_and_to_us() -> None:
    assert crowd.arrivals(40, 20.0) == crowd.arrivals(40, 20.0)
    assert crowd.arrivals(1, 20.0) == [0.0]


def test_waits_are_counted_from_the_click() -> None:
    found = crowd.figures([visit(0, 2), visit(10, 14), visit(19, 20)])
    assert found == {
        "asked": 3,
        "started": 3,
        "failed": 0,
        "p50_s": 2,
        "p95_s": 4,
        "last_s": 4,
        "all_s": 20,
    }


def test_who_got_nothing_has_failed_and_has_no_wait() -> None:
    found = crowd.figures([visit(0, 2), visit(1, None, "start", "no")])
    assert (found["asked"], found["started"], found["failed"]) == (2, 1, 1)
    assert found["last_s"] == 2
    assert crowd.figures([visit(1, None, "start", "no")]) == {
        "asked": 1,
        "started": 0,
        "failed": 1,
    }


@pytest.mark.parametrize(("percent", "wanted"), [(50, 10), (95, 19), (99, 20), (0, 1), (100, 20)])
def test_a_percentile_is_somebodys_own_wait(percent: int, wanted: int) -> None:
    assert crowd.percentile(list(range(1, 21)), percent) == wanted


def test_where_it_broke_is_told_with_a_reason() -> None:
    visits = [
        visit(0, 2),
        visit(1, None, "start", "503"),
        visit(1, 3, "submit", "first line\nthe disk is full"),
        visit(1, None, "start", "503"),
    ]
    told = crowd.what_broke(visits)
    assert told == "2 at 'start' (503); 1 at 'submit' (the disk is full)"
    assert crowd.what_broke(visits[:1]) == ""
