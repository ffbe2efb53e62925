"""The truth table: who may do what to whose server and work in classroom data-6a."""

import pytest

from technopark.people import classrooms
from technopark.people.hub_scopes import grading_service_scopes, hub_rights
from technopark.people.rights import (
    Action,
    answers_for,
    grading_user,
    may,
    may_look_for_works,
    may_make,
    may_manage,
    may_move,
    may_see_path,
    standing,
)
from technopark.store import Classroom, Person, Store

NOBODY = ""
SERVER = "see start stop enter"
TEACHER = f"{SERVER} fetch collect grade"

# who, whose, what is allowed (of: see start stop enter fetch submit collect grade)
TABLE = [
    ("00 a pupil, their own", "masha", "masha", f"{SERVER} fetch submit"),
    ("01 another pupil of the class", "petya", "masha", NOBODY),
    ("02 the teacher of the class", "anna", "masha", TEACHER),
    ("03 the teacher of another class of the same pupil", "oleg", "masha", NOBODY),
    ("04 the author of a course", "writer", "masha", NOBODY),
    ("05 the admin of the site", "north-admin", "masha", "see start stop"),
    ("06 the admin of another site", "south-admin", "masha", NOBODY),
    ("07 the admin of the park", "chief", "masha", SERVER),
    ("08 somebody of the park", "passer-by", "masha", NOBODY),
    ("09 nobody of the park", "stranger", "masha", NOBODY),
    ("10 the teacher, their own server", "anna", "anna", f"{SERVER} fetch"),
    (
        "11 the teacher, the grading server",
        "anna",
        "grading-data-6a",
        f"{SERVER} fetch collect grade",
    ),
    ("12 a pupil, the grading server", "masha", "grading-data-6a", NOBODY),
    ("13 another teacher, the grading server", "oleg", "grading-data-6a", NOBODY),
    (
        "14 the grading user, a pupil's work",
        "grading-data-6a",
        "masha",
        f"{SERVER} fetch collect grade",
    ),
    ("15 another classroom's grading user", "grading-robots-5b", "masha", NOBODY),
    ("16 the teacher, somebody who is not of the class", "anna", "passer-by", NOBODY),
    ("17 the admin of the park, somebody who is not of the class", "chief", "passer-by", NOBODY),
]


