"""The made-up city is the same each time, and such as a city of schools is."""

import os
import re
import subprocess
import sys
from collections import Counter
from random import Random

import pytest

from technopark.made_up.city import city
from technopark.made_up.plan import City
from technopark.made_up.schools import COURSES, schools
from technopark.people.names import is_name
from technopark.people.rights import is_grading_name
from technopark.people.sites import read_sites
from technopark.settings import SOURCE

WEEKEND = 5


@pytest.fixture(scope="module")
def town() -> City:
    """A tenth of the city."""
    return city(seed=7, scale=0.1)


def test_the_same_seed_gives_the_same_city_to_the_byte_in_another_process() -> None:
    program = (
        "from technopark.made_up.city import city; print(city(seed=7, scale=0.02).fingerprint)"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "4711"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == city(seed=7, scale=0.02).fingerprint


def test_another_seed_gives_other_people() -> None:
    assert [one.full_name for one in city(seed=7, scale=0.02).pupils] != [
        one.full_name for one in city(seed=8, scale=0.02).pupils
    ]


def test_a_tenth_of_the_city_is_a_tenth_of_everything(town: City) -> None:
    assert len(town.sites) == 19
    assert len(town.pupils) == 760
    assert len(town.rooms) == 40
    assert len(town.works) == 20_000
    assert {room.site for room in town.rooms} == {site.id for site in town.sites}


@pytest.mark.parametrize("scale", [0, 0.001, 3])
def test_a_city_that_is_no_city_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="expected a scale from"):
        city(scale=scale)


def test_nobody_is_called_by_more_than_a_given_name_and_one_letter(town: City) -> None:
    people = [*town.pupils, *town.adults]
    assert [
        one.full_name for one in people if not re.fullmatch(r"[А-ЯЁ][а-яё]+ [А-Я]\.", one.full_name)
    ] == []


def test_everybody_signs_in_with_a_name_of_their_own(town: City) -> None:
    names = [one.name for one in (*town.pupils, *town.adults)]
    assert len(set(names)) == len(names)
    assert [name for name in names if not is_name(name) or is_grading_name(name)] == []


def test_children_are_as_old_as_their_class_is(town: City) -> None:
    assert {pupil.grade for pupil in town.pupils} <= set(range(1, 10))
    assert {pupil.age - pupil.grade for pupil in town.pupils} == {6, 7}
    assert [one.age for one in town.pupils if not 6 <= one.age <= 16] == []
    assert re.fullmatch(r"[1-9][а-я]", town.pupils[0].school_class)


def test_a_class_has_fifteen_to_thirty_pupils_and_one_course_that_fits_them(town: City) -> None:
    grades = {pupil.name: pupil.grade for pupil in town.pupils}
    courses = {course.id: course.grades for course in COURSES}
    for room in town.rooms:
        assert is_name(room.id)
        assert len(room.id) <= 30  # a server is called so
        assert 15 <= len(set(room.pupils)) == len(room.pupils) <= 30
        if "-club-" not in room.id:
            assert {grades[name] for name in room.pupils} <= set(courses[room.course])


def test_every_pupil_has_a_class_at_school_and_some_a_club_as_well(town: City) -> None:
    sites = {pupil.name: pupil.site for pupil in town.pupils}
    rooms = Counter(name for room in town.rooms for name in room.pupils)
    assert rooms.keys() == sites.keys()
    assert max(rooms.values()) > 1
    strangers = {
        room.site for room in town.rooms for name in room.pupils if room.site != sites[name]
    }
    assert strangers == {"centre"}  # all schools send pupils to its clubs


def test_schools_choose_courses_by_their_speciality() -> None:
    sites = read_sites(SOURCE / "config" / "sites.yaml")
    whole = schools(Random(7), 1.0, sites)  # noqa: S311  # no secret
    by_site = Counter((room.site, room.course) for room in whole.rooms)
    assert by_site["school-01", "bio-start"] > by_site["ftsh", "bio-start"]
    assert by_site["ftsh", "robotics-start"] > by_site["school-01", "robotics-start"]


def test_works_come_while_the_assignment_is_there_and_children_are_awake(town: City) -> None:
    tasks = {(task.classroom, task.name): task for task in town.tasks}
    late = 0
    for work in town.works:
        task = tasks[work.classroom, work.task]
        assert task.released_at[0] < work.received_at
        assert 5 <= work.received_at.hour < 20  # UTC; in the city it is three hours later
        late += work.received_at > task.due
    assert 0.05 < late / len(town.works) < 0.2


def test_deadlines_are_on_evenings_of_school_days_within_the_year(town: City) -> None:
    for task in town.tasks:
        assert town.first_day <= task.released_at[0].date() < task.due.date() <= town.last_day
        assert task.due.weekday() < WEEKEND
        assert [*task.released_at, task.due] == sorted([*task.released_at, task.due])


def test_a_pupil_hands_in_several_versions_and_sometimes_the_first_again(town: City) -> None:
    works = {work.id: (work.classroom, work.task, work.person) for work in town.works}
    assert len(works) == len(town.works)
    versions = Counter(works.values())
    assert set(versions.values()) > {1, 2}
    wanted = Counter(one.work for one in town.hand_ins)
    assert wanted.keys() == works.keys()
    assert set(wanted.values()) == {1, 2}
    moments = [one.received_at for one in town.hand_ins]
    assert moments == sorted(moments)
    last = {works[one.work]: one.work for one in town.hand_ins}
    newest = {works[work.id]: work.id for work in town.works}
    assert any(last[whose] != newest[whose] for whose in last)
