"""The teacher hands the marks on: a table that a spreadsheet opens by itself."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from technopark_grading.gradebook import marks
from technopark_grading.gradebook.marks import MarksExporter


@pytest.fixture
def gradebook(classroom: Any) -> Any:
    """Masha was graded, Petya handed in late and waits, Lena handed in nothing."""
    with Gradebook(classroom.db_url, "robots-5") as book:
        book.update_or_create_assignment("sums", duedate="2026-11-19 15:00:00")
        book.update_or_create_student("masha", first_name="Маша", last_name="Иволгина")
        book.update_or_create_student("petya", first_name="Петя", last_name="Снегирёв")
        book.update_or_create_student("lena", first_name="Лена", last_name="=Синицына()")
        for pupil, moment in [("masha", "2026-11-19 09:00"), ("petya", "2026-11-20 00:00")]:
            book.update_or_create_submission("sums", pupil, timestamp=f"{moment}:00")
        for name, points in [("test-add", 3), ("test-double", 1.5), ("why", 0)]:
            grade = book.find_grade(name, "sums", "sums", "masha")
            grade.manual_score, grade.needs_manual_grade = points, False
        book.find_comment("why", "sums", "sums", "masha").manual_comment = "Хорошо,\nно коротко"
        book.db.commit()
        yield book
        for pupil in ("masha", "petya", "lena"):
            book.remove_student(pupil)


pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        r"ignore:Object of type <Submitted\w+> not in session:sqlalchemy.exc.SAWarning"
    ),
]


def read(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_each_pupil_has_a_row_with_points_and_times(gradebook: Gradebook) -> None:
    rows = {row["Имя для входа"]: row for row in read(marks.as_csv(marks.table(gradebook)))}
    assert rows["masha"] == {
        "Ученик": "Иволгина Маша",
        "Имя для входа": "masha",
        "sums: баллы (из 6)": "4,5",
        "sums: сдано": "19.11.2026 12:00",
        "sums: срок": "19.11.2026 18:00",
        "sums: опоздание": "нет",
        "Всего баллов": "4,5",
        "Из скольких": "6",
        "Комментарий": "sums: Хорошо, но коротко",
    }
    assert rows["petya"]["sums: опоздание"] == "да"
    assert rows["petya"]["Комментарий"] == "sums: ещё не проверено."
    assert rows["lena"]["sums: сдано"] == "не сдано"
    assert rows["lena"]["Всего баллов"] == "0"


@pytest.mark.parametrize("name", ["=1+1", "+7", "-3", "@SUM(A1)", "\t=1", "  =1"])
def test_no_name_becomes_a_formula(name: str) -> None:
    assert marks.harmless(name) == f"'{name}"


def test_a_name_like_a_formula_stays_text_in_the_file(gradebook: Gradebook) -> None:
    names = [row["Ученик"] for row in read(marks.as_csv(marks.table(gradebook)))]
    assert "'=Синицына() Лена" in names


def test_nbgraders_export_writes_the_chosen_pupils(gradebook: Gradebook, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    MarksExporter(to=str(target), student=["masha"]).export(gradebook)
    assert [row["Ученик"] for row in read(target.read_bytes())] == ["Иволгина Маша"]


def test_english_headings(gradebook: Gradebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TECHNOPARK_LANGUAGE", "en")
    rows = read(marks.as_csv(marks.table(gradebook, pupils=["masha"])))
    assert rows[0]["sums: points (of 6)"] == "4.5"
