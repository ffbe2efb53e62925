"""A start in its turn: what time-outs count, what frees the turn, who may be warm."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.handlers.pages import SpawnHandler
from jupyterhub.spawner import SpawnException
from jupyterhub.utils import utcnow

from technopark.admission.line import Line
from technopark.admission.looks import State
from technopark.admission.order import Start
from technopark.admission.room import Room
from technopark.host import Memory
from technopark.people.lessons import Lesson
from technopark.settings import Admission, Servers, Settings
from technopark.spawner import deaths
from technopark.spawner.classroom import ClassroomSpawner

LESSON = Lesson(
    classroom="data-6a",
    site="north",
    is_grading=False,
    image="sha256:1",
    course_image="sha256:1",
    gpu_image=None,
    content="data/1",
    network=(),
    timezone="Europe/Moscow",
    language="en",
)
NOBODY_ANSWERS = 9
"""The discard port, where nothing listens."""


class Played(ClassroomSpawner):
    """Masha's server, without an engine: `port` is where it answers."""

    port_of_server = NOBODY_ANSWERS
    status: str | None = None
    lines: Line

    object_name = "park-masha--data-6a"
    name = "data-6a"
    _log_name = "masha:data-6a"
    server = SimpleNamespace(base_url="/user/masha/data-6a/")

    @property
    def line(self) -> Line:
        return self.lines

    async def prepare(self) -> str:
        self.lesson = LESSON
        return LESSON.site

    async def start_container(self) -> tuple[str, int]:
        return "127.0.0.1", self.port_of_server

    def _watch_over(self) -> None:
        return

    async def poll(self) -> str | None:
        return self.status


@pytest.fixture
def masha() -> Played:
    """One start at a time, which may take a fifth of a second."""
    settings = Settings(admission=Admission(at_a_time=1), servers=Servers(start_timeout=0.2))
    made = Played(settings=settings, user=SimpleNamespace(name="masha", settings={}))
    made.lines = Line(settings)
    made.user_options = {}
    made.orm_spawner = SimpleNamespace(user_options={}, server=None)
    made.db = SimpleNamespace(commit=lambda: None)
    made.handler = SpawnHandler.__new__(SpawnHandler)
    return made


@pytest.fixture
async def answering() -> AsyncIterator[int]:
    """The port of a server that answers everything."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as served:
        yield served.sockets[0].getsockname()[1]


async def test_the_time_out_counts_from_the_container_not_from_the_wait(
    masha: Played, answering: int
) -> None:
    masha.port_of_server = answering
    async with masha.line.turn(Start("petya", "data-6a", "north", 0.0), None):
        start = asyncio.create_task(masha.start())
        await asyncio.sleep(2 * masha.settings.servers.start_timeout)
        assert masha.line.look(("masha", "data-6a")).state is State.WAITING
    assert await start == ("127.0.0.1", answering)
    assert masha.line.starting == 0


async def test_a_server_that_does_not_answer_gives_its_turn_back(masha: Played) -> None:
    with pytest.raises(SpawnException) as refused:
        await masha.start()
    assert "did not switch on in time" in refused.value.jupyterhub_html_message
    assert (masha.line.starting, masha.line.waiting) == (0, 0)


async def test_a_container_that_ends_gives_its_turn_back_at_once(masha: Played) -> None:
    masha.settings = masha.settings.model_copy(update={"servers": Servers(start_timeout=60)})
    start = asyncio.create_task(masha.start())
    while masha.line.look(("masha", "data-6a")).state is not State.STARTING:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    masha.status = "ExitCode=1"
    deaths.someone_died(masha.object_name)
    with pytest.raises(SpawnException, match="ExitCode=1"):
        await asyncio.wait_for(start, 5)
    assert masha.line.starting == 0


@pytest.mark.parametrize(
    ("handler", "options", "is_warm"),
    [
        (APIHandler, {"warm": True}, True),
        (APIHandler, {"warm": "yes"}, False),
        (APIHandler, {}, False),
        (SpawnHandler, {"warm": True}, False),  # kept by JupyterHub from an earlier start
    ],
)
async def test_only_the_api_may_say_that_a_start_is_warm_and_only_once(
    masha: Played, handler: type, options: dict[str, Any], is_warm: bool
) -> None:
    masha.handler = handler.__new__(handler)
    masha.user_options = masha.orm_spawner.user_options = options
    assert masha._take_warm() is is_warm
    assert (masha.user_options, masha.orm_spawner.user_options) == ({}, {})


async def test_a_warm_server_is_in_use_once_its_pupil_is_there(
    masha: Played, answering: int
) -> None:
    masha.port_of_server, seen = answering, datetime(2026, 9, 1, 9, 0)  # noqa: DTZ001  # as JupyterHub's
    masha.user.last_activity = seen
    await masha.start()
    assert masha.is_in_use, "Masha has started it herself"

    masha.handler = APIHandler.__new__(APIHandler)
    masha.user_options = {"warm": True}
    await masha.start()
    assert not masha.is_in_use
    masha.user.last_activity = utcnow(with_tz=False) + timedelta(minutes=1)
    assert masha.is_in_use


async def test_a_refusal_says_that_it_is_for_want_of_memory(masha: Played) -> None:
    full = Memory(total=8 << 30, available=0)
    for keep_free, said in ((1 << 50, "too little memory"), (1, "no memory left for one more")):
        settings = Settings(admission=Admission(keep_free=keep_free, refuse_minutes=0.001))
        masha.lines = Line(settings, Room(settings, lambda: full))
        with pytest.raises(SpawnException) as refused:
            await masha.start()
        assert said in refused.value.jupyterhub_html_message
        assert "Tell your teacher" in refused.value.jupyterhub_html_message


async def test_nothing_is_chosen_by_a_form_or_an_address(masha: Played) -> None:
    assert masha.run_options_from_form({"warm": ["true"], "image": ["other"]}) == {}
    assert await masha.options_from_query({"warm": ["true"]}) == {}
