"""Curators write to a pupil by way of the teacher, where a parent agreed to letters."""

from pathlib import Path

import pytest
from sqlalchemy import select

from technopark.people import classrooms
from technopark.portal.frame import PREFIX
from technopark.store import Letter, Store

from ..conftest import Open
from .conftest import agree, did, seal_of, shown


def write(sit_down: Open, work: str, text: str = "Приходи к нам на практику в институт!") -> None:
    kurt = sit_down("kurt")
    kurt.see(work)
    kurt.press("Send to the teacher", text=text)


def test_a_letter_reaches_the_pupil_by_way_of_the_teacher(
    sit_down: Open, park: Store, home: Path
) -> None:
    masha, anna, kurt = sit_down("masha"), sit_down("anna"), sit_down("kurt")
    work = shown(masha)
    agree(sit_down)
    assert "did not agree to letters" in kurt.see(work)
    agree(sit_down, "letters")
    write(sit_down, work)
    assert "на практику" not in masha.see("path")
    assert "With the teacher" in kurt.see("letters")
    assert "1 letter of a curator waits for you." in anna.see("")
    assert "на практику" in anna.see("letters")
    anna.press("Pass on to the pupil")
    page = masha.see("path")
    assert "на практику" in page
    assert "Курт К." in page
    assert "Passed on to the pupil." in kurt.see("letters")
    assert [one for one in did(park) if one.startswith("letter")] == [
        "letter-written",
        "letter-passed",
    ]


def test_a_declined_letter_never_reaches_the_pupil(sit_down: Open, home: Path) -> None:
    masha, anna = sit_down("masha"), sit_down("anna")
    work = shown(masha)
    agree(sit_down, "works", "letters")
    write(sit_down, work)
    anna.see("letters")
    anna.press("Decline this letter", reason="Напишите, пожалуйста, проще.")
    assert "на практику" not in masha.see("path")
    assert "Напишите, пожалуйста, проще." in sit_down("kurt").see("letters")
    assert "No letters wait for you." in anna.see("letters")


def test_a_letter_that_was_decided_stays_decided(sit_down: Open, park: Store, home: Path) -> None:
    work = shown(sit_down("masha"))
    agree(sit_down, "works", "letters")
    write(sit_down, work)
    anna, oleg = sit_down("anna"), sit_down("oleg")
    anna.see("letters")
    oleg.see("letters")
    oleg.press("Decline this letter")
    page = anna.press("Pass on to the pupil", 422)
    assert "passed on or declined meanwhile" in page
    with park.read() as session:
        assert session.scalars(select(Letter.state)).all() == ["declined"]


def test_a_letter_is_not_passed_on_without_consent(sit_down: Open, home: Path) -> None:
    work = shown(sit_down("masha"))
    agree(sit_down, "works", "letters")
    write(sit_down, work)
    anna, masha = sit_down("anna"), sit_down("masha")
    anna.see("letters")
    masha.see("path")
    masha.press("I do not want this any more", purpose="letters")
    assert "cannot be passed on" in anna.press("Pass on to the pupil", 422)


def test_a_curator_writes_once_and_waits(sit_down: Open, home: Path) -> None:
    work = shown(sit_down("masha"))
    agree(sit_down, "works", "letters")
    kurt = sit_down("kurt")
    kurt.see(work)
    page = kurt.press("Send to the teacher", 422, text="Привет")
    assert "Write some words" in page
    assert "Привет" in page
    write(sit_down, work)
    kurt.see(work)
    page = kurt.press("Send to the teacher", 422, text="Ещё одно письмо о том же самом")
    assert "Wait for the answer." in page


@pytest.mark.parametrize("name", ["petya", "kurt", "south-admin"])
def test_nobody_else_decides_about_a_letter(
    sit_down: Open, park: Store, home: Path, name: str
) -> None:
    with park.write() as session:
        classrooms.remove_member(session, "robots-5b", "masha")
    work = shown(sit_down("masha"))
    agree(sit_down, "works", "letters")
    write(sit_down, work)
    somebody = sit_down(name)
    seal = seal_of(somebody)
    for way in ("pass", "decline"):
        answer = somebody.http.post(f"{PREFIX}letters/1/{way}", data={"form": seal})
        assert answer.status_code == 404
    with park.read() as session:
        assert session.scalars(select(Letter.state)).all() == ["waiting"]
