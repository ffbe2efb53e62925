"""The bell at work on a store, with a clock that is set and a hub that only remembers."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from technopark.bell import duties, timetable
from technopark.bell.hub import HubRefusesError
from technopark.bell.pace import pace_of
from technopark.bell.plan import Server
from technopark.bell.rounds import IDLE_SECONDS, Rounds
from technopark.engine.leased import Device
from technopark.people import changes, classrooms, keeping
from technopark.people.hub_scopes import bell_service_scopes, hub_rights, people_with_lessons
from technopark.settings import Servers, Settings
from technopark.store import Classroom, CourseVersion, LeaseReservation, Store, WarmStart

from .conftest import LESSON, FakeHub

SOON = LESSON - timedelta(seconds=30)
CLASS = {(name, "data-6a") for name in ("anna", "masha", "petya")}


@pytest.fixture(autouse=True)
def devices(monkeypatch: pytest.MonkeyPatch) -> list[Device]:
    found = [Device("one"), Device("two"), Device("three")]
    monkeypatch.setattr(duties, "leased_devices", lambda _settings: found)
    monkeypatch.setattr(duties.evening, "missing", lambda _settings, _images: [])
    return found


def bell(settings: Settings, store: Store, hub: Any, at: list[datetime]) -> Rounds:
    return Rounds(settings, store, hub, now=lambda: at[0], cores=2)


async def step(rounds: Rounds, hub: FakeHub, at: list[datetime], now: datetime) -> None:
    """One round at `now`, and what it asked for."""
    at[0] = hub.now = now
    await rounds.step()
    await asyncio.sleep(0)  # the hub is asked
    await asyncio.sleep(0)  # and has answered


async def test_without_a_timetable_nobody_is_asked_for_anything(
    settings: Settings, park: Store
) -> None:
    hub, at = FakeHub(), [SOON]
    rounds = bell(settings, park, hub, at)
    await rounds.step()
    begun = time.process_time()
    for _ in range(240):
        assert await rounds.step() == IDLE_SECONDS
    assert hub.calls == 0
    assert time.process_time() - begun < 240 * IDLE_SECONDS / 1000, "of an hour, a thousandth"
    with park.read() as session:
        assert bell_service_scopes(session) == ()
        assert people_with_lessons(session) == frozenset()


async def test_with_a_lesson_tomorrow_the_hub_is_left_alone(
    settings: Settings, with_lesson: Store
) -> None:
    hub, at = FakeHub(), [LESSON - timedelta(hours=20)]
    rounds = bell(settings, with_lesson, hub, at)
    for _ in range(10):
        await rounds.step()
    assert hub.calls == 0


async def test_a_class_is_started_and_who_does_not_come_gives_the_server_back(
    settings: Settings, with_lesson: Store
) -> None:
    hub, at = FakeHub(), [SOON]
    rounds = bell(settings, with_lesson, hub, at)
    await step(rounds, hub, at, SOON)
    assert hub.started == [(name, "data-6a") for name in ("anna", "masha", "petya")]
    hub.finish()
    await step(rounds, hub, at, SOON + timedelta(seconds=5))
    hub.entered |= {("anna", "data-6a"), ("petya", "data-6a")}
    await step(rounds, hub, at, LESSON + timedelta(minutes=9))
    assert hub.stopped == []
    await step(rounds, hub, at, LESSON + timedelta(minutes=10))
    assert hub.stopped == [("masha", "data-6a")]


async def test_a_killed_bell_is_followed_by_one_that_knows_its_servers(
    settings: Settings, with_lesson: Store
) -> None:
    hub, at = FakeHub(), [SOON]
    first = bell(settings, with_lesson, hub, at)
    await step(first, hub, at, SOON)
    hub.finish()
    second = bell(settings, with_lesson, hub, at)
    await step(second, hub, at, SOON + timedelta(seconds=10))
    assert len(hub.started) == 3, "nobody is started twice"
    await step(second, hub, at, LESSON + timedelta(minutes=11))
    assert set(hub.stopped) == CLASS


async def test_a_server_that_its_pupil_started_is_never_taken_down(
    settings: Settings, with_lesson: Store
) -> None:
    hub, at = FakeHub(), [SOON]
    hub.now = SOON - timedelta(hours=1)
    await hub.start(("masha", "data-6a"))
    hub.finish()
    hub.started.clear()
    rounds = bell(settings, with_lesson, hub, at)
    await step(rounds, hub, at, SOON)
    assert set(hub.started) == CLASS - {("masha", "data-6a")}
    await step(rounds, hub, at, LESSON + timedelta(minutes=11))
    assert ("masha", "data-6a") not in hub.stopped


async def test_servers_of_a_lesson_that_is_gone_are_still_looked_after(
    settings: Settings, with_lesson: Store
) -> None:
    hub, at = FakeHub(), [SOON]
    rounds = bell(settings, with_lesson, hub, at)
    await step(rounds, hub, at, SOON)
    with with_lesson.write() as session:
        timetable.take_back(session, *timetable.said(session, "").days)
    with with_lesson.read() as session:
        assert bell_service_scopes(session), "it may still stop what it started"
    hub.finish()
    await step(rounds, hub, at, SOON + timedelta(seconds=5))
    assert set(hub.stopped) == CLASS
    calls = hub.calls
    await step(rounds, hub, at, SOON + timedelta(seconds=10))
    assert hub.calls == calls


async def test_servers_of_a_closed_classroom_are_the_hubs_to_end(
    settings: Settings, with_lesson: Store
) -> None:
    hub, at = FakeHub(), [SOON]
    rounds = bell(settings, with_lesson, hub, at)
    await step(rounds, hub, at, SOON)
    with with_lesson.write() as session:
        keeping.close(session, session.get_one(Classroom, "data-6a"))
    calls = hub.calls
    for second in range(5):
        await step(rounds, hub, at, SOON + timedelta(seconds=second))
    assert hub.calls == calls, "it may see nothing there any more, and does not ask"
    with with_lesson.read() as session:
        assert session.scalars(select(WarmStart)).all() == []


class RefusingHub(FakeHub):
    """Gives the bell no rights."""

    async def servers(self) -> list[Server]:
        self.calls += 1
        raise HubRefusesError("no")


async def test_a_hub_that_refuses_is_asked_to_look_at_the_rights_again(
    settings: Settings, with_lesson: Store
) -> None:
    hub, at = RefusingHub(), [SOON]
    rounds = bell(settings, with_lesson, hub, at)
    before = number_of_changes(with_lesson)
    for second in range(5):
        await step(rounds, hub, at, SOON + timedelta(seconds=second))
    assert hub.calls == 5
    assert number_of_changes(with_lesson) == before + 1, "once, not with every round"


def number_of_changes(store: Store) -> int:
    with store.read() as session:
        return changes.revision(session)


async def test_somebody_new_on_the_roster_is_started_too(
    settings: Settings, with_lesson: Store
) -> None:
    hub, at = FakeHub(), [SOON]
    rounds = bell(settings, with_lesson, hub, at)
    await step(rounds, hub, at, SOON)
    hub.finish()
    with with_lesson.write() as session:
        classrooms.ensure_person(session, "olya", "Olya", "north")
        session.flush()
        classrooms.add_members(session, "data-6a", "pupil", ["olya"])
    await step(rounds, hub, at, SOON + timedelta(seconds=3))
    assert ("olya", "data-6a") in hub.started


async def test_gpus_are_kept_for_lessons_that_need_them_and_an_admins_word_stays(
    settings: Settings, with_lesson: Store, devices: list[Device]
) -> None:
    with with_lesson.write() as session:
        for version in session.scalars(select(CourseVersion)):
            version.gpu_image = "sha256:3"
        session.add(
            LeaseReservation(
                classroom_id="data-6a",
                devices=1,
                starts=LESSON,
                ends=LESSON + timedelta(hours=1),
            )
        )

    def kept() -> list[tuple[str | None, int]]:
        with with_lesson.read() as session:
            rows = session.scalars(select(LeaseReservation).order_by(LeaseReservation.id))
            return [(row.lesson, row.devices) for row in rows]

    at = [LESSON - timedelta(hours=20)]
    for _ in range(2):  # a new bell finds what another one made
        rounds = bell(settings, with_lesson, FakeHub(), at)
        await rounds.step()
        await rounds.end()
        assert kept() == [(None, 1), ("data-6a@20261124T0700Z", 2)]

    with with_lesson.write() as session:
        for day in timetable.said(session, "").days:
            timetable.take_back(session, day)
    await rounds.step()
    await rounds.end()
    assert kept() == [(None, 1)]


def test_the_culler_never_takes_a_server_before_its_lesson(settings: Settings) -> None:
    for minutes in (2.0, 10.0, 45.0, 300.0):
        patient = settings.model_copy(update={"servers": Servers(idle_minutes=minutes)})
        pace = pace_of(patient, 2)
        assert pace.lead < timedelta(minutes=minutes)
        assert pace.ready < pace.lead


def test_the_hub_lets_the_bell_do_what_its_lessons_need(with_lesson: Store) -> None:
    with with_lesson.read() as session:
        scopes = bell_service_scopes(session)
        assert people_with_lessons(session) == {"anna", "masha", "petya"}
        teacher, pupil = hub_rights(session, "anna"), hub_rights(session, "masha")
    whose = {scope.split("!")[1] for scope in scopes}
    assert whose == {"group=nbgrader-data-6a", "user=anna", "server=anna/data-6a"}
    assert not [scope for scope in scopes if "access" in scope]
    assert teacher
    assert pupil
    assert "access:services!service=bell" in sum(teacher.roles.values(), ())
    assert "access:services!service=bell" not in sum(pupil.roles.values(), ())
