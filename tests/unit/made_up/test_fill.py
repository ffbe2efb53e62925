"""A made-up city comes into an empty park, whole, and works as if its people had been there."""

import time
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from technopark.exchange import assignments, check, submissions
from technopark.exchange.content import ContentStore
from technopark.exchange.receipts import key_path, load_signer
from technopark.made_up.city import city
from technopark.made_up.fill import NotEmpty, fill
from technopark.made_up.plan import City
from technopark.noticeboard import search
from technopark.noticeboard.search import Wanted
from technopark.people import changes, classrooms
from technopark.people.hub_scopes import hub_rights
from technopark.people.rights import Action, may, standing
from technopark.settings import SOURCE, Settings
from technopark.store import (
    Assignment,
    AssignmentVersion,
    Base,
    Classroom,
    Extension,
    HandIn,
    Joining,
    Membership,
    Person,
    Posting,
    Site,
    Store,
    Submission,
)

SECONDS = 60
"""What the whole city may take; this machine has two cores and other things to do."""


def rows(store: Store, model: type[Base]) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def assert_is_in(store: Store, made: City) -> None:
    assert rows(store, Site) == 19
    assert rows(store, Person) == len(made.pupils) + len(made.adults)
    assert rows(store, Classroom) == len(made.rooms)
    assert rows(store, Membership) == sum(len(one.pupils) + len(one.teachers) for one in made.rooms)
    assert rows(store, Assignment) == len(made.tasks)
    assert rows(store, AssignmentVersion) == sum(len(one.released_at) for one in made.tasks)
    assert rows(store, Submission) == len(made.works)
    assert rows(store, HandIn) == len(made.hand_ins)
    assert rows(store, Extension) == len(made.extensions)
    assert rows(store, Posting) == len(made.postings)
    assert rows(store, Joining) == sum(len(one.joined) for one in made.postings) > 0


def test_everything_that_was_thought_up_is_in_the_park(store: Store, village: City) -> None:
    assert_is_in(store, village)
    with store.read() as session:
        assert changes.revision(session)  # the hub notices


def test_the_check_of_the_exchange_finds_nothing_lost(
    settings: Settings, store: Store, village: City
) -> None:
    assert check.damaged(settings) == []
    signer = load_signer(key_path(settings.data))
    with store.read() as session:
        some = [session.get_one(Submission, work.id) for work in village.works[::40]]
        receipts = [submissions.receipt(session, signer, one).model_dump() for one in some]
    assert len(receipts) > 50
    assert check.lost_receipts(settings, receipts) == []


def test_a_pupil_sees_their_own_and_nobody_elses(
    settings: Settings, store: Store, village: City
) -> None:
    signer, content = load_signer(key_path(settings.data)), ContentStore(settings.data / "exchange")
    mine = Counter(work.person for work in village.works)
    with store.read() as session:
        for pupil in village.pupils[::30]:
            seen = submissions.visible_to(session, signer, content, pupil.name, only_own=False)
            assert {one.person for one in seen} == {pupil.name}
            assert len(seen) == mine[pupil.name]
            rights = hub_rights(session, pupil.name)
            assert rights
            rooms = {room.id for room in village.rooms if pupil.name in room.pupils}
            assert rights.groups == {f"nbgrader-{room}" for room in rooms}
            assert rights.roles.keys() == {"open-the-portal"}
            handed_out = assignments.released_to(session, pupil.name, content)
            assert {one.classroom for one in handed_out} == rooms


def test_a_teacher_sees_the_own_classes_alone(store: Store, village: City) -> None:
    with store.read() as session:
        for room in village.rooms:
            for teacher in village.of_role("teacher"):
                sees = may(session, teacher.name, Action.COLLECT, room.id, room.pupils[0])
                assert sees == (teacher.name in room.teachers)


def test_what_was_handed_in_last_is_what_gets_graded(
    settings: Settings, store: Store, village: City
) -> None:
    signer, content = load_signer(key_path(settings.data)), ContentStore(settings.data / "exchange")
    task = village.tasks[0]
    ours = {
        work.id: work.person
        for work in village.works
        if (work.classroom, work.task) == (task.classroom, task.name)
    }
    last = {ours[one.work]: one.work for one in village.hand_ins if one.work in ours}
    with store.read() as session:
        found = submissions.chosen(session, signer, content, task.classroom, task.name, "latest")
    assert {one.person: one.id for one in found} == last


def test_a_new_assignment_and_a_new_hand_in_come_after_those_of_the_city(
    settings: Settings, store: Store, village: City
) -> None:
    room = village.rooms[0]
    signer = load_signer(key_path(settings.data))
    with store.write() as session:
        given = assignments.release(
            session, room.teachers[0], room.id, "new", "0" * 64, None, replace=False
        )
        parcel = submissions.Parcel("1" * 64, 1, 10, village.works[-1].received_at)
        _, is_new = submissions.hand_in(session, signer, room.id, "new", room.pupils[0], parcel)
        newest = session.scalar(select(func.max(Assignment.id)))
    assert is_new
    assert given.id == newest


def test_things_go_on_and_curators_may_post_for_the_modules_they_help(
    store: Store, village: City
) -> None:
    with store.read() as session:
        for curator in village.of_role("curator"):
            who = standing(session, curator.name)
            assert who
            assert who.curates
        now = datetime(village.year + 1, 10, 1, tzinfo=UTC)
        to_come = search.published(session, Wanted(), now, 1)
        over = search.published(session, Wanted(is_over=True), now, 1)
    assert to_come.total + over.total == len(village.postings)


def test_a_city_never_comes_to_real_people(settings: Settings, store: Store) -> None:
    with store.write() as session:
        classrooms.ensure_person(session, "ivolgina-masha", "Маша И.", None)
    with pytest.raises(NotEmpty, match=r"1 people \(ivolgina-masha\)"):
        fill(settings, store, city(seed=7, scale=0.02))
    assert rows(store, Person) == 1
    assert not (settings.data / "exchange" / "content").exists()


def test_the_people_of_the_demo_may_be_there(settings: Settings, store: Store) -> None:
    with store.write() as session:
        classrooms.ensure_person(session, "masha", "Маша И.", None)
    small = city(seed=7, scale=0.01)
    demo = settings.model_copy(update={"demo": SOURCE / "config" / "demo.yaml"})
    fill(demo, store, small)
    assert rows(store, Person) == 1 + len(small.pupils) + len(small.adults)
    with pytest.raises(NotEmpty):  # and no city comes to another one
        fill(demo, store, small)


@pytest.mark.slow
def test_the_whole_city_comes_within_a_minute(settings: Settings, store: Store) -> None:
    made = city()
    assert (len(made.pupils), len(made.rooms), len(made.works)) == (7600, 400, 200_000)
    rooms = Counter(name for room in made.rooms for name in room.teachers)
    assert 75 <= len(rooms) <= 85
    assert 3 <= min(rooms.values()) <= max(rooms.values()) <= 8
    began = time.process_time()
    fill(settings, store, made)
    assert time.process_time() - began < SECONDS
    assert_is_in(store, made)
    assert check.damaged(settings) == []
