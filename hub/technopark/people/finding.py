"""Classrooms and people that somebody looks after: searched and paged in the database.

Called by the portal's lists and by commands. It reads the store and never writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from technopark.people import rights
from technopark.people.names import normalise
from technopark.people.rights import Standing
from technopark.problem import Problem
from technopark.store import Classroom, CourseVersion, Membership, Person, Site

PER_PAGE = 50
T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list."""

    rows: Sequence[T]
    number: int
    """From 1 on."""
    pages: int
    total: int


@dataclass(frozen=True)
class RoomRow:
    """A classroom in a list."""

    room: Classroom
    site: str
    course: dict[str, str]
    pupils: int


@dataclass(frozen=True)
class PersonRow:
    """A person in a list."""

    person: Person
    rooms: tuple[str, ...]
    """Titles of the open classrooms."""


class UnknownPersonError(Problem):
    """Nobody in the park signs in with this name."""


def person(session: Session, name: str) -> Person:
    """Who signs in with `name`, however it was typed.

    Raises:
        UnknownPersonError: nobody does.
    """
    found = session.get(Person, normalise(name))
    if found is None:
        raise UnknownPersonError(
            f"There is nobody called '{name}' in the park. Give the name to sign in with, such as "
            "ivolgina-masha; it stands on the card."
        )
    return found


def classrooms(
    session: Session, who: Standing, search: str, number: int, *, closed: bool
) -> Page[RoomRow]:
    """The classrooms that `who` keeps, by title; closed ones where they are asked for."""
    query = select(Classroom, Site.name, CourseVersion.title).join(Site).join(CourseVersion)
    query = query.where(Classroom.active.is_(not closed))
    if not who.is_admin:
        query = query.where(
            or_(Classroom.id.in_(who.taught), Classroom.site_id.in_(who.admin_of_sites))
        )
    if search:
        query = query.where(like(search, Classroom.title, Classroom.id, Site.name))
    number, pages, total = place(session, query, number)
    found = session.execute(
        query.order_by(Classroom.title, Classroom.id)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    ).all()
    pupils = _pupils(session, [room.id for room, _, _ in found])
    rows = [RoomRow(room, site, title, pupils.get(room.id, 0)) for room, site, title in found]
    return Page(rows, number, pages, total)


def people(
    session: Session, who: Standing, search: str, number: int, *, left: bool
) -> Page[PersonRow]:
    """The people whom `who` looks after as an admin, by name; those who left where asked for."""
    query = select(Person).where(Person.active.is_(not left))
    if not who.is_admin:
        query = query.where(Person.site_id.in_(who.admin_of_sites))
    if search:
        query = query.where(like(search, Person.full_name, Person.name))
    number, pages, total = place(session, query, number)
    found = session.scalars(
        query.order_by(Person.full_name, Person.name)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    ).all()
    titles = session.execute(
        select(Membership.person_name, Classroom.title)
        .join(Classroom)
        .where(Membership.person_name.in_([one.name for one in found]), Classroom.active)
        .order_by(Classroom.title)
    ).all()
    rows = [
        PersonRow(one, tuple(title for name, title in titles if name == one.name)) for one in found
    ]
    return Page(rows, number, pages, total)


def sites_to_make_at(session: Session, who: Standing) -> list[Site]:
    """The sites at which `who` may make classrooms, by name."""
    sites = session.scalars(select(Site).order_by(Site.name))
    return [site for site in sites if rights.may_make(who, site.id)]


def courses(session: Session) -> list[CourseVersion]:
    """The published course versions: by course, the newest first."""
    newest_first = select(CourseVersion).order_by(CourseVersion.course, CourseVersion.id.desc())
    return list(session.scalars(newest_first))


def members(
    session: Session, classroom: str, role: str, *, with_roles: bool = False
) -> list[Person]:
    """The pupils or teachers of a classroom who take part, by name.

    Args:
        session: of the store.
        classroom: its id.
        role: which of them.
        with_roles: whether all that they are in the park is wanted, too: read at once for all.
    """
    query = (
        select(Person)
        .join(Membership)
        .where(Membership.classroom_id == classroom, Membership.role == role, Person.active)
        .order_by(Person.full_name, Person.name)
    )
    if with_roles:
        query = query.options(selectinload(Person.grants), selectinload(Person.memberships))
    return list(session.scalars(query))


def rooms_of(session: Session, name: str) -> list[tuple[Classroom, str]]:
    """The open classrooms of the person `name`, by title, and the role in each."""
    query = (
        select(Classroom, Membership.role)
        .join(Membership)
        .where(Membership.person_name == name, Classroom.active)
        .order_by(Classroom.title, Classroom.id)
    )
    return [(room, role) for room, role in session.execute(query)]


def _pupils(session: Session, rooms: list[str]) -> dict[str, int]:
    counted = (
        select(Membership.classroom_id, func.count())
        .join(Person)
        .where(Membership.classroom_id.in_(rooms), Membership.role == "pupil", Person.active)
        .group_by(Membership.classroom_id)
    )
    return dict(session.execute(counted).all())


def like(search: str, *columns: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether any column has `search` in it: SQLite itself knows capitals only in Latin."""
    spelled = {search, search.lower(), search.upper(), search.capitalize(), search.title()}
    return or_(*(column.contains(one, autoescape=True) for column in columns for one in spelled))


def place(
    session: Session, query: Select[*tuple[object, ...]], wanted: int
) -> tuple[int, int, int]:
    """The page that there is, how many there are, and the number of rows."""
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(1, -(-total // PER_PAGE))
    return min(max(1, wanted), pages), pages, total
