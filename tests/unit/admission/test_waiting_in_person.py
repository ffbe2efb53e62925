"""Pupils wait before a real hub, whose engine and servers are stand-ins that can be held still.

What they see comes over JupyterHub's own progress events.
"""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from support.hub_with_stand_ins import TEACHER, hub_with_stand_ins, signed_in
from support.park import Park
from support.visitor import Visitor
from support.waiting import eventually
from support.waiting_page import Wait, place_of

from technopark.admission.report import HubReport, read_report
from technopark.bench.hub.people import Visit
from technopark.bench.hub.place import LOOPBACK, Place
from technopark.machine.processes import process
from technopark.machine.readiness import http_status
from technopark.machine.secrets import read_secrets

pytestmark = pytest.mark.slow

LARGE, SMALL = "room-0000", "room-0001"
"""Two classrooms of two sites."""
MANY = [f"large-{number}" for number in range(6)]
FEW = ["small-1", "small-2"]
PUPILS = [Visit(name, LARGE) for name in MANY] + [Visit(name, SMALL) for name in FEW]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Park, Place]]:
    """One start at a time; who closes the page keeps the place for a second."""
    rules = {"at_a_time": 1, "keep_place_seconds": 1}
    with hub_with_stand_ins(tmp_path_factory.mktemp("hub"), PUPILS, admission=rules) as made:
        yield made


@pytest.fixture
def park(hub: tuple[Park, Place]) -> Park:
    return hub[0]


@pytest.fixture
def place(hub: tuple[Park, Place]) -> Place:
    return hub[1]


@pytest.fixture
def come(park: Park) -> Iterator[Any]:
    """Signs pupils in; at the end their servers are stopped."""
    with signed_in(park, *MANY, *FEW, TEACHER + LARGE) as visitors:
        yield {visitor.name: visitor for visitor in visitors}
        for visitor in visitors:
            for room in visitor.hub("GET", f"/users/{visitor.name}").json()["servers"]:
                visitor.hub("DELETE", f"/users/{visitor.name}/servers/{room}")
        eventually(lambda: not report(park).starting, 20, "nobody starts any more")


