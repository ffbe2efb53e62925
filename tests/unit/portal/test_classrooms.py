"""Who keeps which classrooms, and what they do with them."""

import pytest
from support.forms import form_with

from technopark.people import classrooms
from technopark.people.finding import PER_PAGE
from technopark.portal.seals import Seals
from technopark.store import (
    Classroom,
    CourseVersion,
    IssuedCard,
    JoinCode,
    Membership,
    Person,
    Store,
)

from .conftest import Open


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("anna", {"data-6a"}),
        ("oleg", {"robots-5b"}),
        ("north-admin", {"data-6a"}),
        ("south-admin", {"robots-5b"}),
        ("chief", {"data-6a", "robots-5b"}),
    ],
)
def test_everybody_sees_the_classrooms_they_keep(sit_down: Open, name: str, sees: set[str]) -> None:
    somebody = sit_down(name)
    page = somebody.see("classrooms")
    assert {room for room in ("data-6a", "robots-5b") if f"classrooms/{room}" in page} == sees
    for room in ("data-6a", "robots-5b"):
        for part in ("", "/settings", "/pupils", "/cards", "/deadlines"):
            somebody.see(f"classrooms/{room}{part}", 200 if room in sees else 404)


@pytest.mark.parametrize("name", ["masha", "writer", "passer-by"])
def test_others_keep_none(sit_down: Open, name: str) -> None:
    somebody = sit_down(name)
    assert "classrooms" not in somebody.see("")
    somebody.see("classrooms", 403)
    somebody.see("classrooms/new", 403)
    somebody.see("classrooms/data-6a", 404)
    somebody.see("people", 403)


WRITES = (
    "details teachers out close reopen pupils cards code code/end deadlines/1/all "
    "deadlines/1/one deadlines/1/one/back"
)


@pytest.mark.parametrize("name", ["masha", "oleg", "south-admin", "writer"])
@pytest.mark.parametrize("path", WRITES.split())
def test_nobody_changes_anothers_classroom(
    sit_down: Open, park: Store, name: str, path: str
) -> None:
    somebody = sit_down(name)
    form = {"form": somebody_seal(name), "people": "Ян Л.", "do": "add", "name": "petya"}
    form |= {"title": "taken", "teacher": name, "due": "", "pupil": "petya"}
    answer = somebody.http.post(f"/services/portal/classrooms/data-6a/{path}", data=form)
    assert answer.status_code == 404
    with park.read() as session:
        room = session.get_one(Classroom, "data-6a")
        assert (room.title, room.active) == ("data-6a", True)
        assert {one.person_name for one in room.memberships} == {"masha", "petya", "anna"}
        assert session.get(JoinCode, "data-6a") is None
        assert session.get(IssuedCard, "petya") is None


def somebody_seal(name: str) -> str:
    return Seals("secret").form(f"session of {name}")


def test_a_search_finds_what_is_written_in_any_letters(sit_down: Open, park: Store) -> None:
    with park.write() as session:
        course = session.query(CourseVersion).one()
        for number in range(PER_PAGE + 5):
            title = f"Робототехника {number:02}"
            classrooms.ensure_classroom(session, f"r-{number:02}", title, "north", course)
    chief = sit_down("chief")
    page = chief.see("classrooms?q=робот")
    assert page.count("classrooms/r-") == PER_PAGE
    assert "Page 1 of 2" in page
    assert chief.see("classrooms?q=РОБОТ&page=2").count("classrooms/r-") == 5
    assert "Page 2 of 2" in chief.see("classrooms?q=робот&page=99")
    assert "classrooms/data-6a" not in chief.page
    assert "Nothing was found" in chief.see("classrooms?q=%25")


def test_an_id_is_made_of_the_title_or_given(sit_down: Open, park: Store) -> None:
    anna = sit_down("anna")
    anna.see("classrooms/new")
    page = anna.press("Make the classroom", 422, title="Данные", id="data-6a")
    assert "There is a class “data-6a” already; “data-6a-2” is free." in page
    assert 'value="Данные"' in page, "what was typed stays"
    anna.press("Make the classroom", id="")
    assert anna.path == "classrooms/dannye"
    anna.see("classrooms/new")
    anna.press("Make the classroom", title="Данные")
    assert anna.path == "classrooms/dannye-2"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"title": ""}, "Give the class a name"),
        ({"title": "?"}, "Give the short name"),
        ({"id": "Класс"}, "Small Latin letters, digits and hyphens"),
        ({"id": "new"}, "Small Latin letters, digits and hyphens"),
        ({"first_day": "soon"}, "Write the day as in"),
        ({"first_day": "2027-01-02", "last_day": "01.01.2027"}, "The last day is before"),
        ({"site": "south"}, "Choose one of your schools."),
        ({"course": "77"}, "Choose a course."),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_beside_the_field(
    sit_down: Open, park: Store, typed: dict[str, str], words: str
) -> None:
    anna = sit_down("anna")
    anna.see("classrooms/new")
    page = anna.press("Make the classroom", 422, **({"title": "6Б"} | typed))
    assert words in page
    assert 'aria-invalid="true"' in page
    with park.read() as session:
        assert session.query(Classroom).count() == 2


