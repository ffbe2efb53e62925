"""`technopark course ...`: an author's work on the command line."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from technopark.catalogue.check import CheckedAssignment, Report, check_course
from technopark.catalogue.course import Course, load_course, load_courses
from technopark.catalogue.images import ensure_images
from technopark.catalogue.publish import PublishError, publish
from technopark.progress import say, step
from technopark.settings import Settings, load
from technopark.store import Store, open_store
from technopark.store.models import CourseVersion

app = typer.Typer(
    help="Courses: check, list, publish.", no_args_is_help=True, rich_markup_mode=None
)
Folders = Annotated[
    list[Path] | None, typer.Argument(help="Courses' folders; none: all that come with the park")
]


@app.command()
def check(folders: Folders = None) -> None:
    """Prove that courses grade as their authors mean: solutions, empty notebooks, mistakes."""
    settings = load()
    courses = [load_course(path) for path in folders] if folders else load_courses(settings.courses)
    problems = [line for course in courses for line in _check(course, settings)]
    for line in problems:
        typer.echo(line, err=True)
    if problems:
        raise typer.Exit(1)


@app.command("list")
def list_() -> None:
    """Show the published versions of all courses, and the park's own that are not published."""
    settings = load()
    with _store(settings).read() as session:
        versions = list(session.scalars(select(CourseVersion).order_by(CourseVersion.id)))
    published = {(version.course, version.version) for version in versions}
    for version in versions:
        _show(
            version.course,
            version.version,
            f"{version.published_at:%Y-%m-%d}",
            str(version.title[settings.language]),
        )
    for course in load_courses(settings.courses):
        if (course.id, course.version) not in published:
            title = course.title.ru if settings.language == "ru" else course.title.en
            _show(course.id, course.version, "-", f"{title} (not published)")


@app.command("publish")
def publish_(folder: Annotated[Path, typer.Argument(help="The course's folder")]) -> None:
    """Check a course, then publish its version for classrooms; what is published never changes."""
    settings = load()
    course = load_course(folder)
    if problems := _check(course, settings):
        raise PublishError("\n".join([*problems, f"{course.id} is not published: mend it first."]))
    images = ensure_images(course.images, settings, say)
    ids = {name: image.id for name, image in images.items()}
    version = publish(course, ids, settings, _store(settings))
    typer.echo(f"{course.id} {course.version} is published.")
    if version.image != ids[course.image]:
        typer.echo(
            f"It keeps the image of its first publication ({version.image[7:19]}); "
            "raise `version` to publish it with the image of today."
        )


def _store(settings: Settings) -> Store:
    settings.data.mkdir(parents=True, exist_ok=True)
    return open_store(settings.database_url)


def _check(course: Course, settings: Settings) -> list[str]:
    """Checks a course, tells its author what was graded, and answers the problems."""
    image = ensure_images([course.grader_image], settings, say)[course.grader_image]
    with step(f"Checking {course.id} {course.version}"):
        report: Report = check_course(course, image.id, settings)
    for assignment in report.assignments:
        typer.echo(f"  {_summary(assignment)}")
        for result in assignment.results:
            typer.echo(f"    {result.points:>4g} of {result.most:g}  {result.describes}")
    return report.problems(course)


def _summary(checked: CheckedAssignment) -> str:
    return (
        f"{checked.id}: {checked.by_machine:g} points by tests and {checked.by_hand:g} by hand; "
        f"{checked.seconds:.0f} s, {checked.peak_mb:.0f} MB"
    )


def _show(course: str, version: str, published: str, title: str) -> None:
    typer.echo(f"{course:24} {version:8} {published:12} {title}")
