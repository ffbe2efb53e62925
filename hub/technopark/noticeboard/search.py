"""What goes on in the park, found and paged in the database; and who may post where.

Called by the portal's pages and by `feeds`. It reads the store and never writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from technopark.noticeboard.taking_part import joined
from technopark.people import finding
from technopark.people.finding import PER_PAGE, Page
from technopark.people.rights import Standing
from technopark.store import Partner, PartnerSite, Posting, Site


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; empty or None: all."""

    words: str = ""
    kind: str = ""
    site: str = ""
    age: int | None = None
    is_over: bool = False
    """What is over, in place of what is to come."""


@dataclass(frozen=True)
class Row:
    """One posting in a list."""

    posting: Posting
    joined: int

    @property
    def free(self) -> int | None:
        """Free seats; None: as many as come."""
        return None if self.posting.seats is None else max(0, self.posting.seats - self.joined)


@dataclass(frozen=True)
class Desk:
    """A place that somebody may post for."""

    site: Site | None
    """None: the whole park."""
    partner: Partner | None

    @property
    def key(self) -> str:
        """What stands for it in a form."""
        return f"{self.site.id if self.site else ''}/{self.partner.id if self.partner else ''}"


def published(session: Session, wanted: Wanted, now: datetime, number: int) -> Page[Row]:
    """What everybody may see: what is to come, the next first; or what is over, the last first."""
    query = _with_places().where(Posting.state == "published")
    if wanted.is_over:
        query = query.where(Posting.over_at <= now)
        order: list[ColumnElement[Any]] = [Posting.over_at.desc(), Posting.id.desc()]
    else:
        query = query.where(_is_to_come(now))
        order = [Posting.starts_at.is_(None), Posting.starts_at.asc(), Posting.id.desc()]
    if wanted.kind:
        query = query.where(Posting.kind == wanted.kind)
    if wanted.site:
        query = query.where(Posting.site_id == wanted.site)
    if wanted.age is not None:
        query = query.where(for_age(wanted.age, Posting.age_from, Posting.age_to))
    query = query.where(has_words(wanted.words, Posting.search_text))
    return _page(session, query, order, number)


def kept(session: Session, who: Standing, number: int) -> Page[Row]:
    """What `who` may change, whatever state it is in, the last changed first."""
    query = _with_places()
    if not who.is_admin:
        own = [
            and_(Posting.partner_id == partner, Posting.site_id == site)
            for partner, site in sorted(who.curates)
        ]
        query = query.where(or_(Posting.site_id.in_(who.admin_of_sites), *own))
    return _page(session, query, [Posting.changed_at.desc(), Posting.id.desc()], number)


def next_of_site(session: Session, site: str, now: datetime, most: int) -> list[Row]:
    """The next few things at a site."""
    query = (
        _with_places()
        .where(Posting.state == "published", Posting.site_id == site, _is_to_come(now))
        .order_by(Posting.starts_at.is_(None), Posting.starts_at, Posting.id.desc())
        .limit(most)
    )
    return _rows(session, session.scalars(query).all())


def desks(session: Session, who: Standing) -> list[Desk]:
    """The places that `who` may post for."""
    sites = {site.id: site for site in session.scalars(select(Site).order_by(Site.name))}
    pairs = session.execute(
        select(Partner, PartnerSite.site_id)
        .join(PartnerSite, PartnerSite.partner_id == Partner.id)
        .order_by(Partner.name)
    )
    helps = [Desk(sites[site], partner) for partner, site in pairs if site in sites]
    if who.is_admin:
        return [Desk(None, None), *(Desk(site, None) for site in sites.values()), *helps]
    own = [Desk(site, None) for site in sites.values() if site.id in who.admin_of_sites]
    return own + [
        desk
        for desk in helps
        if desk.site
        and desk.partner
        and (desk.site.id in who.admin_of_sites or (desk.partner.id, desk.site.id) in who.curates)
    ]


def has_words(words: str, text: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether all the words stand in a text of small letters."""
    return and_(True, *(text.contains(one, autoescape=True) for one in words.lower().split()[:8]))


def for_age(
    age: int, first: InstrumentedAttribute[int | None], last: InstrumentedAttribute[int | None]
) -> ColumnElement[bool]:
    """Whether an age lies between two, each of which may be missing."""
    return and_(or_(first.is_(None), first <= age), or_(last.is_(None), last >= age))


def _is_to_come(now: datetime) -> ColumnElement[bool]:
    return or_(Posting.over_at.is_(None), Posting.over_at > now)


def _with_places() -> Select[Posting]:
    return select(Posting).options(joinedload(Posting.site), joinedload(Posting.partner))


def _page(
    session: Session, query: Select[Posting], order: Sequence[ColumnElement[Any]], number: int
) -> Page[Row]:
    number, pages, total = finding.place(session, query, number)
    found = session.scalars(
        query.order_by(*order).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
    ).all()
    return Page(_rows(session, found), number, pages, total)


def _rows(session: Session, found: Sequence[Posting]) -> list[Row]:
    counts = joined(session, [one.id for one in found])
    return [Row(one, counts.get(one.id, 0)) for one in found]