@pytest.mark.parametrize(
    ("who", "whose", "wanted"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_who_may_do_what(park: Store, who: str, whose: str, wanted: str) -> None:
    with park.read() as session:
        allowed = {a.value for a in Action if may(session, who, a, "data-6a", whose)}
    assert allowed == set(wanted.split())


# who, and whether they may: keep classroom data-6a (of site north), keep it once it is closed, make
# a classroom at north, make one at south, move Masha (of north), move the teacher Oleg (of south)
CLASSROOMS = [
    ("00 a pupil of the class", "masha", "no no no no no no"),
    ("01 the teacher of the class", "anna", "yes yes yes no no no"),
    ("02 the teacher of a class of another site", "oleg", "no no no yes no no"),
    ("03 the admin of the site", "north-admin", "yes yes yes no yes no"),
    ("04 the admin of another site", "south-admin", "no no no yes no yes"),
    ("05 the admin of the park", "chief", "yes yes yes yes yes yes"),
    ("06 the author of a course", "writer", "no no no no no no"),
    ("07 somebody of the park", "passer-by", "no no no no no no"),
    ("08 the classroom's grading user", "grading-data-6a", "no no no no no no"),
]


@pytest.mark.parametrize(
    ("who", "wanted"), [row[1:] for row in CLASSROOMS], ids=[row[0] for row in CLASSROOMS]
)
def test_who_may_keep_make_and_move(park: Store, who: str, wanted: str) -> None:
    with park.write() as session:
        somebody, masha, oleg = (standing(session, name) for name in (who, "masha", "oleg"))
        assert somebody
        assert masha
        assert oleg
        keeps_open = may_manage(somebody, "data-6a", "north")
        session.get_one(Classroom, "data-6a").active = False
        session.flush()
        then = standing(session, who)
        allowed = [
            keeps_open,
            bool(then) and may_manage(then or somebody, "data-6a", "north"),
            may_make(somebody, "north"),
            may_make(somebody, "south"),
            may_move(somebody, masha),
            may_move(somebody, oleg),
        ]
    assert ["yes" if one else "no" for one in allowed] == wanted.split()


@pytest.mark.parametrize("whose", ["chief", "north-admin", "writer"])
def test_the_admin_of_a_site_moves_nobody_with_a_role_in_the_park(park: Store, whose: str) -> None:
    with park.read() as session:
        admin, other = standing(session, "north-admin"), standing(session, whose)
        chief = standing(session, "chief")
    assert admin
    assert other
    assert chief
    assert not may_move(admin, other)
    assert may_move(chief, other) == (whose != "chief")


def test_who_left_the_park_may_do_nothing(park: Store) -> None:
    with park.write() as session:
        session.get_one(Person, "anna").active = False
    with park.read() as session:
        assert not any(may(session, "anna", a, "data-6a", "masha") for a in Action)
        assert hub_rights(session, "anna") is None


def test_the_hub_learns_groups_and_single_servers_from_the_roster(park: Store) -> None:
    with park.read() as session:
        masha, anna = hub_rights(session, "masha"), hub_rights(session, "anna")
    assert masha
    assert anna
    assert masha.groups == {"nbgrader-data-6a", "nbgrader-robots-5b"}
    assert masha.roles == {"open-the-portal": ("access:services!service=portal",)}
    assert anna.groups == {"formgrade-data-6a"}
    scopes = anna.roles["classroom-data-6a-anna"]
    assert "access:servers!server=masha/data-6a" in scopes
    assert f"servers!server={grading_user('data-6a')}/data-6a" in scopes
    assert not [scope for scope in scopes if "robots-5b" in scope]


def test_a_site_admin_starts_servers_but_enters_none(park: Store) -> None:
    with park.read() as session:
        rights = hub_rights(session, "north-admin")
    assert rights
    scopes = rights.roles["classroom-data-6a-north-admin"]
    assert "servers!server=masha/data-6a" in scopes
    assert not [scope for scope in scopes if scope.startswith("access:")]


def test_the_command_that_grades_enters_grading_servers_and_no_others(park: Store) -> None:
    with park.write() as session:
        session.get_one(Classroom, "robots-5b").active = False
    with park.read() as session:
        scopes = grading_service_scopes(session)
    assert set(scopes) == {
        f"{right}!server=grading-data-6a/data-6a"
        for right in ("access:servers", "read:servers", "start:servers")
    }


ANSWERS = [
    ("00 the pupil", "masha", "masha", False),
    ("01 another pupil of the class", "petya", "masha", False),
    ("02 the teacher of a class", "anna", "masha", True),
    ("03 the teacher of another class of the same pupil", "oleg", "masha", True),
    ("04 the teacher of no class of the pupil", "oleg", "petya", False),
    ("05 the admin of the site", "north-admin", "masha", True),
    ("06 the admin of another site", "south-admin", "masha", False),
    ("07 the admin of the park", "chief", "masha", True),
    ("08 the author of a course", "writer", "masha", False),
    ("09 somebody of the park", "passer-by", "masha", False),
]


@pytest.mark.parametrize(
    ("who", "whose", "wanted"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_who_answers_for_a_pupil_to_parents_and_curators(
    park: Store, who: str, whose: str, *, wanted: bool
) -> None:
    with park.read() as session:
        one, other = standing(session, who), standing(session, whose)
    assert one
    assert other
    assert answers_for(one, other) is wanted
    assert may_see_path(one, other) is (wanted or who == whose)


def test_who_teaches_a_class_that_is_closed_answers_for_nobody_in_it(park: Store) -> None:
    with park.write() as session:
        session.get_one(Classroom, "data-6a").active = False
    with park.read() as session:
        anna, petya = standing(session, "anna"), standing(session, "petya")
    assert anna
    assert petya
    assert not answers_for(anna, petya)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("kurt", True), ("chief", True), ("anna", False), ("masha", False), ("north-admin", False)],
)
def test_who_looks_for_works(park: Store, name: str, *, wanted: bool) -> None:
    with park.write() as session:
        classrooms.ensure_person(session, "kurt", "Курт К.", None)
        session.flush()
        classrooms.ensure_grant(session, "kurt", "curator")
    with park.read() as session:
        who = standing(session, name)
    assert who
    assert may_look_for_works(who) is wanted
