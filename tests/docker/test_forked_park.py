"""A park whose servers are forked: through the front door, also while the parent is away."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from support.park import Park
from support.visitor import Visitor
from support.waiting import eventually

from technopark.engine.client import open_engine
from technopark.engine.forks import PATIENCE, PROGRAMS, SERVER, NoForkError, programs
from technopark.engine.parent import STILL, parent_folder
from technopark.engine.silence import REST
from technopark.machine.parent import find_parent

pytestmark = pytest.mark.docker
Arrive = Callable[[str], Visitor]
CLASS = "data-6a"
A_CHILD_WAITS = 30.0
"""Seconds from the click to the page, at most, on a machine that does much else meanwhile."""


@pytest.fixture(autouse=True)
def forks(park: Park) -> None:
    if park.settings.servers.way != "forked":
        pytest.skip("the settings of this park choose the ordinary way")


def test_a_pupils_server_is_forked_and_works(park: Park, signed_in: Arrive) -> None:
    masha = signed_in("masha")
    assert masha.start(CLASS).status_code == httpx.codes.OK
    assert is_forked(park, "masha")
    assert masha.run(CLASS, masha.new_kernel(CLASS), "6 * 7") == "42"
    note = {"type": "file", "format": "text", "content": "пингвины"}
    masha.server("PUT", "api/contents/note.txt", CLASS, json=note).raise_for_status()
    assert (park.settings.homes / "masha" / CLASS / "note.txt").read_text("utf-8") == "пингвины"
    stop(masha)


def test_while_the_parent_is_away_the_next_pupil_gets_a_server_too(
    park: Park, signed_in: Arrive
) -> None:
    petya = signed_in("petya")
    with away(park):
        assert petya.start(CLASS).status_code == httpx.codes.OK
    assert not is_forked(park, "petya")
    assert "starts the ordinary way" in park.logs(200)
    assert petya.run(CLASS, petya.new_kernel(CLASS), "6 * 7") == "42"
    stop(petya)


def test_who_comes_as_the_parent_is_killed_gets_a_server_and_the_next_a_forked_one(
    park: Park, signed_in: Arrive
) -> None:
    petya, lena = signed_in("petya"), signed_in("lena")
    os.kill(pid_of_parent(park), signal.SIGKILL)
    assert start(petya) < A_CHILD_WAITS
    assert not is_forked(park, "petya")
    assert petya.run(CLASS, petya.new_kernel(CLASS), "6 * 7") == "42"
    stop(petya)
    eventually(lambda: is_there(park), 60, "the parent is there again")
    start(lena)
    assert is_forked(park, "lena")
    stop(lena)


def test_while_the_parent_stands_still_one_pupil_waits_for_it_and_no_other(
    park: Park, signed_in: Arrive
) -> None:
    masha, petya, lena = (signed_in(name) for name in ("masha", "petya", "lena"))
    with paused(park):
        first, next_one = start(masha), start(petya)
        assert not is_forked(park, "masha")
        assert not is_forked(park, "petya")
    assert PATIENCE < first < A_CHILD_WAITS
    assert next_one < first - PATIENCE / 2
    assert masha.run(CLASS, masha.new_kernel(CLASS), "6 * 7") == "42"
    stop(masha)
    stop(petya)
    time.sleep(REST)
    start(lena)
    assert is_forked(park, "lena")
    stop(lena)


def test_a_parent_that_stands_still_for_good_is_started_anew(park: Park, signed_in: Arrive) -> None:
    still = pid_of_parent(park)
    masha, petya = signed_in("masha"), signed_in("petya")
    os.kill(still, signal.SIGSTOP)
    assert start(masha) < A_CHILD_WAITS
    time.sleep(STILL)
    assert start(petya) < A_CHILD_WAITS
    assert not is_forked(park, "petya")
    eventually(lambda: is_there(park), 60, "the parent is there again")
    assert pid_of_parent(park) != still
    stop(masha)
    stop(petya)
    start(petya)
    assert is_forked(park, "petya")
    stop(petya)


def test_the_command_tells_of_it(park: Park) -> None:
    assert "their parent: Up" in park.call("status")
    assert "forks: server, kernels" in park.call("doctor")


@contextmanager
def away(park: Park) -> Iterator[None]:
    """The parent does not answer: whoever asks finds nobody at its socket."""
    door = parent_folder(park.settings) / SERVER
    aside = door.with_name("aside")
    door.rename(aside)
    try:
        yield
    finally:
        aside.rename(door)


@contextmanager
def paused(park: Park) -> Iterator[None]:
    """The parent stands still: whoever asks is connected, and gets no answer."""
    found = find_parent(park.settings)
    assert found is not None
    engine = open_engine(park.settings.engine)
    engine.pause(found.id)
    try:
        yield
    finally:
        engine.unpause(found.id)


def pid_of_parent(park: Park) -> int:
    """Of the process that servers are forked from, on this machine."""
    found = find_parent(park.settings)
    assert found is not None
    return int(open_engine(park.settings.engine).inspect_container(found.id)["State"]["Pid"])


def start(visitor: Visitor) -> float:
    """Seconds from the click on the lesson to its page."""
    began = time.monotonic()
    assert visitor.start(CLASS).status_code == httpx.codes.OK
    return time.monotonic() - began


def is_forked(park: Park, person: str) -> bool:
    return bool(park.container(person, CLASS)["Config"]["Entrypoint"] == ["/bin/sh", "-c"])


def is_there(park: Park) -> bool:
    try:
        return programs(parent_folder(park.settings)) == [*PROGRAMS]
    except NoForkError:
        return False


def stop(visitor: Visitor) -> None:
    visitor.hub("DELETE", f"/users/{visitor.name}/servers/{CLASS}")
    eventually(
        lambda: CLASS not in visitor.hub("GET", f"/users/{visitor.name}").json()["servers"],
        30,
        "the server is off",
    )
