"""Publishing a course: its content into the data folder, its images pinned, a row in the store.

Called by `./park up` for the courses that come with the park and by `technopark course publish`.
It must never change what people already work with: a published version stays as it is.
"""

import hashlib
import logging
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.catalogue.course import Course, check_network, content_files
from technopark.problem import Problem
from technopark.settings import Settings
from technopark.store.database import Store
from technopark.store.models import Assignment, Classroom, CourseVersion

log = logging.getLogger(__name__)


class PublishError(Problem):
    """A course cannot be published; the text tells its author why and what to do."""


def publish(
    course: Course, images: Mapping[str, str], settings: Settings, store: Store
) -> CourseVersion:
    """Publishes `course`; doing it again changes nothing, also when its image was rebuilt since.

    A demo park follows its developer: there a version takes the rebuilt images, and new content
    as long as no assignment of it was handed out.

    Args:
        course: what `load_course` read.
        images: ids of the park's images ("sha256:...") by name, such as `data`, `grader-data`.
        settings: where published courses live, and whether the park is a demo.
        store: the park's database.

    Raises:
        FileError: the course asks for a network list that the park has not.
        PublishError: the park lacks an image, or the version was published with other content.
    """
    check_network(course, settings)
    pinned = _pinned(course, images)
    with store.write() as session:
        version = session.scalar(
            select(CourseVersion).filter_by(course=course.id, version=course.version)
        )
        _place_content(course, settings, session, version)
        if version is None:
            version = CourseVersion(
                course=course.id,
                version=course.version,
                title=course.title.model_dump(),
                image=pinned.image,
                grader_image=pinned.grader_image,
                gpu_image=pinned.gpu_image,
                content=str(_content(course)),
                published_at=datetime.now(UTC),
            )
            session.add(version)
            log.info("%s %s is published", course.id, course.version)
        else:
            _pin(version, pinned, course, settings)
        tell(version, course)
    return version


def tell(version: CourseVersion, course: Course) -> None:
    """What the store tells of the course; a version of an earlier park may lack some of it."""
    version.title = course.title.model_dump()
    version.network = list(course.network)
    version.summary = course.summary.model_dump()
    version.skills = [skill.model_dump() for skill in course.skills]
    version.age_from, version.age_to = course.ages
    version.hours = course.hours
    texts = (course.title, course.summary, *course.skills)
    version.search_text = "\n".join(f"{one.ru}\n{one.en}" for one in texts).lower()


def _content(course: Course) -> Path:
    return Path(course.id) / course.version


@dataclass(frozen=True)
class _Pinned:
    """Ids of the images that a version runs in."""

    image: str
    grader_image: str
    gpu_image: str | None


def _pinned(course: Course, images: Mapping[str, str]) -> _Pinned:
    return _Pinned(
        image=_image(course, images, "image", course.image),
        grader_image=_image(course, images, "image", course.grader_image),
        gpu_image=_image(course, images, "gpu_image", course.gpu_image)
        if course.gpu_image
        else None,
    )


def _image(course: Course, images: Mapping[str, str], key: str, name: str) -> str:
    """The id of the image `name`, which `key` of course.yaml asks for."""
    try:
        return images[name]
    except KeyError:
        raise PublishError(
            course.problem(
                (key,),
                f"the park has no image {name!r}; it has: {', '.join(sorted(images)) or 'none'}",
            )
        ) from None


def _pin(version: CourseVersion, pinned: _Pinned, course: Course, settings: Settings) -> None:
    had = _Pinned(version.image, version.grader_image, version.gpu_image)
    if had == pinned:
        return
    if settings.demo is None:
        log.warning(
            "%s %s keeps the images it was published with (%s), though other ones are there "
            "(%s): raise `version` to publish the course with them",
            *(course.id, course.version, had.image[:19], pinned.image[:19]),
        )
        return
    log.info("%s %s takes the rebuilt images (demo park)", course.id, course.version)
    version.image, version.grader_image = pinned.image, pinned.grader_image
    version.gpu_image = pinned.gpu_image


def _place_content(
    course: Course, settings: Settings, session: Session, version: CourseVersion | None
) -> None:
    """Brings `data/courses/<id>/<version>/` to the course's content, whole or not at all."""
    target = settings.data / "courses" / _content(course)
    if target.exists():
        changed = _changed_files(course.folder, target)
        if not changed:
            return
        # Without a row nobody can have used it: an earlier publish was cut off.
        if version is not None and not _may_replace(version, settings, session):
            raise PublishError(_taken(course, changed, settings))
        log.info("%s %s takes new content: %s", course.id, course.version, ", ".join(changed))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".publishing-") as temporary:
        fresh = Path(temporary) / "content"
        for name in ("materials", "source"):
            (fresh / name).mkdir(parents=True)
        for path in content_files(course.folder):
            (fresh / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(course.folder / path, fresh / path)
        for path in (fresh, *fresh.rglob("*")):  # whatever the umask: containers read it
            path.chmod(0o755 if path.is_dir() else 0o644)
        if target.exists():
            target.rename(Path(temporary) / "replaced")
        fresh.rename(target)


def _may_replace(version: CourseVersion, settings: Settings, session: Session) -> bool:
    if settings.demo is None:
        return False
    handed_out = (
        select(Assignment.id)
        .join(Classroom, Classroom.id == Assignment.classroom_id)
        .where(Classroom.course_version_id == version.id)
        .limit(1)
    )
    return session.scalar(handed_out) is None


def _taken(course: Course, changed: list[str], settings: Settings) -> str:
    advice = "raise `version` and publish again"
    if settings.demo is not None:
        advice += (
            "; or, as this is a demo park: its classrooms were handed assignments of this version "
            f"already, so start afresh (`./park down`, then remove {settings.data})"
        )
    return course.problem(
        ("version",),
        f"version {course.version} is published with other content ({', '.join(changed)}). "
        f"A published version never changes: {advice}",
    )


def _changed_files(new: Path, old: Path) -> list[str]:
    ours, theirs = _digests(new), _digests(old)
    return sorted(
        path for path in ours.keys() | theirs.keys() if ours.get(path) != theirs.get(path)
    )


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.as_posix(): hashlib.sha256((folder / path).read_bytes()).hexdigest()
        for path in content_files(folder)
    }
