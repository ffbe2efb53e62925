"""A teacher takes the marks of a class along: for Excel, or as CSV."""

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from support.forms import form_with

from technopark.marks import gradebook
from technopark.marks.gradebook import Gradebook, Points, UnreadableError
from technopark.people import classrooms
from technopark.people.audit import Did
from technopark.portal.frame import PREFIX
from technopark.settings import Settings
from technopark.store import Assignment, AuditEntry, Classroom, Extension, HandIn, Person, Store
from technopark.store import Submission as Work

from .conftest import Open, Somebody

DUE = datetime(2026, 11, 19, 15, tzinfo=UTC)
IN_TIME, LATE = DUE - timedelta(hours=3), DUE + timedelta(hours=1)


@pytest.fixture
def works(park: Store) -> Store:
    """Penguins: Masha late but she has longer, Petya late. Digits, without deadline: only Petya."""
    with park.write() as session:
        penguins = Assignment(classroom_id="data-6a", name="penguins", due=DUE)
        digits = Assignment(classroom_id="data-6a", name="digits")
        session.add_all([penguins, digits])
        session.flush()
        session.add(
            Extension(assignment_id=penguins.id, person_name="masha", due=LATE + timedelta(days=1))
        )
        for number, (one, pupil, came) in enumerate(
            [(penguins, "masha", LATE), (penguins, "petya", LATE), (digits, "petya", IN_TIME)]
        ):
            hand_in(session, one, pupil, came, str(number))
        session.get_one(Person, "petya").full_name = '=HYPERLINK("http://evil")'
    return park


def hand_in(session: Session, one: Assignment, pupil: str, came: datetime, content: str) -> None:
    work = Work(
        id=f"{one.name}-{pupil}-{content}",
        assignment_id=one.id,
        person_name=pupil,
        manifest=content,
        files=1,
        size=1,
        received_at=came,
        signature="",
    )
    session.add(work)
    session.flush()
    session.add(HandIn(submission_id=work.id, received_at=came))


