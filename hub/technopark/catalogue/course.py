"""What an author writes: `course.yaml` and the folder around it, as a typed `Course`.

Called by `publish`, `check`, the spawner and the command line; never writes into a course's folder.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    model_validator,
)

from technopark.settings import Bytes, Servers, Settings
from technopark.yamlfile import FileError, Step, YamlFile

COURSE_FILE = "course.yaml"
_NOT_CONTENT = (".ipynb_checkpoints", "__pycache__")
"""Folders that Jupyter and Python leave behind; they are no part of a course."""


def _quoted(value: object) -> object:
    if isinstance(value, (int, float)):
        raise ValueError(f'write it in quotes, such as "{value}", or YAML reads a number')  # noqa: TRY004  # pydantic wants it
    return value


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,29}$")]
"""A name in addresses and paths: 1-30 of `[a-z0-9-]`, a letter first."""

Version = Annotated[
    str, BeforeValidator(_quoted), StringConstraints(pattern=r"^[0-9]+(\.[0-9]+){0,2}$")
]
"""Numbers with dots: "1", "1.2", "1.2.3"."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Part):
    """A text in the park's two languages."""

    ru: Words
    en: Words


class Resources(_Part):
    """Limits of a pupil's server in this course, where the park's own do not fit."""

    memory: Bytes | None = Field(None, description="Memory, such as 2G")
    cpu: float | None = Field(None, gt=0, description="Cores")


class Assignment(_Part):
    """A piece of work that is handed out and graded: a folder in source/."""

    id: Slug = Field(description="The folder's name in source/")
    title: Text
    notebooks: list[Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*\.ipynb$")]] = (
        Field(min_length=1, description="The notebooks in that folder, in the order of work")
    )


class Course(_Part):
    """A course as its author wrote it; `folder` is where it was read from."""

    id: Slug
    version: Version = Field(description="Raised by the author with every change")
    title: Text
    summary: Text = Field(description="Two or three sentences for pupils and parents")
    ages: tuple[Annotated[int, Field(ge=5, le=18)], Annotated[int, Field(ge=5, le=18)]] = Field(
        description="From and to, in years"
    )
    hours: float = Field(gt=0, description="Lessons' hours the course takes")
    skills: list[Text] = Field(min_length=1, description="What a pupil can do afterwards")
    image: Slug = Field(description="The image of the pupils' servers: a folder of images/")
    gpu_image: Slug | None = Field(
        None, description="The image whose kernels pupils may run on a GPU: a folder of images/"
    )
    licence: Words = Field(description="SPDX name of the licence of the texts")
    network: list[Slug] = Field(
        default_factory=list, description="Lists of `network.allowed` in the park's settings"
    )
    resources: Resources = Resources()
    assignments: list[Assignment] = Field(min_length=1)

    _folder: Path = PrivateAttr()

    @model_validator(mode="after")
    def _ages_rise(self) -> Self:
        if self.ages[0] > self.ages[1]:
            raise ValueError(f"`ages` are [from, to], not {list(self.ages)}")
        return self

    @property
    def folder(self) -> Path:
        """The course's folder."""
        return self._folder

    @property
    def grader_image(self) -> str:
        """The name of the image that grades this course: the pupils' libraries and a gradebook."""
        return f"grader-{self.image}"

    @property
    def images(self) -> tuple[str, ...]:
        """The names of all images that this course needs."""
        return self.image, self.grader_image, *([self.gpu_image] if self.gpu_image else [])

    def problem(self, steps: Sequence[Step], message: str) -> str:
        """One line for the author: course.yaml, the line of the value at `steps`, the message."""
        return YamlFile(self.folder / COURSE_FILE).problem(steps, message)


def load_course(folder: Path) -> Course:
    """The course in `folder`: course.yaml is right, and all that it names is there.

    Raises:
        FileError: something is wrong; one line a problem, with file and line.
    """
    if not folder.is_dir():
        raise FileError(f"{folder}: there is no such folder")
    course = YamlFile(folder / COURSE_FILE).read(Course)
    course._folder = folder
    problems = [*_wrong_names(course), *_wrong_notebooks(course), *_links(course)]
    if problems:
        raise FileError("\n".join(problems))
    return course


def load_courses(folder: Path) -> list[Course]:
    """All courses in `folder`, by name: its subfolders that hold a course.yaml.

    Raises:
        FileError: a course is wrong, or two have one id.
    """
    courses: dict[str, Course] = {}
    for path in sorted(folder.glob(f"*/{COURSE_FILE}")):
        course = load_course(path.parent)
        if other := courses.get(course.id):
            raise FileError(course.problem(("id",), f"{other.folder} has the id {course.id} too"))
        courses[course.id] = course
    return list(courses.values())


def course_limits(folder: Path, servers: Servers) -> Servers:
    """The limits of a pupil's server in the course in `folder`: what it asks for, else `servers`.

    Raises:
        FileError: the folder holds no course.yaml, or a wrong one.
    """
    wishes = YamlFile(folder / COURSE_FILE).read(Course).resources.model_dump(exclude_none=True)
    return servers.model_copy(update=wishes)


def check_network(course: Course, settings: Settings) -> None:
    """Checks that the park has the lists of hosts that the course asks for.

    Raises:
        FileError: it has not; a line for each.
    """
    allowed = settings.network.allowed
    problems = [
        course.problem(
            ("network", index),
            f"the park's settings have no list {name!r} in network.allowed; "
            f"they have: {', '.join(allowed) or 'none'}",
        )
        for index, name in enumerate(course.network)
        if name not in allowed
    ]
    if problems:
        raise FileError("\n".join(problems))


def content_files(folder: Path) -> Iterator[Path]:
    """What is published of a course, relative to its `folder`: course.yaml, materials/, source/."""
    yield Path(COURSE_FILE)
    for part in ("materials", "source"):
        for path in sorted((folder / part).rglob("*")):
            relative = path.relative_to(folder)
            if path.is_file() and not any(name in _NOT_CONTENT for name in relative.parts):
                yield relative


def _wrong_names(course: Course) -> Iterator[str]:
    seen: set[str] = set()
    for index, assignment in enumerate(course.assignments):
        if assignment.id in seen:
            yield course.problem(("assignments", index, "id"), f"{assignment.id!r} is there twice")
        seen.add(assignment.id)
    source = course.folder / "source"
    for path in sorted(source.iterdir()) if source.is_dir() else ():
        if path.is_dir() and path.name not in seen | set(_NOT_CONTENT):
            yield course.problem(
                ("assignments",), f"{path} is no assignment here: name it, or move it away"
            )


def _wrong_notebooks(course: Course) -> Iterator[str]:
    for index, assignment in enumerate(course.assignments):
        folder = course.folder / "source" / assignment.id
        steps: tuple[Step, ...] = ("assignments", index, "notebooks")
        for number, name in enumerate(assignment.notebooks):
            if not (folder / name).is_file():
                yield course.problem((*steps, number), f"there is no {folder / name}")
        for path in sorted(folder.glob("*.ipynb")):
            if path.name not in assignment.notebooks:
                yield course.problem(steps, f"{path} is not named: name it, or move it away")


def _links(course: Course) -> Iterator[str]:
    for part in ("materials", "source"):
        for path in sorted((course.folder / part).rglob("*")):
            if path.is_symlink():
                yield f"{path}: is a link; put the file itself there, links are not published"
