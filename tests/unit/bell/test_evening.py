"""The evening before: whose images are looked for where, and how it is told that one is missing."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from technopark.bell import duties, evening, timetable
from technopark.bell.duties import Duties
from technopark.bell.evening import Missing, Needed
from technopark.engine.client import EngineError
from technopark.engine.leased import Device
from technopark.engine.node_images import Lack
from technopark.language import Language
from technopark.settings import Leases, Settings
from technopark.store import CourseVersion, Store

from .conftest import LESSON

MOSCOW = ZoneInfo("Europe/Moscow")
EVENING = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
"""Half past six in Moscow, the day before the lesson."""


def test_tomorrow_is_looked_at_from_the_evening_on_and_days_are_the_parks() -> None:
    first, last = evening.looked_at(EVENING, MOSCOW)
    assert first <= LESSON < last
    first, last = evening.looked_at(EVENING - timedelta(hours=1), MOSCOW)
    assert last <= LESSON
    first, last = evening.looked_at(LESSON - timedelta(hours=3), MOSCOW)
    assert first <= LESSON < last, "a bell that is new in the morning looks at today"


def test_what_tomorrows_lessons_need(with_lesson: Store) -> None:
    with with_lesson.write() as session:
        for version in session.scalars(select(CourseVersion)):
            version.gpu_image = "sha256:3"
    with with_lesson.read() as session:
        lessons = timetable.read(session).lessons(*evening.looked_at(EVENING, MOSCOW))
        assert evening.needed(session, lessons) == Needed(
            {"sha256:1": {"data-6a"}}, {"sha256:3": {"data-6a"}}
        )
        assert evening.needed(session, []) == Needed({}, {})


def told(one: Missing, language: Language = "en") -> str:
    return evening.in_words(one, {"a": "6А"}, language)


def test_what_is_missing_is_named_with_its_classes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = Needed({"sha256:1": {"b", "a"}}, {"sha256:3": {"a"}})
    engine = evening.node_images
    monkeypatch.setattr(engine, "missing_here", lambda _settings, names: list(names))
    monkeypatch.setattr(engine, "leased_devices", lambda _settings: [Device("card")])
    lacks = {"far": Lack("No such image: it")}
    monkeypatch.setattr(engine, "missing_on_nodes", lambda _settings, _image: lacks)
    assert [told(one) for one in evening.missing(settings, images)] == [
        "6А, b: the image sha256:1 is not on this machine. `./park up` builds those that come with "
        "the park.",
        "6А: the image sha256:3 is not on this machine. `./park up` builds those that come with "
        "the park.",
    ]
    swarm = settings.model_copy(update={"leases": Leases(engine="swarm")})
    sandbox, kernel = evening.missing(swarm, images)[2:]
    assert told(sandbox) == "6А, b: the image sha256:1 is not on far: No such image: it"
    assert told(kernel) == "6А: the image sha256:3 is not on far: No such image: it"
    assert told(kernel, "ru") == "6А: на машине far нет образа sha256:3: No such image: it"
    assert (sandbox.stops_lesson, kernel.stops_lesson) == (False, True)


def test_it_is_told_why_a_registry_does_not_help() -> None:
    away = Missing("sha256:3", ("a",), "far", Lack("connection refused", "city:5000"))
    assert told(away) == (
        "6А: the image sha256:3 is not on far, and cannot be brought to the registry city:5000 "
        "(connection refused). The bell tries again every five minutes."
    )
    assert told(away, "ru") == (
        "6А: на машине far нет образа sha256:3, и положить его в реестр city:5000 не удаётся "
        "(connection refused). Звонок пробует снова каждые пять минут."
    )
    slow = Missing("sha256:3", ("a",), "far", Lack("It is still fetching it.", "city:5000", True))
    assert told(slow) == (
        "6А: far does not have the image sha256:3 from the registry city:5000 yet (It is still "
        "fetching it). The bell tries again every five minutes; the log of the engine on far says "
        "more."
    )
    long = "sha256:9f3ac1d49f3a" + "0" * 52
    strange = Missing(long, ("a",), "far", Lack(f"No such image: city:5000/it@{long}"))
    assert told(strange) == (
        "6А: the image sha256:9f3ac1d49f3a is not on far: No such image: "
        "city:5000/it@sha256:9f3ac1d49f3a"
    )
    assert told(slow, "ru").startswith("6А: машина far ещё не получила образ sha256:3 из реестра")


def test_it_is_looked_at_once_in_the_evening_and_again_when_other_images_are_needed(
    settings: Settings, with_lesson: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Needed] = []
    monkeypatch.setattr(duties, "leased_devices", lambda _settings: [])
    monkeypatch.setattr(
        duties.evening, "missing", lambda _settings, images: looks.append(images) or []
    )
    kept = Duties(settings, with_lesson)
    with with_lesson.read() as session:
        table = timetable.read(session)
    kept.keep(table, EVENING - timedelta(hours=2))
    assert looks == [Needed({}, {})], "today has no lessons"
    for minutes in range(0, 60, 5):
        kept.keep(table, EVENING + timedelta(minutes=minutes))
    assert looks[1:] == [Needed({"sha256:1": {"data-6a"}}, {})]
    kept.keep(table, EVENING + timedelta(days=1))
    assert looks[2:] == [Needed({}, {})]


def test_a_node_that_was_off_in_the_evening_is_looked_at_when_it_is_back(
    settings: Settings, with_lesson: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Needed] = []
    answering = {"near"}
    monkeypatch.setattr(duties, "leased_devices", lambda _settings: [])
    monkeypatch.setattr(duties, "ready_nodes", lambda _settings: frozenset(answering))
    monkeypatch.setattr(
        duties.evening, "missing", lambda _settings, images: looks.append(images) or []
    )
    kept = Duties(settings, with_lesson)
    with with_lesson.read() as session:
        table = timetable.read(session)
    kept.keep(table, EVENING)
    kept.keep(table, EVENING + timedelta(minutes=5))
    assert len(looks) == 1
    answering.add("far")
    kept.keep(table, EVENING + timedelta(minutes=10))
    assert len(looks) == 2


def test_what_is_missing_is_told_once_and_known_until_it_is_there(
    settings: Settings,
    with_lesson: Store,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    lacking = ["sha256:1"]
    monkeypatch.setattr(duties, "leased_devices", lambda _settings: [])
    monkeypatch.setattr(evening.node_images, "missing_here", lambda _settings, _images: lacking)
    kept = Duties(settings, with_lesson)
    with with_lesson.read() as session:
        table = timetable.read(session)
    for minutes in range(0, 60, 5):
        kept.keep(table, EVENING + timedelta(minutes=minutes))
    assert kept.missing == (Missing("sha256:1", ("data-6a",)),)
    assert caplog.text.count("data-6a: the image sha256:1 is not on this machine") == 1
    lacking.clear()
    kept.keep(table, EVENING + timedelta(hours=1))
    assert kept.missing == ()


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
