"""A pupil's container dies, or is unused for long: the page says so, one click brings it back."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from support.park import Park
from support.visitor import Visitor
from support.waiting import eventually

from technopark.engine.client import open_engine
from technopark.machine.network import park_network
from technopark.machine.processes import process
from technopark.machine.secrets import read_secrets

pytestmark = pytest.mark.docker
Arrive = Callable[[str], Visitor]
CLASS = "data-6a"


@pytest.fixture
def masha(signed_in: Arrive) -> Visitor:
    """In her lesson, with a file saved."""
    somebody = signed_in("masha")
    somebody.start(CLASS)
    note = {"type": "file", "format": "text", "content": "пингвины"}
    somebody.server("PUT", "api/contents/note.txt", CLASS, json=note).raise_for_status()
    return somebody


def test_a_dead_server_is_noticed_and_comes_back_with_a_click(park: Park, masha: Visitor) -> None:
    open_engine(park.settings.engine).kill(park.container("masha", CLASS)["Id"], "SIGKILL")
    eventually(lambda: is_off(masha), 5, "the hub notices that the container is dead")
    comes_back(masha)


def test_a_server_that_ends_by_itself_is_noticed_too(park: Park, masha: Visitor) -> None:
    assert park.run_inside("masha", CLASS, "sh", "-c", "kill 1")[0] == 0
    eventually(lambda: is_off(masha), 10, "the hub notices that the server has ended")
    comes_back(masha)


def test_an_idle_server_is_switched_off_and_keeps_its_files(park: Park, masha: Visitor) -> None:
    with culler(park, idle_seconds=1):
        eventually(lambda: is_off(masha), 30, "the idle server is culled")
    assert (park.settings.homes / "masha" / CLASS / "note.txt").read_text("utf-8") == "пингвины"
    comes_back(masha)


@contextmanager
def culler(park: Park, idle_seconds: float) -> Iterator[None]:
    """One more culler of the park, with less patience."""
    settings = park.settings
    servers = settings.servers.model_copy(update={"idle_minutes": idle_seconds / 60})
    gateway = park_network(settings).gateway
    impatient = settings.model_copy(update={"servers": servers})
    made = process("culler", impatient, read_secrets(settings), gateway)
    program = subprocess.Popen(made.words, env=os.environ | made.environment)
    try:
        yield
    finally:
        program.terminate()
        program.wait()


def is_off(visitor: Visitor) -> bool:
    """Whether the hub knows that the server does not run."""
    return CLASS not in visitor.hub("GET", f"/users/{visitor.name}").json()["servers"]


def comes_back(visitor: Visitor) -> None:
    """The page of the server that is off has one button; behind it are the files."""
    page = visitor.http.get(visitor.server_url(CLASS))
    assert page.status_code == httpx.codes.FAILED_DEPENDENCY
    assert "Твой компьютер в технопарке выключен" in page.text
    buttons = re.findall(r'class="button"[^>]*href="([^"]+)"', page.text)
    assert len(buttons) == 1
    assert buttons[0].split("?")[0] == f"/hub/spawn/{visitor.name}/{CLASS}"
    assert visitor.start(CLASS).status_code == httpx.codes.OK
    note = visitor.server("GET", "api/contents/note.txt", CLASS).json()
    assert note["content"] == "пингвины"
