"""A pupil's path and portfolio: shown by the pupil, agreed to by a parent, found by a curator."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from support.works import PENGUINS, SECRET, hostile, notebook, photo

from technopark.path import shelf
from technopark.people import classrooms, moves
from technopark.portal.frame import PREFIX
from technopark.settings import Settings
from technopark.store import (
    Consent,
    Feedback,
    Person,
    ShownWork,
    Store,
)

from ..conftest import NOW, Open
from .conftest import agree, did, hand_in, seal_of, shown


def test_a_pupil_sees_courses_skills_and_what_could_come_next(sit_down: Open, park: Store) -> None:
    masha = sit_down("masha")
    page = masha.see("path")
    assert "Under way." in page
    assert "Handed in: 0 of 2." in page
    assert "Being learned just now:" in page
    assert "drawing a plot" in page
    assert "Robotics-start" in page
    assert "it is for ages 10 to 13" in page
    hand_in(park, "penguins", "digits")
    page = masha.see("path")
    assert "Finished: everything is handed in." in page
    assert page.index("From finished courses:") < page.index("drawing a plot")
    assert "Everything in the course “Data” is handed in." in page
    assert "First work" in page


def test_who_moved_up_keeps_what_was_finished(sit_down: Open, park: Store) -> None:
    hand_in(park, "penguins", "digits")
    with park.write() as session:
        classrooms.remove_member(session, "data-6a", "masha")
    assert "Finished: everything is handed in." in sit_down("masha").see("path")


def test_achievements_come_from_what_happened(sit_down: Open, park: Store) -> None:
    earlier = NOW - timedelta(days=3)
    (first,) = hand_in(park, "one", at=earlier)
    hand_in(park, *["two", "three", "four", "five"], at=earlier)
    page = sit_down("masha").see("path")
    assert "In time" in page
    assert "Better and better" not in page
    with park.write() as session:
        session.add(Feedback(submission_id=first, manifest="", released_at=NOW, released_by="anna"))
    hand_in(park, "one", at=NOW + timedelta(hours=1))
    assert "Better and better" in sit_down("masha").see("path")
    assert "Ten works" not in sit_down("masha").see("path")


def test_from_choosing_a_work_to_a_curator_who_finds_it(
    sit_down: Open, park: Store, home: Path
) -> None:
    masha, kurt = sit_down("masha"), sit_down("kurt")
    work = shown(masha)
    assert "Only the pupil and the teachers, until the parents agree." in masha.page
    assert "Nobody shows a work yet." in kurt.see("works")
    kurt.see(work, 404)
    kurt.see(f"{work}/notebook", 404)

    agree(sit_down)
    page = kurt.see("works?skill=reading+tables%2C+finding+means&age=12")
    assert "My penguins" in page
    page = kurt.see(work)
    assert "Маша И." in page
    assert "Иволгин" not in page
    assert 'href="/services/portal/pupils' not in page
    assert "6А · data-6a" in page
    assert "Мои пингвины" in kurt.see(f"{work}/notebook")

    masha.see("path")
    masha.press("I do not want this any more", purpose="works")
    kurt.see(work, 404)
    kurt.see(f"{work}/notebook", 404)
    assert "Nobody shows a work yet." in kurt.see("works")
    assert did(park) == [
        *("work-shown", "path-seen", "consent-given", "work-seen", "consent-withdrawn")
    ]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("", True),
        ("age=12", True),
        ("age=11", False),
        ("skill=drawing+a+plot+and+concluding+from+it", True),
        ("skill=translating+DNA+into+protein", False),
        ("skill=translating+DNA+into+protein&age=12", False),
        ("skill=no+such+skill&age=x&page=-1", True),
    ],
)
def test_a_curator_finds_by_skill_and_age(
    sit_down: Open, home: Path, query: str, is_found: bool
) -> None:
    shown(sit_down("masha"))
    agree(sit_down)
    assert ("My penguins" in sit_down("kurt").see(f"works?{query}")) is is_found


def test_a_hidden_work_is_gone_at_once_and_can_be_shown_again(sit_down: Open, home: Path) -> None:
    masha, kurt = sit_down("masha"), sit_down("kurt")
    work = shown(masha)
    agree(sit_down)
    kurt.see(work)
    masha.press("Hide")
    kurt.see(work, 404)
    masha.press("Undo")
    kurt.see(work)


def test_what_a_teacher_hid_the_pupil_cannot_show_and_the_other_way_round(
    sit_down: Open, home: Path
) -> None:
    masha, anna = sit_down("masha"), sit_down("anna")
    work = shown(masha)
    anna.see(work)
    anna.press("Hide")
    assert "Your teacher has hidden it." in masha.see(work)
    anna.press("Show again")
    masha.see(work)
    masha.press("Hide")
    assert "nobody else can show it again" in anna.see(work)


def test_a_work_that_is_taken_out_is_gone_from_the_disk(
    sit_down: Open, home: Path, settings: Settings, park: Store
) -> None:
    masha = sit_down("masha")
    shown(masha)
    masha.press("Take it out")
    assert masha.path == "path"
    assert list(shelf.folder_of(settings, "masha").iterdir()) == []
    with park.read() as session:
        assert session.scalars(select(ShownWork)).all() == []


def test_a_hostile_notebook_is_a_harmless_page(sit_down: Open, home: Path) -> None:
    (home / "penguins.ipynb").write_bytes(hostile())
    masha = sit_down("masha")
    work = shown(masha, "<script>alert('ran')</script>")
    assert "<script>alert" not in masha.page
    answer = masha.http.get(f"{PREFIX}{work}/notebook")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none';")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    page = answer.text.lower()
    for tag in ("<script", "<iframe", "<svg", "<form", "<object", "<meta http", "<base", "<link"):
        assert tag not in page, tag
    tags = [piece.partition(">")[0] for piece in page.split("<")]
    assert [tag for tag in tags if "onerror" in tag or "evil.example" in tag] == []
    assert page.count("<style>") == 1, "our own, which the policy knows by its hash"
    assert sum("href=" in tag for tag in tags) == 1, "the way back"


def test_a_photo_is_shown_without_where_it_was_taken(sit_down: Open) -> None:
    masha = sit_down("masha")
    masha.see("path/show")
    files = {"work": ("me.jpg", photo(), "image/jpeg")}
    masha.press("Show this picture", files=files, title="Robot", words="Сама!", room="robots-5b")
    picture = masha.http.get(f"{PREFIX}{masha.path}/picture")
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert SECRET.encode() not in picture.content
    assert "Сама!" in masha.page


def test_a_picture_may_be_larger_than_a_list_but_not_endless(sit_down: Open) -> None:
    masha = sit_down("masha")
    masha.see("path/show")
    large = {"work": ("me.jpg", photo() + b"\0" * (3 << 20), "image/jpeg")}
    masha.press("Show this picture", files=large, title="Robot")
    assert masha.path.startswith("works/")
    masha.see("path/show")
    huge = {"work": ("me.jpg", b"\0" * (11 << 20), "image/jpeg")}
    masha.press("Show this picture", 413, files=huge, title="Robot")


def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    sit_down: Open, home: Path
) -> None:
    masha = sit_down("masha")
    masha.see("path/show")
    page = masha.press(
        "Show this notebook", 422, work="home:data-6a/penguins.ipynb", title=" ", words="О птицах"
    )
    assert "Give the work a name." in page
    assert 'aria-describedby=" title-notebook-problem"' in page
    assert "О птицах" in page
    assert 'value="home:data-6a/penguins.ipynb" checked' in page
    page = masha.press(
        "Show this notebook", 422, work="home:data-6a/penguins.ipynb", title="x" * 99
    )
    assert "at most 80 letters" in page


@pytest.mark.parametrize(
    "key",
    [
        "",
        "home:",
        "home:../petya/data-6a/his.ipynb",
        "home:/etc/passwd",
        "home:data-6a/link.ipynb",
        "home:out/his.ipynb",
        "home:data-6a/pipe.ipynb",
        "home:data-6a/penguins.txt",
        "handed-in:nothing:penguins.ipynb",
        "handed-in:data-6a-one-0700",
    ],
)
def test_only_one_s_own_notebooks_can_be_shown(
    sit_down: Open, home: Path, settings: Settings, park: Store, key: str
) -> None:
    hand_in(park, "one")
    others = settings.homes / "petya" / "data-6a"
    others.mkdir(parents=True)
    (others / "his.ipynb").write_bytes(notebook())
    (home / "link.ipynb").symlink_to(others / "his.ipynb")
    (home.parent / "out").symlink_to(others)
    (home / "penguins.txt").write_bytes(PENGUINS)
    os.mkfifo(home / "pipe.ipynb")
    masha = sit_down("masha")
    masha.see("path/show")
    assert "his.ipynb" not in masha.page
    assert "Choose a notebook." in masha.press("Show this notebook", 422, work=key, title="His")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("masha", 200),
        ("anna", 200),
        ("oleg", 200),
        ("north-admin", 200),
        ("chief", 200),
        ("petya", 404),
        ("south-admin", 404),
        ("writer", 404),
        ("passer-by", 404),
        ("kurt", 404),
    ],
)
def test_who_sees_a_work_before_a_parent_agrees(
    sit_down: Open, home: Path, name: str, status: int
) -> None:
    work = shown(sit_down("masha"))
    sit_down(name).see(work, status)
    sit_down(name).see(f"{work}/notebook", status)


@pytest.mark.parametrize("name", ["petya", "kurt", "south-admin", "writer", "masha"])
def test_nobody_else_writes_down_that_parents_agreed(
    sit_down: Open, park: Store, name: str
) -> None:
    anna = sit_down("anna")
    anna.see("pupils/masha")
    sit_down(name).see("pupils/masha", 404)
    somebody = sit_down(name)
    form = {"purpose": "works", "way": "paper", "form": seal_of(somebody)}
    answer = somebody.http.post(f"{PREFIX}pupils/masha/consent", data=form)
    assert answer.status_code == 404
    with park.read() as session:
        assert session.scalars(select(Consent)).all() == []


def test_who_wrote_down_what_the_parents_agreed_to_is_kept(sit_down: Open, park: Store) -> None:
    agree(sit_down, "works", "letters")
    anna = sit_down("anna")
    page = anna.see("pupils/masha")
    assert "Signed on paper, kept at the school" in page
    assert "Written down by Anna on" in page
    anna.press("Withdraw this consent", purpose="works")
    assert "Withdrawn by Anna on" in anna.page
    with park.read() as session:
        first, second = session.scalars(select(Consent).order_by(Consent.id))
        assert (first.purpose, first.recorded_by, first.withdrawn_by) == ("works", "anna", "anna")
        assert second.withdrawn_at is None


def test_a_pupil_who_left_shows_nothing(sit_down: Open, park: Store, home: Path) -> None:
    work = shown(sit_down("masha"))
    agree(sit_down)
    with park.write() as session:
        moves.leave(session, session.get_one(Person, "masha"))
    sit_down("kurt").see(work, 404)
    sit_down("kurt").see(f"{work}/notebook", 404)


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("masha", "works", 403),
        ("anna", "works", 403),
        ("masha", "letters", 403),
        ("anna", "path/show", 403),
        ("kurt", "path/show", 403),
        ("kurt", "path", 200),
        ("chief", "works", 200),
        ("kurt", "pupils/masha", 404),
        ("anna", "pupils/passer-by", 404),
        ("anna", "pupils/grading-data-6a", 404),
        ("kurt", "classrooms/data-6a", 404),
        ("kurt", "people", 403),
    ],
)
def test_pages_are_for_whom_they_are_made(
    sit_down: Open, name: str, path: str, status: int
) -> None:
    sit_down(name).see(path, status)
