"""The log as an admin reads it: searched and paged in the database, each site's for its admins.

Called by the portal's page of the log and by exports. It reads the store and never writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from technopark.people.finding import Page, like, place
from technopark.people.rights import Standing
from technopark.store import AuditEntry, Classroom, Person, Pseudonym

PER_PAGE = 50


@dataclass(frozen=True)
class Somebody:
    """A person in the log."""

    pseudonym: str
    name: str | None
    """None: deleted, or empty where it is nobody."""
    full_name: str


@dataclass(frozen=True)
class Row:
    """One entry, with names as long as there are people to them."""

    entry: AuditEntry
    who: Somebody
    whom: Somebody
    room: str
    """The classroom's title."""


def entries(session: Session, who: Standing, search: str, number: int, did: str = "") -> Page[Row]:
    """What happened, the newest first: at the sites of `who`, or everywhere for an admin.

    Args:
        session: of the store.
        who: who reads.
        search: a part of a person's or a classroom's name, or a pseudonym.
        number: of the page, from 1 on.
        did: only this; empty: everything.
    """
    query = select(AuditEntry.id)
    if not who.is_admin:
        query = query.where(AuditEntry.site_id.in_(who.admin_of_sites))
    if did:
        query = query.where(AuditEntry.did == did)
    if search:
        query = query.where(_is_about(search))
    number, pages, total = place(session, query, number)
    newest_first = query.order_by(AuditEntry.id.desc())
    ids = session.scalars(newest_first.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    return Page(_rows(session, ids), number, pages, total)


def _is_about(search: str) -> ColumnElement[bool]:
    people = select(Pseudonym.pseudonym).outerjoin(Person, Person.name == Pseudonym.name)
    found = people.where(
        or_(Pseudonym.pseudonym == search, like(search, Person.full_name, Pseudonym.name))
    )
    rooms = select(Classroom.id).where(like(search, Classroom.title, Classroom.id))
    return or_(
        AuditEntry.who.in_(found),
        AuditEntry.whom.in_(found),
        AuditEntry.who == search,
        AuditEntry.whom == search,
        AuditEntry.classroom_id.in_(rooms),
    )


def _rows(session: Session, ids: Sequence[int]) -> list[Row]:
    """Entries with their names: joined for those of one page, not for all that are counted."""
    doer, done_to = aliased(Pseudonym), aliased(Pseudonym)
    doer_person, done_to_person = aliased(Person), aliased(Person)
    query = (
        select(
            AuditEntry,
            *(doer.name, doer_person.full_name, done_to.name, done_to_person.full_name),
            Classroom.title,
        )
        .outerjoin(doer, doer.pseudonym == AuditEntry.who)
        .outerjoin(doer_person, doer_person.name == doer.name)
        .outerjoin(done_to, done_to.pseudonym == AuditEntry.whom)
        .outerjoin(done_to_person, done_to_person.name == done_to.name)
        .outerjoin(Classroom, Classroom.id == AuditEntry.classroom_id)
        .where(AuditEntry.id.in_(ids))
        .order_by(AuditEntry.id.desc())
    )
    return [_row(*row) for row in session.execute(query)]


def _row(
    entry: AuditEntry,
    who: str | None,
    who_full: str | None,
    whom: str | None,
    whom_full: str | None,
    room: str | None,
) -> Row:
    return Row(
        entry,
        Somebody(entry.who, who, who_full or who or ""),
        Somebody(entry.whom, whom, whom_full or whom or ""),
        room or entry.classroom_id,
    )
