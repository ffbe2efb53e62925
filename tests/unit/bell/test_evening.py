"""The evening before: whose images are looked for where, and how it is told that one is missing."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from technopark.bell import duties, evening, timetable
from technopark.bell.duties import Duties
from technopark.bell.evening import Needed
from technopark.engine.client import EngineError
from technopark.engine.leased import Device
from technopark.settings import Leases, Settings
from technopark.store import CourseVersion, Store

from .conftest import LESSON

MOSCOW = ZoneInfo("Europe/Moscow")
EVENING = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
"""Half past six in Moscow, the day before the lesson."""


def test_evening_and_tomorrow_are_the_parks() -> None:
    assert evening.is_evening(EVENING, MOSCOW)
    assert not evening.is_evening(EVENING - timedelta(hours=1), MOSCOW)
    first, last = evening.tomorrow(EVENING, MOSCOW)
    assert first <= LESSON < last


def test_what_tomorrows_lessons_need(with_lesson: Store) -> None:
    with with_lesson.write() as session:
        for version in session.scalars(select(CourseVersion)):
            version.gpu_image = "sha256:3"
    with with_lesson.read() as session:
        lessons = timetable.read(session).lessons(*evening.tomorrow(EVENING, MOSCOW))
        assert evening.needed(session, lessons) == Needed(
            {"sha256:1": {"data-6a"}}, {"sha256:3": {"data-6a"}}
        )
        assert evening.needed(session, []) == Needed({}, {})


def test_what_is_missing_is_named_with_its_classes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = Needed({"sha256:1": {"b", "a"}}, {"sha256:3": {"a"}})
    engine = evening.node_images
    monkeypatch.setattr(engine, "missing_here", lambda _settings, names: list(names))
    monkeypatch.setattr(engine, "leased_devices", lambda _settings: [Device("card")])
    monkeypatch.setattr(
        engine, "missing_on_nodes", lambda _settings, image: {"far": f"No such image: {image}"}
    )
    assert [said.partition(":")[2][:40] for said in evening.problems(settings, images)] == [
        "1 of a, b is not on this machine: `./par",
        "3 of a is not on this machine: `./park u",
    ]
    swarm = settings.model_copy(update={"leases": Leases(engine="swarm")})
    assert evening.problems(swarm, images)[1] == (
        "The image sha256:3 of a is not on far: No such image: sha256:3"
    )


def test_it_is_told_once_an_evening_and_again_when_the_timetable_changed(
    settings: Settings, with_lesson: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Needed] = []
    monkeypatch.setattr(duties, "leased_devices", lambda _settings: [])
    monkeypatch.setattr(
        duties.evening, "problems", lambda _settings, images: told.append(images) or []
    )
    kept = Duties(settings, with_lesson)
    with with_lesson.read() as session:
        table = timetable.read(session)
    kept.keep(table, EVENING - timedelta(hours=2))
    assert told == []
    for minutes in range(0, 60, 5):
        kept.keep(table, EVENING + timedelta(minutes=minutes))
    assert len(told) == 1
    kept.keep(table, EVENING + timedelta(days=1))
    assert told[1:] == [Needed({}, {})]


def test_an_engine_that_is_away_is_asked_again(
    settings: Settings,
    with_lesson: Store,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away(_settings: Settings) -> list[Device]:
        raise EngineError("No Docker engine answers.")

    monkeypatch.setattr(duties, "leased_devices", away)
    with with_lesson.read() as session:
        table = timetable.read(session)
    kept = Duties(settings, with_lesson)
    kept.keep(table, EVENING)
    kept.keep(table, EVENING)
    assert caplog.text.count("No Docker engine answers.") == 2
