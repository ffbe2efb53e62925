"""The demo's pupils show works from the first start on, and keep what they changed since."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from technopark.catalogue.course import load_course
from technopark.catalogue.publish import tell
from technopark.path import child, consents, making, works
from technopark.path.consents import Purpose
from technopark.path.demo import ensure_demo_works
from technopark.people.demo import ensure_demo
from technopark.settings import SOURCE, Settings
from technopark.store import CourseVersion, Letter, ShownWork, Store


@pytest.fixture
def settings(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(making, "_in_a_process", child.made)
    config = SOURCE / "config"
    made = Settings(
        data=tmp_path / "data",
        sites=config / "sites.yaml",
        demo=config / "demo.yaml",
    )
    with store.write() as session:
        for course in ("data-start", "robotics-start", "bio-start"):
            version = CourseVersion(
                course=course,
                version="1",
                image="sha256:1",
                grader_image="sha256:2",
                content=f"{course}/1",
                published_at=datetime.now(UTC),
            )
            tell(version, load_course(SOURCE / "courses" / course))
            session.add(version)
            folder = made.data / "courses" / course / "1"
            folder.mkdir(parents=True)
            shutil.copy(SOURCE / "courses" / course / "course.yaml", folder)
    ensure_demo(made, store)
    return made


def test_a_curator_of_the_demo_finds_a_work_at_once(settings: Settings, store: Store) -> None:
    ensure_demo_works(settings, store)
    with store.read() as session:
        shown = session.scalars(select(ShownWork).order_by(ShownWork.person_name)).all()
        assert [one.person_name for one in shown] == ["masha", "petya"]
        seen = [works.seen(session, one.id) for one in shown]
        assert session.scalars(select(Letter.state)).all() == ["waiting"]
    assert seen[0]
    assert seen[0].called == "Маша И."
    assert seen[1] is None, "nobody asked Petya's parents yet"


def test_a_second_start_brings_nothing_back(settings: Settings, store: Store) -> None:
    ensure_demo_works(settings, store)
    with store.write() as session:
        consents.withdraw(session, "masha", Purpose.WORKS, "masha", datetime.now(UTC))
        for one in session.scalars(select(ShownWork).where(ShownWork.person_name == "masha")):
            works.take_down(session, one)
    ensure_demo_works(settings, store)
    with store.read() as session:
        assert session.scalars(select(ShownWork.person_name)).all() == ["petya"]
        assert Purpose.WORKS not in consents.holding(session, "masha")
