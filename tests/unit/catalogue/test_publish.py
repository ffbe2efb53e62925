"""Publishing: what is published stays; a demo park follows its developer."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from technopark.catalogue.course import load_course
from technopark.catalogue.publish import PublishError, publish
from technopark.settings import Settings
from technopark.store.database import Store
from technopark.store.models import Assignment, Classroom, CourseVersion, Site

IMAGES = {"data": "sha256:aaa", "grader-data": "sha256:bbb"}
REBUILT = {"data": "sha256:ccc", "grader-data": "sha256:ddd"}


def rows(store: Store) -> list[CourseVersion]:
    with store.read() as session:
        return list(session.scalars(select(CourseVersion)))


def edit(course_folder: Path) -> None:
    (course_folder / "materials" / "sky.md").write_text("# Небо и звёзды\n", encoding="utf-8")


def hand_out(store: Store, version: CourseVersion) -> None:
    now = datetime.now(UTC)
    with store.write() as session:
        session.add(
            Site(id="s1", name="Школа", module="m", speciality="s", timezone="UTC", networks=[])
        )
        session.flush()
        session.add(
            Classroom(id="stars-5a", title="5А", site_id="s1", course_version_id=version.id)
        )
        session.flush()
        session.add(Assignment(classroom_id="stars-5a", name="count", due=now))


def test_publishing_copies_the_content_and_pins_the_images(
    course_folder: Path, settings: Settings, store: Store
) -> None:
    version = publish(load_course(course_folder), IMAGES, settings, store)
    assert (version.image, version.grader_image) == ("sha256:aaa", "sha256:bbb")
    assert (version.age_from, version.age_to) == load_course(course_folder).ages
    assert version.title["ru"].lower() in version.search_text
    assert version.skills[0]["en"].lower() in version.search_text
    folder = settings.data / "courses" / "stars" / "1.0"
    assert version.content == "stars/1.0"
    assert (folder / "materials" / "sky.md").read_text(encoding="utf-8") == "# Небо\n"
    assert (folder / "source" / "count" / "count.ipynb").is_file()
    assert not (folder / "tests").exists()


def test_containers_can_read_it_whatever_the_umask(
    course_folder: Path, settings: Settings, store: Store
) -> None:
    (course_folder / "materials" / "sky.md").chmod(0o600)
    publish(load_course(course_folder), IMAGES, settings, store)
    folder = settings.data / "courses" / "stars" / "1.0"
    assert folder.stat().st_mode & 0o777 == 0o755
    assert (folder / "materials" / "sky.md").stat().st_mode & 0o777 == 0o644


def test_publishing_again_changes_nothing(
    course_folder: Path, settings: Settings, store: Store
) -> None:
    first = publish(load_course(course_folder), IMAGES, settings, store)
    again = publish(load_course(course_folder), IMAGES, settings, store)
    assert again.id == first.id
    assert again.published_at == first.published_at
    assert len(rows(store)) == 1


def test_other_content_needs_another_version(
    course_folder: Path, rewrite: Callable[[str, str], None], settings: Settings, store: Store
) -> None:
    publish(load_course(course_folder), IMAGES, settings, store)
    edit(course_folder)
    with pytest.raises(PublishError, match=r"course\.yaml:2: .*materials/sky\.md.*raise `version`"):
        publish(load_course(course_folder), IMAGES, settings, store)
    old = settings.data / "courses" / "stars" / "1.0" / "materials" / "sky.md"
    assert old.read_text(encoding="utf-8") == "# Небо\n"
    rewrite('"1.0"', '"1.1"')
    publish(load_course(course_folder), IMAGES, settings, store)
    assert {row.version for row in rows(store)} == {"1.0", "1.1"}


def test_a_published_version_keeps_its_image_and_says_how_to_get_the_new_one(
    course_folder: Path, settings: Settings, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    publish(load_course(course_folder), IMAGES, settings, store)
    publish(load_course(course_folder), REBUILT, settings, store)
    assert rows(store)[0].image == "sha256:aaa"
    assert "raise `version`" in caplog.text


def test_the_image_of_kernels_on_a_gpu_is_pinned_where_a_course_names_one(
    course_folder: Path, rewrite: Callable[[str, str], None], settings: Settings, store: Store
) -> None:
    assert publish(load_course(course_folder), IMAGES, settings, store).gpu_image is None
    rewrite('"1.0"', '"1.1"\ngpu_image: data-gpu')
    with pytest.raises(PublishError, match=r"gpu_image: the park has no image 'data-gpu'"):
        publish(load_course(course_folder), IMAGES, settings, store)
    images = IMAGES | {"data-gpu": "sha256:eee"}
    assert publish(load_course(course_folder), images, settings, store).gpu_image == "sha256:eee"


def test_a_demo_park_takes_the_rebuilt_image_and_says_so(
    course_folder: Path, demo: Settings, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    first = publish(load_course(course_folder), IMAGES, demo, store)
    with caplog.at_level(logging.INFO):
        again = publish(load_course(course_folder), REBUILT, demo, store)
    assert again.id == first.id
    assert (again.image, again.grader_image) == ("sha256:ccc", "sha256:ddd")
    assert "takes the rebuilt images" in caplog.text


def test_a_demo_park_takes_new_content_until_something_was_handed_out(
    course_folder: Path, demo: Settings, store: Store
) -> None:
    version = publish(load_course(course_folder), IMAGES, demo, store)
    edit(course_folder)
    publish(load_course(course_folder), IMAGES, demo, store)
    sky = demo.data / "courses" / "stars" / "1.0" / "materials" / "sky.md"
    assert sky.read_text(encoding="utf-8") == "# Небо и звёзды\n"

    hand_out(store, version)
    sky_before = sky.read_bytes()
    (course_folder / "materials" / "sky.md").write_text("# Другое\n", encoding="utf-8")
    with pytest.raises(PublishError, match=r"handed assignments.*\./park down"):
        publish(load_course(course_folder), IMAGES, demo, store)
    assert sky.read_bytes() == sky_before


def test_what_an_interrupted_publish_left_is_replaced(
    course_folder: Path, settings: Settings, store: Store
) -> None:
    left = settings.data / "courses" / "stars" / "1.0"
    left.mkdir(parents=True)
    (left / "course.yaml").write_text("id: stars\n")
    publish(load_course(course_folder), IMAGES, settings, store)
    assert (left / "source" / "count" / "count.ipynb").is_file()
    assert [path.name for path in left.parent.iterdir()] == ["1.0"]


def test_an_image_that_the_park_has_not_is_told(
    course_folder: Path, settings: Settings, store: Store
) -> None:
    with pytest.raises(PublishError, match=r"course\.yaml:9: image: .*no image 'grader-data'"):
        publish(load_course(course_folder), {"data": "sha256:aaa"}, settings, store)
    assert rows(store) == []