@pytest.fixture
def graded(works: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Of penguins Masha has 4.5 points, Petya waits; digits nobody has looked at."""
    points = {
        ("masha", "penguins"): Points(4.5, LATE, waits=False),
        ("petya", "penguins"): Points(2.0, LATE, waits=True),
    }
    found = Gradebook({"penguins": 6.0, "digits": 4.0}, points)
    monkeypatch.setattr(gradebook, "read", lambda _settings, _classroom: found)
    return works


def saved(somebody: Somebody, kind: str, room: str = "data-6a") -> bytes:
    """Presses the button of the classroom's page and gets the file."""
    somebody.see(f"classrooms/{room}")
    button = "Marks as CSV" if kind == "csv" else "Marks for Excel (XLSX)"
    form = form_with(somebody.page, button)
    answer = somebody.http.post(form.action, data=form.fields)
    assert answer.status_code == 200
    name = f'attachment; filename="marks-{room}-2026-11-24.{kind}"'
    assert answer.headers["Content-Disposition"] == name
    return answer.content


def rows_of(content: bytes) -> dict[str, dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return {row["Name to sign in with"]: row for row in csv.DictReader(text, delimiter=";")}


def test_each_pupil_has_a_row_and_each_assignment_a_column(sit_down: Open, graded: Store) -> None:
    del graded
    rows = rows_of(saved(sit_down("anna"), "csv"))
    assert rows["masha"] == {
        "Pupil": "Masha",
        "Name to sign in with": "masha",
        "penguins: points of 6": "4.5",
        "penguins: how it stands": "in time",
        "digits: points of 4": "",
        "digits: how it stands": "not handed in",
        "Points in all": "4.5",
        "Of": "10",
        "Late works": "0",
        "Note": "",
    }
    petya = rows["petya"]
    assert petya["penguins: how it stands"] == "late, the teacher has to look"
    assert petya["digits: how it stands"] == "not graded yet"
    assert (petya["Points in all"], petya["Late works"]) == ("2", "1")


def test_in_russian_excel_gets_russian_headings_and_commas(sit_down: Open, graded: Store) -> None:
    del graded
    anna = sit_down("anna", "ru")
    anna.see("classrooms/data-6a")
    anna.press("Оценки в CSV")
    assert "penguins: баллы из 6" in anna.page
    assert ";4,5;вовремя;" in anna.page


def test_a_name_never_becomes_a_formula(sit_down: Open, graded: Store) -> None:
    del graded
    anna = sit_down("anna")
    assert rows_of(saved(anna, "csv"))["petya"]["Pupil"] == '\'=HYPERLINK("http://evil")'
    with zipfile.ZipFile(io.BytesIO(saved(anna, "xlsx"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert "<f>" not in sheet
    assert "=HYPERLINK" in strings
    assert 'quotePrefix="1"' in styles


def test_points_are_numbers_in_excel(sit_down: Open, graded: Store) -> None:
    del graded
    content = saved(sit_down("anna"), "xlsx")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314
    cells = {cell.get("r"): cell for cell in sheet.iter() if cell.tag.endswith("}c")}
    assert cells["C3"].get("t") is None, "a number: Masha's row comes after Petya's"
    assert [value.text for value in cells["C3"]] == ["4.5"]


def test_work_that_came_again_since_it_was_graded_is_told(sit_down: Open, graded: Store) -> None:
    with graded.write() as session:
        penguins = session.scalars(select(Assignment).where(Assignment.name == "penguins")).one()
        hand_in(session, penguins, "masha", LATE + timedelta(hours=1), "better")
    masha = rows_of(saved(sit_down("anna"), "csv"))["masha"]
    assert masha["penguins: points of 6"] == "4.5"
    assert masha["penguins: how it stands"] == "handed in again, not graded yet"


def test_who_left_the_class_keeps_a_row(sit_down: Open, graded: Store) -> None:
    with graded.write() as session:
        classrooms.remove_member(session, "data-6a", "masha")
    rows = rows_of(saved(sit_down("anna"), "csv"))
    assert list(rows) == ["petya", "masha"]
    assert rows["masha"]["Note"] == "has left the class"


def test_before_anything_is_graded_it_says_who_handed_in(sit_down: Open, works: Store) -> None:
    del works
    rows = rows_of(saved(sit_down("anna"), "csv"))
    assert rows["petya"]["penguins: points"] == ""
    assert rows["petya"]["penguins: how it stands"] == "late, not graded yet"


def test_it_is_in_the_log_each_time(sit_down: Open, graded: Store) -> None:
    anna = sit_down("anna")
    saved(anna, "csv")
    saved(anna, "xlsx")
    with graded.read() as session:
        found = session.scalars(
            select(AuditEntry).where(AuditEntry.did == Did.MARKS_SAVED).order_by(AuditEntry.id)
        )
        told = [(one.classroom_id, one.details) for one in found]
    assert told == [("data-6a", {"kind": "csv"}), ("data-6a", {"kind": "xlsx"})]


def test_the_marks_of_a_closed_class_are_there_still(sit_down: Open, graded: Store) -> None:
    with graded.write() as session:
        session.get_one(Classroom, "data-6a").active = False
    assert "masha" in rows_of(saved(sit_down("anna"), "csv"))


def test_who_does_not_teach_it_gets_no_marks(sit_down: Open, graded: Store) -> None:
    del graded
    admin = sit_down("north-admin")
    assert "Marks as CSV" not in admin.see("classrooms/data-6a")
    seal = {"form": _seal(admin)}
    assert admin.http.post(f"{PREFIX}classrooms/data-6a/marks/csv", data=seal).status_code == 404
    for name in ("masha", "oleg"):
        other = sit_down(name)
        other.see("join")
        seal = {"form": _seal(other)}
        answer = other.http.post(f"{PREFIX}classrooms/data-6a/marks/csv", data=seal)
        assert answer.status_code == 404, name


def _seal(somebody: Somebody) -> str:
    return somebody.page.partition('name="form" value="')[2].partition('"')[0]


def test_a_gradebook_that_cannot_be_read_is_told_plainly(
    sit_down: Open, works: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    del works

    def unreadable(_settings: Settings, _classroom: str) -> Gradebook:
        raise UnreadableError("busy")

    monkeypatch.setattr(gradebook, "read", unreadable)
    anna = sit_down("anna")
    anna.see("classrooms/data-6a")
    anna.press("Marks as CSV")
    assert "The marks cannot be read just now" in anna.page
    assert anna.path == "classrooms/data-6a"


def test_an_address_of_a_file_leads_to_its_class(sit_down: Open, graded: Store) -> None:
    del graded
    anna = sit_down("anna")
    anna.see("classrooms/data-6a/marks/csv")
    assert anna.path == "classrooms/data-6a"
