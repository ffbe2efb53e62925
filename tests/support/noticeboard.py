"""Something that goes on in the small park, and who may post it. Called by tests of that.

It posts as the park's admin would, past the pages.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from technopark.noticeboard import postings
from technopark.noticeboard.postings import Said
from technopark.people import classrooms, partners
from technopark.people.rights import Standing
from technopark.people.sites import PartnerEntry
from technopark.store import Posting, Site, Store

NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)
"""Ten o'clock in Moscow."""
ZONE = "Europe/Moscow"
CHIEF = Standing("chief", is_admin=True)
PARTNERS = [
    PartnerEntry(id="institute", name="Институт", sites=("north",), curators=("mentor", "nobody")),
    PartnerEntry(id="works", name="Завод", sites=("south",)),
]


def add_partners(park: Store) -> None:
    """An institute that helps the north with its mentor, and works that help the south."""
    with park.write() as session:
        session.get_one(Site, "north").about = {"ru": "Читаем геномы.", "en": "Reading genomes."}
        classrooms.ensure_person(session, "mentor", "Ментор Института", "north")
        session.flush()
        classrooms.ensure_grant(session, "mentor", "curator")
        partners.ensure_partners(session, PARTNERS)


def said(**more: Any) -> Said:
    """An event tomorrow at noon, in the north."""
    begins = {"starts_at": NOW + timedelta(days=1, hours=2)}
    told = {"kind": "event", "title": "День генома", "text": "Читаем *вирус*.", "site": "north"}
    return Said(**(told | begins | more))


def post(park: Store, *, is_published: bool = True, **more: Any) -> int:
    """Posts it; the posting's number."""
    with park.write() as session:
        made = postings.make(session, CHIEF, said(**more), NOW, ZONE)
        if is_published:
            postings.publish(made, NOW)
        return made.id


def read(park: Store, number: int) -> Posting:
    """The posting as it stands now."""
    with park.read() as session:
        return session.get_one(Posting, number)
