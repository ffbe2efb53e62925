"""Admins read the log, save a person's data and ask for a deletion; nobody else does."""

import io
import zipfile

import pytest
from sqlalchemy import select

from technopark.store import AuditEntry, Deletion, Person, Store

from .conftest import Open


def did(park: Store) -> list[str]:
    with park.read() as session:
        return list(session.scalars(select(AuditEntry.did).order_by(AuditEntry.id)))


def test_what_a_teacher_does_is_in_the_log(sit_down: Open, park: Store) -> None:
    anna = sit_down("anna")
    anna.see("classrooms/new")
    anna.press("Make the classroom", title="6B")
    anna.see("classrooms/6b/pupils")
    anna.press("Check", people="Ivolgina Dasha\nPetrov Ivan")
    anna.press("Add")
    anna.press("Undo")
    anna.press("Make a code")
    anna.see("classrooms/6b/settings")
    anna.press("Close the class")
    assert did(park) == [
        *("class-made", "list-seen", "pupil-in", "pupil-in", "pupil-out", "pupil-out"),
        *("code-made", "class-closed"),
    ]
    admin = sit_down("north-admin")
    page = admin.see("log?q=dasha")
    assert "A pupil was added: 6B" in page
    assert "The class was made: 6B" not in page
    assert "Anna" in page


def test_who_looks_at_a_child_is_in_the_log_once(sit_down: Open, park: Store) -> None:
    admin = sit_down("north-admin")
    for _ in range(2):
        admin.see("people/masha")
        admin.see("people/masha/data")
    assert did(park) == ["person-seen"]


@pytest.mark.parametrize("name", ["masha", "anna", "writer"])
def test_pages_are_for_admins(sit_down: Open, name: str) -> None:
    somebody = sit_down(name)
    somebody.see("log", 403)
    somebody.see("deletions", 403)
    somebody.see("people/petya/data", 404)


def test_the_admin_of_a_school_sees_this_school_alone(sit_down: Open, park: Store) -> None:
    sit_down("oleg").see("classrooms/robots-5b")
    assert "robots-5b" in sit_down("south-admin").see("log")
    assert "robots-5b" not in sit_down("north-admin").see("log")
    sit_down("south-admin").see("people/petya/data", 404)


def test_all_data_are_saved_as_one_file(sit_down: Open, park: Store) -> None:
    admin = sit_down("north-admin")
    admin.see("people/petya/data")
    form = admin.page.split('action="')[1].split('"')[0]
    seal = admin.page.split('name="form" value="')[1].split('"')[0]
    answer = admin.http.post(form, data={"form": seal})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="petya-')
    assert answer.headers["Cache-Control"] == "no-store"
    assert "park.json" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert did(park)[-1] == "exported"


def test_a_deletion_takes_the_name_typed(sit_down: Open, park: Store) -> None:
    admin = sit_down("north-admin")
    admin.see("people/petya/data")
    page = admin.press("Delete for good", 422, typed="Peter")
    assert "Nothing was deleted." in page
    assert 'value="Peter"' in page
    page = admin.press("Delete for good", typed="Petya")
    assert admin.path == "deletions"
    assert "Is being deleted." in page
    with park.read() as session:
        assert not session.get_one(Person, "petya").active
        assert session.scalar(select(Deletion.name)) == "petya"
    assert "Nobody was deleted yet." in sit_down("south-admin").see("deletions")


def test_who_is_asked_about_before_a_class_loses_its_teacher(sit_down: Open) -> None:
    chief = sit_down("chief")
    assert "Without a teacher are then: data-6a." in chief.see("people/anna/data")
