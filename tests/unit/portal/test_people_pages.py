"""Pupils move up, change schools, leave and come back; nothing of theirs is lost."""

import hashlib
from datetime import UTC, datetime

import pytest

from technopark.people import classrooms, rights
from technopark.store import Assignment, CourseVersion, Membership, Person, Store, Submission

from .conftest import Open


@pytest.fixture
def with_next_year(park: Store) -> Store:
    """A class for the next year, and something that Masha handed in this year."""
    with park.write() as session:
        course = session.query(CourseVersion).one()
        classrooms.ensure_classroom(session, "data-7a", "data-7a", "north", course)
        assignment = Assignment(classroom_id="data-6a", name="penguins")
        session.add(assignment)
        session.flush()
        session.add(
            Submission(
                id="1",
                assignment_id=assignment.id,
                person_name="masha",
                manifest=hashlib.sha256().hexdigest(),
                files=1,
                size=1,
                received_at=datetime(2026, 11, 1, tzinfo=UTC),
                signature="",
            )
        )
    return park


def rooms(park: Store, name: str) -> set[str]:
    with park.read() as session:
        person = session.get_one(Person, name)
        assert name != "masha" or session.get_one(Submission, "1").person_name == "masha"
        return {one.classroom_id for one in person.memberships}


def test_a_pupil_moves_up_a_year(sit_down: Open, with_next_year: Store) -> None:
    admin = sit_down("north-admin")
    admin.see("people?q=MASH")
    admin.see("people/masha")
    admin.press("Move", old="data-6a", new="data-7a")
    assert "Masha is in “data-7a” now. All earlier work is kept." in admin.page
    assert rooms(with_next_year, "masha") == {"data-7a", "robots-5b"}
    admin.press("Undo")
    assert rooms(with_next_year, "masha") == {"data-6a", "robots-5b"}


@pytest.mark.parametrize("new", ["robots-5b", "data-6a", "nowhere", ""])
def test_up_means_into_a_class_of_this_school(
    sit_down: Open, with_next_year: Store, new: str
) -> None:
    admin = sit_down("north-admin")
    admin.see("people/masha")
    page = admin.press("Move", 422, old="data-6a", new=new)
    assert "Choose a class that the pupil is not in yet." in page
    assert rooms(with_next_year, "masha") == {"data-6a", "robots-5b"}


def test_a_pupil_changes_school_and_the_mistake_is_undone(
    sit_down: Open, with_next_year: Store
) -> None:
    admin, chief = sit_down("north-admin"), sit_down("chief")
    admin.see("people/masha")
    admin.press("Change the school", site="south")
    assert admin.path == "people"
    assert "Masha is at “south” now." in admin.page
    assert rooms(with_next_year, "masha") == {"robots-5b"}
    with with_next_year.read() as session:
        assert session.get_one(Person, "masha").site_id == "south"
    chief.see("people/masha")
    there = admin.page
    admin.see("people/masha", 404)
    admin.page = there
    admin.press("Undo")
    assert admin.path == "people/masha"
    assert rooms(with_next_year, "masha") == {"data-6a", "robots-5b"}


def test_who_leaves_cannot_sign_in_and_comes_back_to_everything(
    sit_down: Open, with_next_year: Store
) -> None:
    admin = sit_down("north-admin")
    admin.see("people/masha")
    admin.press("Leaves the park")
    assert "Masha has left the park and cannot sign in." in admin.page
    with with_next_year.read() as session:
        assert rights.standing(session, "masha") is None
    assert "masha" not in admin.see("people")
    assert "masha" in admin.see("people?left=1")
    admin.see("people/masha")
    admin.press("Bring back")
    assert rooms(with_next_year, "masha") == {"data-6a", "robots-5b"}
    admin.press("Undo")
    with with_next_year.read() as session:
        assert not session.get_one(Person, "masha").active


@pytest.mark.parametrize(
    ("who", "whose"),
    [
        ("north-admin", "oleg"),
        ("north-admin", "chief"),
        ("north-admin", "north-admin"),
        ("north-admin", "grading-data-6a"),
        ("north-admin", "nobody"),
        ("chief", "chief"),
        ("anna", "masha"),
        ("masha", "petya"),
    ],
)
def test_nobody_moves_those_who_are_not_theirs(sit_down: Open, who: str, whose: str) -> None:
    sit_down(who).see(f"people/{whose}", 404)


def test_a_class_keeps_a_teacher(sit_down: Open, park: Store) -> None:
    chief = sit_down("chief")
    chief.see("people/anna")
    page = chief.press("Change the school", 422, site="south")
    assert "data-6a would be left without a teacher" in page
    with park.read() as session:
        assert session.get_one(Membership, ("data-6a", "anna")).role == "teacher"
        assert session.get_one(Person, "anna").site_id == "north"
