"""The made-up city of the bench `hub`, and what its pupils tell."""

from pathlib import Path

import pytest
from sqlalchemy import select

from technopark.bench.hub.people import CLASS, SITES, WORDS, as_json, seed, visits
from technopark.bench.hub.stand_ins import idle_after
from technopark.bench.hub.visitors import Met
from technopark.bench.hub.watch import Meter, memory_mb
from technopark.bench.messages import execute_request, is_end_of
from technopark.people import lessons, passphrases, rights
from technopark.store import Person, Site, Store


def test_everybody_has_a_seat_in_a_class_of_fifteen_at_most() -> None:
    coming = visits(100)
    rooms = [visit.classroom for visit in coming]
    assert len({visit.name for visit in coming}) == 100
    assert max(rooms.count(room) for room in rooms) == CLASS
    assert len({visit.classroom for visit in coming[:5]}) > 1, "classes come together"


def test_the_store_knows_the_city_and_its_words(store: Store) -> None:
    coming = visits(40)
    seed(store, coming)
    with store.read() as session:
        assert len(list(session.scalars(select(Site)))) == SITES
        person = session.get_one(Person, coming[0].name)
        assert passphrases.matches(WORDS, person.passphrase_hash)
        found = lessons.lesson(session, coming[0].name, coming[0].classroom, "ru")
        assert found.classroom == coming[0].classroom
        teacher = rights.standing(session, f"teacher-{coming[0].classroom}")
    assert teacher
    assert teacher.teacher_of == {coming[0].classroom}


def test_who_comes_can_be_told_to_another_program() -> None:
    assert as_json(visits(1)) == '[["pupil-00000", "room-0000"]]'


def test_a_stand_in_for_a_kernel_ends_the_cell_that_was_asked_for() -> None:
    asked, other = execute_request("1"), execute_request("2")
    assert is_end_of(idle_after(asked), asked)
    assert not is_end_of(idle_after(other), asked)


def test_waits_are_told_by_kind_in_milliseconds() -> None:
    met = Met(seconds={"page": [0.01] * 19 + [0.5]}, errors=["masha, start: no"])
    assert met.figures() == {
        "errors": 1,
        "first_errors": ["masha, start: no"],
        "page": {"p50_ms": 10.0, "p95_ms": 10.0},
    }


def test_an_answer_that_never_came_is_no_wait() -> None:
    met = Met()
    with pytest.raises(OSError, match="gone"), met.clocked("page"):
        raise OSError("gone")
    assert met.seconds == {}


def test_a_process_is_weighed_and_its_work_counted() -> None:
    pid = int(Path("/proc/self").resolve().name)
    meter = Meter({"this": pid})
    assert memory_mb(pid) > 10
    assert meter.cores()["this"] >= 0
