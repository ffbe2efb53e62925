"""Pupils of three sites come at once, and one server starts at a time, with the real engine."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from support.park import Park, make_park
from support.visitor import Visitor
from support.waiting import eventually
from support.waiting_page import Wait

from technopark.admission.report import read_report

pytestmark = pytest.mark.docker

COME = {
    "masha": "data-6a",
    "petya": "data-6a",
    "lena": "data-6a",
    "timur": "robots-5b",
    "sonya": "robots-5b",
    "kirill": "bio-7v",
}


@pytest.fixture(scope="module")
def park(tmp_path_factory: pytest.TempPathFactory, names_of_localhost: None) -> Iterator[Park]:
    """A park that starts one server at a time."""
    made = make_park(tmp_path_factory.mktemp("park"), "tpline", admission={"at_a_time": 1})
    try:
        made.call("up")
        yield made
    finally:
        made.call("down")


def test_none_fails_and_schools_take_turns(park: Park, signed_in: Callable[[str], Visitor]) -> None:
    visitors = [signed_in(name) for name in COME]
    with ThreadPoolExecutor(len(COME)) as hands:
        waits = list(hands.map(lambda visitor: Wait(visitor, COME[visitor.name]), visitors))
    assert [wait.end().get("ready") for wait in waits] == [True] * len(COME)

    order = [wait.room for wait in sorted(waits, key=lambda wait: wait.over_at)]
    assert set(order[:4]) == set(COME.values()), "no school has a third turn before all have one"
    waited = [wait for wait in waits if wait.places]
    assert len(waited) >= 3
    assert all(wait.places[-1] <= wait.places[0] for wait in waited), "nobody was sent back"
    report = read_report(park.settings)
    assert report
    assert (report.at_a_time, report.refused) == (1, 0)
    # The hub writes down every two seconds how long its line is.
    eventually(lambda: "Line: 0 wait for a server" in park.call("status"), 60, "the line is over")
    for visitor in visitors:
        assert visitor.start(COME[visitor.name]).status_code == httpx.codes.OK
