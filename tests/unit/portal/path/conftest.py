"""What tests of paths and portfolios share: courses, Masha's home, what she and her teacher do."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from support.works import PENGUINS

from technopark.catalogue.course import load_course
from technopark.catalogue.publish import tell
from technopark.path import child, making
from technopark.people import classrooms
from technopark.settings import SOURCE, Settings
from technopark.store import Assignment, AuditEntry, CourseVersion, Person, Store, Submission

from ..conftest import NOW, Open, Somebody


@pytest.fixture(autouse=True)
def with_courses(park: Store, settings: Settings) -> None:
    """The park's own courses are published; Masha's class is a sixth one; there is a curator."""
    with park.write() as session:
        mine = session.scalars(select(CourseVersion)).one()
        mine.content = "data-start/1.1"
        title = mine.title
        tell(mine, load_course(SOURCE / "courses" / "data-start"))
        mine.title = title
        for course in ("bio-start", "robotics-start"):
            version = CourseVersion(
                course=course,
                version="1.0",
                image="sha256:1",
                grader_image="sha256:2",
                content=f"{course}/1.0",
                published_at=NOW,
            )
            tell(version, load_course(SOURCE / "courses" / course))
            version.title = {"ru": course, "en": course.capitalize()}
            session.add(version)
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


def seal_of(somebody: Somebody) -> str:
    page = somebody.see("join")
    return page.split('name="form" value="')[1].split('"')[0]
