"""A park whose servers are forked: through the front door, also while the parent is away."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from support.park import Park
from support.visitor import Visitor
from support.waiting import eventually

from technopark.engine.client import open_engine
from technopark.engine.forks import PROGRAMS, SERVER, NoForkError, programs
from technopark.engine.parent import parent_folder
from technopark.machine.parent import find_parent

pytestmark = pytest.mark.docker
Arrive = Callable[[str], Visitor]
CLASS = "data-6a"


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


def test_killed_the_parent_comes_back_and_forks(park: Park, signed_in: Arrive) -> None:
    engine = open_engine(park.settings.engine)
    found = find_parent(park.settings)
    assert found is not None
    os.kill(engine.inspect_container(found.id)["State"]["Pid"], signal.SIGKILL)
    eventually(lambda: is_there(park), 60, "the parent is there again")
    lena = signed_in("lena")
    assert lena.start(CLASS).status_code == httpx.codes.OK
    assert is_forked(park, "lena")
    stop(lena)


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