def test_title_and_days_change_and_change_back(sit_down: Open, park: Store) -> None:
    anna = sit_down("anna")
    anna.see("classrooms/data-6a/settings")
    anna.press("Save", title="Данные, 6А", last_day="2027-05-25")
    assert "until 25 May 2027" in anna.see("classrooms/data-6a")
    anna.see("classrooms/data-6a/settings")
    anna.press("Save", title="Ой")
    anna.press("Undo")
    with park.read() as session:
        room = session.get_one(Classroom, "data-6a")
        assert room.title == "Данные, 6А"
        assert str(room.last_day) == "2027-05-25"


def test_a_closed_class_opens_again_as_it_was(sit_down: Open, park: Store) -> None:
    anna = sit_down("anna")
    anna.see("classrooms/data-6a")
    anna.press("Make a code")
    anna.see("classrooms/data-6a/settings")
    page = anna.press("Close the class")
    assert "The class is closed. Everything in it is kept." in page
    assert "This class is closed" in page
    assert "data-6a" not in anna.see("classrooms")
    assert "data-6a" in anna.see("classrooms?closed=1")
    anna.see("classrooms/data-6a/pupils", 404)
    anna.see("classrooms/data-6a")
    anna.press("Open it again")
    assert "Pupils: 2" in anna.page
    assert "End this code" not in anna.page, "its code is over for good"
    anna.press("Undo")
    assert "This class is closed" in anna.page


def test_a_colleague_comes_and_goes_but_never_the_last_one(sit_down: Open, park: Store) -> None:
    anna, oleg = sit_down("anna"), sit_down("oleg")
    anna.see("classrooms/data-6a/settings")
    assert "Take off" not in anna.page
    anna.press("Add", teacher=" Олег ")
    assert "Oleg teaches this class now." in anna.page
    oleg.see("classrooms/data-6a/settings")
    oleg.press("Take off Anna")
    oleg.press("Undo")
    anna.see("classrooms/data-6a/settings")
    anna.press("Take off Anna")
    assert anna.path == "", "there may be no class left in the list"
    assert "You do not teach “data-6a” any more." in anna.page
    anna.see("classrooms/data-6a", 404)
    seal = somebody_seal("oleg")
    last = {"form": seal, "name": "oleg"}
    answer = oleg.http.post("/services/portal/classrooms/data-6a/out", data=last)
    assert "A class needs a teacher: add somebody else first." in answer.text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("masha", "Masha is a pupil of this class."),
        ("anna", "Anna teaches this class already."),
        ("vitya", "Vitya does not teach in the park yet."),
        ("passer-by", "Passer-By does not teach in the park yet."),
        ("nobody", "Nobody in the park signs in as “nobody”."),
        ("", "Nobody in the park signs in as “”."),
    ],
)
def test_a_teacher_makes_no_teacher_of_a_pupil_or_a_stranger(
    sit_down: Open, park: Store, name: str, words: str
) -> None:
    with park.write() as session:
        session.add(Person(name="vitya", full_name="Vitya", site_id="north"))
        session.flush()
        classrooms.add_members(session, "robots-5b", "pupil", ["vitya"])
    anna = sit_down("anna")
    anna.see("classrooms/data-6a/settings")
    assert words in anna.press("Add", 422, teacher=name)


def test_the_schools_admin_makes_a_teacher_of_anybody(sit_down: Open, park: Store) -> None:
    admin = sit_down("north-admin")
    admin.see("classrooms/data-6a/settings")
    admin.press("Add", teacher="passer-by")
    with park.read() as session:
        assert session.get_one(Membership, ("data-6a", "passer-by")).role == "teacher"


def test_a_note_to_undo_is_nobody_elses(sit_down: Open, park: Store) -> None:
    anna, masha = sit_down("anna"), sit_down("masha")
    anna.see("classrooms/data-6a")
    anna.press("Take out Petya")
    what = form_with(anna.page, "Undo").fields["what"]
    stolen = {"form": somebody_seal("masha"), "what": what}
    assert masha.http.post("/services/portal/undo", data=stolen).status_code == 422
    with park.write() as session:
        classrooms.remove_member(session, "data-6a", "anna")
    kept = {"form": somebody_seal("anna"), "what": what}
    assert anna.http.post("/services/portal/undo", data=kept).status_code == 404
    with park.read() as session:
        assert session.get(Membership, ("data-6a", "petya")) is None


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("classrooms/data-6a/teachers", "classrooms/data-6a/settings"),
        ("classrooms/data-6a/code/end", "classrooms/data-6a"),
        ("classrooms/data-6a/deadlines/1/one", "classrooms/data-6a/deadlines"),
        ("people/masha/up", "people/masha"),
        ("undo", ""),
    ],
)
def test_a_form_opened_as_a_page_leads_to_its_page(sit_down: Open, form: str, page: str) -> None:
    admin = sit_down("north-admin")
    admin.see(form)
    assert admin.path == page
    admin.see("classrooms/data-6a/no-such-page", 404)
