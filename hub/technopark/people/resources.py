"""Equipment and agreements, as admins type them in for the figures of the practice.

Called by the portal, in a transaction. Who may see and change which: the admins of a site those of
the site, admins all, also what belongs to the whole park.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import get_args

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from technopark.people.finding import PER_PAGE, Page, place
from technopark.people.refused import Refused
from technopark.people.rights import Standing
from technopark.store import Resource, Site
from technopark.store.figures_models import ResourceKind

LONGEST = 120
MOST = 10_000


@dataclass(frozen=True)
class Typed:
    """A resource as somebody types it."""

    kind: str
    site: str
    """Empty: of the whole park."""
    title: str
    number: int
    since: date | None
    until: date | None


@dataclass(frozen=True)
class ResourceRow:
    """One of the list."""

    resource: Resource
    site: str
    """The site's name; empty: of the whole park."""


def may_keep(who: Standing) -> bool:
    """Whether `who` keeps resources and sees figures, be it of one site."""
    return who.is_admin or bool(who.admin_of_sites)


def sites(session: Session, who: Standing) -> list[Site]:
    """The sites whose resources `who` keeps, by name."""
    query = select(Site).order_by(Site.name, Site.id)
    if not who.is_admin:
        query = query.where(Site.id.in_(who.admin_of_sites))
    return list(session.scalars(query))


def listed(session: Session, who: Standing, number: int) -> Page[ResourceRow]:
    """What `who` keeps: by kind, site and title."""
    query = select(Resource, Site.name).outerjoin(Site, Site.id == Resource.site_id)
    query = query.where(_is_kept(who))
    number, pages, total = place(session, query.with_only_columns(Resource.id), number)
    found = session.execute(
        query.order_by(Resource.kind.desc(), Site.name, Resource.title, Resource.id)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    return Page([ResourceRow(one, site or "") for one, site in found], number, pages, total)


def add(session: Session, who: Standing, typed: Typed) -> Resource:
    """Adds one.

    Raises:
        Refused: something is missing or cannot be.
    """
    kind: ResourceKind | None = next(
        (one for one in get_args(ResourceKind) if one == typed.kind), None
    )
    if kind is None:
        raise Refused("Say whether it is equipment or an agreement.", "kind")
    if not typed.title:
        raise Refused("What is it? A few words are enough.", "title")
    if len(typed.title) > LONGEST:
        raise Refused("This is too long: {most} letters fit.", "title", most=LONGEST)
    if not 1 <= typed.number <= MOST:
        raise Refused("Expected a number from 1 to {most}.", "number", most=MOST)
    if typed.since is None:
        raise Refused("Since when is it there?", "since")
    if typed.until and typed.until < typed.since:
        raise Refused("It would end before it begins.", "until")
    site = session.get(Site, typed.site) if typed.site else None
    if (site is None and (typed.site or not who.is_admin)) or not _keeps(who, typed.site or None):
        raise Refused("Choose one of your schools.", "site")
    made = Resource(
        kind=kind,
        site_id=site.id if site else None,
        title=typed.title,
        number=typed.number,
        since=typed.since,
        until=typed.until,
    )
    session.add(made)
    session.flush()
    return made


def remove(session: Session, who: Standing, number: int) -> Typed | None:
    """Takes one away, as it was typed; None: there is no such one that `who` keeps."""
    found = session.get(Resource, number)
    if found is None or not _keeps(who, found.site_id):
        return None
    session.delete(found)
    return Typed(
        found.kind, found.site_id or "", found.title, found.number, found.since, found.until
    )


def as_note(typed: Typed) -> dict[str, str | int]:
    """What `of_note` makes it from: plain values."""
    until = typed.until.isoformat() if typed.until else ""
    since = typed.since.isoformat() if typed.since else ""
    return asdict(typed) | {"since": since, "until": until}


def of_note(note: Mapping[str, str | int]) -> Typed:
    """A resource out of what `as_note` made."""
    since, until = str(note["since"]), str(note["until"])
    return Typed(
        kind=str(note["kind"]),
        site=str(note["site"]),
        title=str(note["title"]),
        number=int(note["number"]),
        since=date.fromisoformat(since) if since else None,
        until=date.fromisoformat(until) if until else None,
    )


def _keeps(who: Standing, site: str | None) -> bool:
    return who.is_admin or site in who.admin_of_sites


def _is_kept(who: Standing) -> ColumnElement[bool]:
    return true() if who.is_admin else Resource.site_id.in_(who.admin_of_sites)