@contextmanager
def held_still(place: Place) -> Iterator[None]:
    """The engine does nothing: who has the turn has it until the end of the block."""
    os.kill(place.pids["stand-ins"], signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(place.pids["stand-ins"], signal.SIGCONT)


def report(park: Park) -> HubReport:
    found = read_report(park.settings)
    assert found
    return found


def click(visitor: Visitor) -> Wait:
    return Wait(visitor, LARGE if visitor.name.startswith("large") else SMALL)


def test_all_come_in_by_turns_and_see_their_places(place: Place, come: Any) -> None:
    with held_still(place):
        waits = {name: click(come[name]) for name in (*MANY, *FEW)}
        places = {
            name: eventually(lambda wait=wait: wait.places, 10, "a place")[-1]
            for name, wait in waits.items()
            if name != "large-0"
        }
    order = sorted(places, key=lambda name: places[name])
    assert order == ["large-1", "small-1", "large-2", "small-2", "large-3", "large-4", "large-5"]
    assert "Твоё место в очереди" in waits["small-2"].page.text
    assert [wait.end().get("ready") for wait in waits.values()] == [True] * len(waits)

    last = waits["large-5"]
    moves = last.places[last.places.index(7) :]
    assert moves == sorted(moves, reverse=True)
    assert len(set(moves)) > 3, "it moved up, and was told"
    assert "starting" in [event.get("state") for event in last.events]
    words = next(event["words"] for event in last.events if event.get("place") == 7)
    assert re.match(r"Твоё место в очереди: 7 из 7\. Ждать примерно \d+ секунд", words["ru"])
    assert re.match(r"Your place in line: 7 of 7\. About \d+ seconds", words["en"])


def test_a_stream_that_was_cut_off_goes_on_with_the_present_place(place: Place, come: Any) -> None:
    with held_still(place):
        first, second = click(come["large-0"]), click(come["large-1"])
        third = come["large-2"]
        third.http.get(f"/hub/spawn/large-2/{LARGE}")
        assert [place_of(third, LARGE), place_of(third, LARGE)] == [2, 2]
        stays = click(third)
    assert all(wait.end().get("ready") for wait in (first, second, stays))


def test_whoever_closes_the_page_leaves_quietly_and_comes_back_with_a_click(
    park: Park, place: Place, come: Any
) -> None:
    with held_still(place):
        first, stays = click(come["large-0"]), click(come["small-1"])
        goes = come["large-1"]
        goes.http.get(f"/hub/spawn/large-1/{LARGE}")
        assert place_of(goes, LARGE) == 2
        eventually(lambda: report(park).waiting == 2, 10, "both stand in line")
        eventually(lambda: report(park).waiting == 1, 30, "who closed the page has left the line")
        assert stays.places[-1] <= 2
    assert first.end()["ready"]
    assert stays.end()["ready"], "who looked on kept the place"
    eventually(lambda: not state_of(goes, LARGE), 20, "what was begun for it has ended")
    assert goes.start(LARGE).status_code == 200


def state_of(visitor: Visitor, room: str) -> Any:
    return visitor.hub("GET", f"/users/{visitor.name}").json()["servers"].get(room)


def test_a_warm_start_stands_behind_until_its_pupil_comes(place: Place, come: Any) -> None:
    teacher = come[TEACHER + LARGE]
    warm = {"user_options": {"warm": True, "image": "of-my-own"}}
    with held_still(place):
        first = click(come["large-0"])
        asked = threading.Thread(
            target=teacher.hub,
            args=("POST", f"/users/large-1/servers/{LARGE}"),
            kwargs={"json": warm},
        )
        asked.start()
        others = [click(come[name]) for name in ("large-2", "small-1")]
        eventually(lambda: others[-1].places, 10, "a place")
        latest = come["large-3"]
        latest.http.get(f"/hub/spawn/large-3/{LARGE}")
        before = place_of(latest, LARGE)
        pupil = click(come["large-1"])
        eventually(lambda: pupil.places, 10, "a place")
        assert (before, pupil.places[-1]) == (3, 4), "it was behind all, and stays behind who came"
        late = click(come["large-4"])
        assert eventually(lambda: late.places, 10, "a place")[-1] == 5
        stays = click(latest)
    asked.join(30)
    assert all(wait.end().get("ready") for wait in (first, *others, pupil, late, stays))


@pytest.fixture
def revive(park: Park, place: Place) -> Iterator[Callable[[], None]]:
    """Starts the hub again, as supervisord would."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(hub_again(park, place))


def test_a_killed_hub_forgets_the_line_and_pupils_stand_in_it_again(
    park: Park, place: Place, revive: Callable[[], None], come: Any
) -> None:
    """The last one here: the hub that is started again ends with it."""
    assert come["small-1"].start(SMALL).status_code == 200
    with held_still(place):
        first = come["large-0"]
        first.http.get(f"/hub/spawn/large-0/{LARGE}")
        waits = come["large-1"]
        waits.http.get(f"/hub/spawn/large-1/{LARGE}")
        assert place_of(waits, LARGE) == 1
        os.kill(place.pids["hub"], signal.SIGKILL)
    revive()
    page = waits.http.get(f"/hub/spawn-pending/large-1/{LARGE}")
    assert "/spawn-pending/large-1" in str(page.url) or "/user/large-1" in str(page.url)
    assert [each.start(LARGE).status_code for each in (waits, first)] == [200, 200]
    assert "Вернуться к уроку" in come["small-1"].http.get("/hub/home").text


@contextmanager
def hub_again(park: Park, place: Place) -> Iterator[None]:
    """The hub, as supervisord would start it again."""
    made = process("hub", park.settings, read_secrets(park.settings), LOOPBACK)
    environment = os.environ | made.environment | {"TECHNOPARK_CONFIG": str(park.config)}
    with (park.settings.data / "logs" / "hub.log").open("ab") as log:
        program = subprocess.Popen(
            made.words, cwd=park.settings.data / "run", env=environment, stdout=log, stderr=log
        )
    place.pids["hub"] = program.pid
    port = park.settings.web.listen_port
    try:
        eventually(lambda: http_status(LOOPBACK, port, "/hub/login") == 200, 60, "the hub is back")
        yield
    finally:
        program.terminate()
        program.wait(30)
