"""Made-up classrooms and people, so that a new park can be tried at once.

Called by `technopark up` where settings name a demo file. Passphrases are made on the first
start and kept, for printing, in the folder of secrets; `technopark roster words` changes them.
"""

from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.people import classrooms, passphrases, rights
from technopark.people.names import is_name
from technopark.people.partners import ensure_partners
from technopark.people.sites import ensure_sites, read_partners, read_sites
from technopark.settings import Section, Settings
from technopark.store import CourseVersion, Person, Store
from technopark.yamlfile import FileError, YamlFile


class DemoPerson(Section):
    """A made-up person; pupils and teachers get their classrooms below."""

    name: str
    full_name: str
    site: str
    role: Literal["pupil", "teacher", "author", "curator", "site-admin", "admin"] = "pupil"


class DemoClassroom(Section):
    """A made-up classroom."""

    id: str = Field(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?$")
    title: str
    site: str
    course: str
    teachers: list[str]
    pupils: list[str]


class DemoPosting(Section):
    """Something made up that goes on in the park; `noticeboard.demo` posts it."""

    kind: Literal["event", "research", "project", "specialists"]
    title: str
    text: str
    site: str | None = None
    """None: of the whole park."""
    partner: str | None = None
    place: str = ""
    in_days: int | None = None
    """It begins so many days after the demo was set up; None: at no day."""
    at: time = time(15, 0)
    hours: float = 2
    seats: int | None = None
    ages: tuple[int, int] | None = None
    pupils: list[str] = Field(default_factory=list)
    """Who takes part."""


class DemoWork(Section):
    """A work that a made-up pupil shows (`path.demo`)."""

    pupil: str
    classroom: str
    title: str
    words: str
    code: list[str]
    agreed_with: str | None = None
    """The teacher who has the parents' consent; None: nobody asked them yet."""
    letter: str = ""
    """What a curator wrote about it."""


class DemoFile(Section):
    """The demo file."""

    people: list[DemoPerson]
    classrooms: list[DemoClassroom]
    postings: list[DemoPosting] = Field(default_factory=list)
    works: list[DemoWork] = Field(default_factory=list)


@dataclass(frozen=True)
class SignIn:
    """What to show the person who tries the park."""

    role: str
    name: str
    full_name: str
    passphrase: str


def read_demo(path: Path, sites: set[str], courses: set[str]) -> DemoFile:
    """The demo file, its references checked against the park's sites and courses.

    Raises:
        FileError: a key, a value or a reference is wrong; a line for each.
    """
    file = YamlFile(path)
    demo = file.read(DemoFile)
    problems: list[str] = []

    def check(steps: tuple[str | int, ...], value: str, known: set[str], what: str) -> None:
        if value not in known:
            names = ", ".join(sorted(known)) or "none yet"
            problems.append(file.problem(steps, f"there is no {what} '{value}'; known: {names}"))

    for number, person in enumerate(demo.people):
        check(("people", number, "site"), person.site, sites, "site")
        if not is_name(person.name):
            problems.append(
                file.problem(
                    ("people", number, "name"),
                    f"expected Latin letters, digits and hyphens, not '{person.name}'",
                )
            )
        if rights.is_grading_name(person.name):
            what = f"'{person.name}': names that begin with 'grading-' are for grading servers"
            problems.append(file.problem(("people", number, "name"), what))
    names = {person.name for person in demo.people}
    for number, room in enumerate(demo.classrooms):
        check(("classrooms", number, "site"), room.site, sites, "site")
        check(("classrooms", number, "course"), room.course, courses, "course")
        for role, members in (("teachers", room.teachers), ("pupils", room.pupils)):
            for place, name in enumerate(members):
                check(("classrooms", number, role, place), name, names, "person")
    for number, posting in enumerate(demo.postings):
        if posting.site is not None:
            check(("postings", number, "site"), posting.site, sites, "site")
        for place, name in enumerate(posting.pupils):
            check(("postings", number, "pupils", place), name, names, "person")
    for number, work in enumerate(demo.works):
        check(("works", number, "pupil"), work.pupil, names, "person")
        rooms = {room.id for room in demo.classrooms}
        check(("works", number, "classroom"), work.classroom, rooms, "classroom")
        if work.agreed_with:
            check(("works", number, "agreed_with"), work.agreed_with, names, "person")
    if problems:
        raise FileError("\n".join(problems))
    return demo


def ensure_demo(settings: Settings, store: Store) -> list[SignIn]:
    """Brings sites, demo people and demo classrooms into the store; repeats do nothing.

    Courses must have been published before. Takes nobody out: others may have been imported.

    Raises:
        FileError: see `read_demo`.
    """
    sites = read_sites(settings.sites)
    if settings.demo is None:
        with store.write() as session:
            ensure_sites(session, sites, settings.timezone)
            ensure_partners(session, read_partners(settings.sites))
        return []
    with store.read() as session:
        versions = {
            version.course: version
            for version in session.scalars(select(CourseVersion).order_by(CourseVersion.id))
        }
    demo = read_demo(settings.demo, {site.id for site in sites}, set(versions))
    words = _passphrases(_kept_in(settings), demo)
    with store.write() as session:
        ensure_sites(session, sites, settings.timezone)
        session.flush()
        for person in demo.people:
            _ensure_person(session, person, words[person.name])
        session.flush()
        for room in demo.classrooms:
            classrooms.ensure_classroom(
                session, room.id, room.title, room.site, versions[room.course]
            )
            session.flush()
            classrooms.add_members(session, room.id, "teacher", room.teachers)
            classrooms.add_members(session, room.id, "pupil", room.pupils)
        ensure_partners(session, read_partners(settings.sites))
    return [
        SignIn(person.role, person.name, person.full_name, words[person.name])
        for person in demo.people
    ]


def _ensure_person(session: Session, person: DemoPerson, words: str) -> None:
    known = session.get(Person, person.name)
    unset = known is None or not passphrases.matches(words, known.passphrase_hash)
    classrooms.ensure_person(
        session, person.name, person.full_name, person.site, words if unset else None
    )
    session.flush()
    if person.role in ("author", "curator", "admin"):
        classrooms.ensure_grant(session, person.name, person.role)
    if person.role == "site-admin":
        classrooms.ensure_grant(session, person.name, "admin", person.site)


def demo_names(settings: Settings) -> set[str]:
    """Who is of the demo file and no real person; nobody where the settings name none."""
    if settings.demo is None:
        return set()
    return {person.name for person in YamlFile(settings.demo).read(DemoFile).people}


def change_words(settings: Settings, name: str, words: str) -> None:
    """Keeps new words of a demo person, or the next `up` would bring the old ones back."""
    path = _kept_in(settings)
    kept = _read(path)
    if name in kept:
        _keep(path, kept | {name: words})


def _passphrases(path: Path, demo: DemoFile) -> dict[str, str]:
    """The demo people's words: kept ones, and new ones for who has none."""
    kept = _read(path)
    words = {person.name: kept.get(person.name) or passphrases.make() for person in demo.people}
    if words != kept:
        _keep(path, words)
    return words


def _kept_in(settings: Settings) -> Path:
    return settings.data / "secrets" / "demo.yaml"


def _read(path: Path) -> dict[str, str]:
    kept: dict[str, str] = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
    return kept


def _keep(path: Path, words: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(words, allow_unicode=True), encoding="utf-8")
