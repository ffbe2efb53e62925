"""The hub is killed in mid-lesson: pupils go on, and afterwards it knows their servers again."""

import os
import signal
from collections.abc import Callable

import httpx
import pytest
from support.park import Park
from support.visitor import Visitor

from technopark.engine.client import open_engine
from technopark.machine import supervisor
from technopark.machine.readiness import wait_until_ready

pytestmark = pytest.mark.docker
Arrive = Callable[[str], Visitor]


def test_a_lesson_outlives_its_hub(park: Park, signed_in: Arrive) -> None:
    masha = signed_in("masha")
    masha.start("data-6a")
    kernel = masha.new_kernel("data-6a")
    masha.run("data-6a", kernel, "penguins = 344")
    container = park.container("masha", "data-6a")

    killed = pid_of_hub(park)
    os.kill(killed, signal.SIGKILL)
    said = masha.run("data-6a", kernel, "print(penguins)")
    page = masha.http.get("/hub/home")
    assert page.status_code == httpx.codes.SERVICE_UNAVAILABLE, "the hub was to be away until here"
    assert "Технопарк скоро вернётся" in page.text
    assert said == "344\n"

    wait_until_ready(park.settings)
    assert pid_of_hub(park) != killed
    server = masha.hub("GET", "/users/masha").json()["servers"]["data-6a"]
    assert (server["ready"], server["pending"]) == (True, None)
    assert "Вернуться к уроку" in masha.http.get("/hub/home").text
    assert masha.start("data-6a").status_code == 200
    assert masha.run("data-6a", kernel, "print(penguins)") == "344\n"
    now = park.container("masha", "data-6a")
    assert (now["Id"], now["State"]["StartedAt"]) == (
        container["Id"],
        container["State"]["StartedAt"],
    )


def test_a_server_that_died_while_the_hub_was_away_is_known_as_off(
    park: Park, signed_in: Arrive
) -> None:
    petya = signed_in("petya")
    petya.start("data-6a")
    container = park.container("petya", "data-6a")["Id"]
    os.kill(pid_of_hub(park), signal.SIGKILL)
    open_engine(park.settings.engine).kill(container, "SIGKILL")
    wait_until_ready(park.settings)
    assert "data-6a" not in petya.hub("GET", "/users/petya").json()["servers"]
    assert petya.start("data-6a").status_code == 200


def pid_of_hub(park: Park) -> int:
    """The hub's process on this machine."""
    return next(each.pid for each in supervisor.states(park.settings) if each.name == "hub")
