"""Servers are ready before the bell: who comes is in Lab at once, who does not gives it back."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from support.park import Park
from support.visitor import Visitor
from support.waiting import eventually

from technopark.bell import timetable
from technopark.bell.calendar import Day, Lesson
from technopark.bell.hub import Hub
from technopark.bell.rounds import Rounds
from technopark.engine.client import open_engine
from technopark.engine.park_containers import park_containers
from technopark.machine import supervisor
from technopark.machine.secrets import read_secrets
from technopark.store import Store, open_store

pytestmark = pytest.mark.docker
Arrive = Callable[[str], Visitor]
CLASS = "robots-5b"
PUPILS = {"masha", "sonya", "timur"}
TEACHER = "oleg-ivanovich"
AT_ONCE = 1.0
"""Seconds from the click to the Lab page."""


@pytest.fixture
def store(park: Park) -> Iterator[Store]:
    with closing(open_store(park.settings.database_url)) as opened:
        yield opened


@pytest.fixture
def lesson(store: Store) -> Iterator[Lesson]:
    """A lesson that starts in a little more than two minutes: its servers are due now."""
    with store.read() as session:
        zone = timetable.places(session)[CLASS].zone
    starts = datetime.now(zone).replace(microsecond=0) + timedelta(seconds=125)
    said = Day(CLASS, "added", starts.date(), starts.time().replace(tzinfo=None), 20)
    with store.write() as session:
        timetable.add(session, said)
    first = starts.astimezone(UTC)
    yield Lesson(first, first + timedelta(minutes=20), CLASS)
    with store.write() as session:
        timetable.take_back(session, said)


def with_servers(park: Park) -> set[str]:
    """Whose servers of the class run."""
    beginning, end = f"{park.settings.network.name}-", f"--{CLASS}"
    with closing(open_engine(park.settings.engine)) as engine:
        found = park_containers(engine, park.settings.network.name)
    names = {each.name for each in found if each.runs and each.name.endswith(end)}
    return {name.removeprefix(beginning).removesuffix(end) for name in names}


def ready(admin: Visitor) -> set[str]:
    """Whose servers of the class the hub calls ready."""
    users = admin.hub("GET", "/users", params={"state": "ready"}).json()
    return {user["name"] for user in users if CLASS in user["servers"]}


def test_a_class_is_warm_at_the_bell_though_the_bell_was_killed(
    park: Park, store: Store, lesson: Lesson, signed_in: Arrive
) -> None:
    admin, expected = signed_in("admin"), PUPILS | {TEACHER}
    for name in with_servers(park):  # as other tests left them
        admin.hub("DELETE", f"/users/{name}/servers/{CLASS}")
    eventually(lambda: with_servers(park), 60, "the first server of the class")
    os.kill(pid_of_bell(park), signal.SIGKILL)
    pages = park.settings.web.service_address("bell")
    eventually(lambda: is_there(admin, pages), 20, "the bell once more")
    eventually(lambda: ready(admin) >= expected, 120, "servers of a class before its lesson")
    assert datetime.now(UTC) < lesson.starts

    took = [click(signed_in("timur")) for _ in range(3)]
    print(f"from the click to the Lab page: {', '.join(f'{each:.2f}' for each in took)} s")
    assert min(took) < AT_ONCE

    # Another bell, whose clock is ahead; the park's own would see the lesson still to come.
    later = lesson.starts + park.settings.bell.unused_minutes * timedelta(minutes=1)
    with the_parks_bell_stands_still(park):
        asyncio.run(one_round(park, store, later - timedelta(seconds=1)))
        assert with_servers(park) >= expected
        asyncio.run(one_round(park, store, later + timedelta(seconds=1)))
        eventually(lambda: with_servers(park) == {"timur"}, 30, "only who came has a server")


@contextmanager
def the_parks_bell_stands_still(park: Park) -> Iterator[None]:
    """As if it were between two of its rounds."""
    bell = pid_of_bell(park)
    os.kill(bell, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(bell, signal.SIGCONT)


def pid_of_bell(park: Park) -> int:
    """The bell's process on this machine."""
    return next(each.pid for each in supervisor.states(park.settings) if each.name == "bell")


def is_there(visitor: Visitor, address: str) -> bool:
    """Whether the proxy finds somebody who answers."""
    return visitor.http.get(address).status_code != httpx.codes.SERVICE_UNAVAILABLE


def click(pupil: Visitor) -> float:
    """Seconds from the click on the lesson to the Lab page."""
    begun = time.monotonic()
    lab = pupil.http.get(f"/hub/spawn/{pupil.name}/{CLASS}")
    took = time.monotonic() - begun
    assert lab.status_code == httpx.codes.OK
    assert str(lab.url).startswith(pupil.server_url(CLASS))
    return took


async def one_round(park: Park, store: Store, now: datetime) -> None:
    """What the bell does at this time."""
    api = httpx.URL(park.address).join("/hub/api")
    hub = Hub(str(api), read_secrets(park.settings).bell_token)
    try:
        await Rounds(park.settings, store, hub, now=lambda: now).step()
    finally:
        await hub.close()


def test_a_teacher_looks_at_the_timetable_and_a_pupil_does_not(
    park: Park, signed_in: Arrive
) -> None:
    pages = park.settings.web.service_address("bell")
    teacher, pupil = signed_in(TEACHER), signed_in("timur")
    assert pages in teacher.http.get("/hub/home").text
    page = teacher.http.get(pages)
    assert (page.status_code, str(page.url)) == (httpx.codes.OK, pages)
    assert "Уроки на неделю вперёд" in page.text
    assert "Память по часам" not in page.text
    assert pages not in pupil.http.get("/hub/home").text
    refused = pupil.http.get(pages)
    assert refused.status_code == httpx.codes.FORBIDDEN
    assert "Это не для тебя" in refused.text
