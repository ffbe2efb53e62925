"""A pupil's path and portfolio: shown by the pupil, agreed to by a parent, found by a curator."""

import os
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from support.works import PENGUINS, SECRET, hostile, notebook, photo

from technopark.path import child, making, shelf
from technopark.people import classrooms, moves
from technopark.portal.frame import PREFIX
from technopark.settings import SOURCE, Settings
from technopark.store import (
    Assignment,
    AuditEntry,
    Consent,
    CourseVersion,
    Feedback,
    Letter,
    Person,
    ShownWork,
    Store,
    Submission,
)

from .conftest import NOW, Open, Somebody


@pytest.fixture(autouse=True)
def with_courses(park: Store, settings: Settings) -> None:
    """The park's own courses are published; Masha's class is a sixth one; there is a curator."""
    with park.write() as session:
        mine = session.scalars(select(CourseVersion)).one()
        mine.content = "data-start/1.1"
        for course in ("bio-start", "robotics-start"):
            session.add(
                CourseVersion(
                    course=course,
                    version="1.0",
                    title={"ru": course, "en": course.capitalize()},
                    image="sha256:1",
                    grader_image="sha256:2",
                    content=f"{course}/1.0",
                    published_at=NOW,
                )
            )
        session.get_one(Person, "masha").full_name = "Иволгина Маша"
        classrooms.ensure_person(session, "kurt", "Курт К.", None)
        session.flush()
        classrooms.ensure_grant(session, "kurt", "curator")
        for number, room in enumerate(session.get_one(Person, "masha").memberships):
            room.classroom.title = f"{6 - number}А · {room.classroom_id}"
    for content in ("data-start/1.1", "bio-start/1.0", "robotics-start/1.0"):
        folder = settings.data / "courses" / content
        folder.mkdir(parents=True)
        course = content.partition("/")[0]
        shutil.copy(SOURCE / "courses" / course / "course.yaml", folder)


@pytest.fixture(scope="module", autouse=True)
def libraries() -> None:
    """Imported once, before any page waits for them."""
    child.made("notebook", PENGUINS)


@pytest.fixture(autouse=True)
def made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are made in this process: starting one costs a second (test_safe_pages starts some)."""
    monkeypatch.setattr(making, "_in_a_process", child.made)


@pytest.fixture
def home(settings: Settings) -> Path:
    """Masha's home, with a notebook of the class in it."""
    folder = settings.homes / "masha" / "data-6a"
    folder.mkdir(parents=True)
    (folder / "penguins.ipynb").write_bytes(PENGUINS)
    return folder


def hand_in(park: Store, *tasks: str, room: str = "data-6a", at: datetime = NOW) -> list[str]:
    """Masha's works for these assignments, as the exchange would have taken them."""
    ids = []
    with park.write() as session:
        for task in tasks:
            query = select(Assignment).filter_by(classroom_id=room, name=task)
            assignment = session.scalar(query) or Assignment(
                classroom_id=room, name=task, due=NOW + timedelta(days=1)
            )
            session.add(assignment)
            session.flush()
            ids.append(f"{room}-{task}-{at:%H%M}")
            session.add(
                Submission(
                    id=ids[-1],
                    assignment_id=assignment.id,
                    person_name="masha",
                    manifest=ids[-1],
                    files=1,
                    size=1,
                    received_at=at,
                    signature="",
                )
            )
    return ids


def shown(masha: Somebody, title: str = "My penguins") -> str:
    """Masha shows the notebook of her home; the work's page."""
    masha.see("path/show")
    masha.press("Show this notebook", work="home:data-6a/penguins.ipynb", title=title)
    assert masha.path.startswith("works/")
    return masha.path


def agree(sit_down: Open, *purposes: str) -> None:
    """Anna has the form from Masha's parents and writes it down."""
    anna = sit_down("anna")
    for purpose in purposes or ("works",):
        anna.see("pupils/masha")
        anna.press("The parents agree", purpose=purpose, way="paper")


def did(park: Store) -> list[str]:
    with park.read() as session:
        return list(session.scalars(select(AuditEntry.did).order_by(AuditEntry.id)))


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
    form = {"purpose": "works", "way": "paper", "form": _seal_of(somebody)}
    answer = somebody.http.post(f"{PREFIX}pupils/masha/consent", data=form)
    assert answer.status_code == 404
    with park.read() as session:
        assert session.scalars(select(Consent)).all() == []


def _seal_of(somebody: Somebody) -> str:
    page = somebody.see("join")
    return page.split('name="form" value="')[1].split('"')[0]


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
    seal = _seal_of(somebody)
    for way in ("pass", "decline"):
        answer = somebody.http.post(f"{PREFIX}letters/1/{way}", data={"form": seal})
        assert answer.status_code == 404
    with park.read() as session:
        assert session.scalars(select(Letter.state)).all() == ["waiting"]


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


def test_pages_are_light_and_quick(sit_down: Open, home: Path) -> None:
    masha = sit_down("masha", "ru")
    work = shown_in_russian(masha)
    for path in ("path", "path/show", work, f"{work}/notebook", ""):
        began = time.perf_counter()
        page = masha.see(path)
        assert len(page.encode()) < 60_000
        assert time.perf_counter() - began < 2


def shown_in_russian(masha: Somebody) -> str:
    masha.see("path/show")
    masha.press("Показать эту тетрадь", work="home:data-6a/penguins.ipynb", title="Пингвины")
    return masha.path
