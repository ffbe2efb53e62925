"""The classroom's pupils come into the gradebook by name."""

import logging
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy.exc import IntegrityError
from traitlets.config import Config

from technopark_grading.gradebook import roster
from technopark_grading.gradebook.roster import Pupil
from technopark_grading.nbgrader_settings import configure

pytestmark = pytest.mark.slow

MASHA = Pupil("masha", "Иволгина Маша")


@pytest.fixture
def gradebook(tmp_path: Path) -> str:
    configure(Config())
    return f"sqlite:///{tmp_path / 'gradebook.db'}"


@pytest.mark.parametrize(
    ("full_name", "last", "first"),
    [
        ("Иволгина Маша", "Иволгина", "Маша"),
        ("Ким Анна Ли", "Ким", "Анна Ли"),
        ("Маша", "Маша", ""),
    ],
)
def test_the_surname_stands_first(gradebook: str, full_name: str, last: str, first: str) -> None:
    roster.put_in_gradebook([Pupil("somebody", full_name)], gradebook, "data-6a")
    with Gradebook(gradebook, "data-6a") as opened:
        student = opened.find_student("somebody")
        assert (student.last_name, student.first_name) == (last, first)


def test_a_gradebook_that_a_page_makes_at_the_same_moment_is_waited_for(
    gradebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, calls = roster.put_in_gradebook, []

    def put_but_be_second(pupils: list[Pupil], db_url: str, course_id: str) -> None:
        calls.append(db_url)
        if len(calls) == 1:
            raise IntegrityError("INSERT INTO course", None, Exception("UNIQUE constraint failed"))
        put(pupils, db_url, course_id)

    monkeypatch.setattr(roster, "fetch", lambda: [MASHA])
    monkeypatch.setattr(roster, "put_in_gradebook", put_but_be_second)
    monkeypatch.setattr(roster, "SECONDS_FOR_A_NEW_GRADEBOOK", 0)
    roster.refresh(gradebook, "data-6a", logging.getLogger("test"))
    with Gradebook(gradebook, "data-6a") as opened:
        assert opened.find_student("masha").last_name == "Иволгина"
