"""What goes on, as calendars (iCalendar, RFC 5545) that phones and programs look at by themselves.

Called by the portal. In a feed is what has a beginning and was published, from half a year ago on;
what was withdrawn since stands there as cancelled, so that calendars strike it out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import icalendar
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from technopark.noticeboard import markdown, taking_part
from technopark.noticeboard.postings import zone_of
from technopark.store import Joining, Posting

SINCE = timedelta(days=183)
MOST = 500
"""Events of one feed."""
EVERY = timedelta(hours=3)
"""So often calendars are asked to look."""
_AN_EVENT = timedelta(hours=2)
"""What has no end lasts so long in a calendar."""
_LETTERS = 1000
_KEPT = 64
"""Calendars that are kept until something in them changes: making one of a hundred events takes a
fifth of a second, and everybody's programs ask for the same."""


@dataclass(frozen=True)
class Entry:
    """One event of a calendar."""

    posting: int
    number: int
    title: str
    text: str
    place: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    status: str


def of_park(session: Session, now: datetime, zone: str) -> tuple[Entry, ...]:
    """Everything, of all modules and of the whole park; `zone` is the park's."""
    return tuple(_entry(one, zone) for one in session.scalars(_query(now)))


def of_site(session: Session, site: str, now: datetime, zone: str) -> tuple[Entry, ...]:
    """What goes on at one site."""
    query = _query(now).where(Posting.site_id == site)
    return tuple(_entry(one, zone) for one in session.scalars(query))


def of_person(session: Session, name: str, now: datetime, zone: str) -> tuple[Entry, ...]:
    """What somebody joined; it is not sure yet where they wait for a seat."""
    query = _query(now).join(Joining).where(Joining.person_name == name)
    return tuple(
        _entry(posting, zone, is_sure=not (place and place.waiting))
        for posting in session.scalars(query)
        for place in [taking_part.place_of(session, posting, name)]
    )


@lru_cache(_KEPT)
def calendar(title: str, entries: tuple[Entry, ...], address: str, host: str) -> bytes:
    """The calendar as a file.

    Args:
        title: what calendars call it.
        entries: what stands in it.
        address: of the pages of postings, to which the number is added.
        host: the park's name in the network, by which events are told from other parks'.
    """
    made = icalendar.Calendar()
    made.add("prodid", "-//Technopark//noticeboard//RU")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", title)
    made.add("refresh-interval", EVERY, parameters={"value": "DURATION"})
    made.add("x-published-ttl", EVERY)
    for entry in entries:
        made.add_component(_event(entry, address, host))
    made.add_missing_timezones()
    written: bytes = made.to_ical()
    return written


def _query(now: datetime) -> Select[Posting]:
    return (
        select(Posting)
        .options(joinedload(Posting.site), joinedload(Posting.partner))
        .where(
            Posting.published_at.is_not(None),
            Posting.starts_at.is_not(None),
            Posting.starts_at > now - SINCE,
        )
        .order_by(Posting.starts_at, Posting.id)
        .limit(MOST)
    )


def _entry(posting: Posting, zone: str, *, is_sure: bool = True) -> Entry:
    assert posting.starts_at  # noqa: S101  # the query asked for it
    site = posting.site.name if posting.site else ""
    status = "CONFIRMED" if is_sure else "TENTATIVE"
    return Entry(
        posting=posting.id,
        number=posting.number,
        title=posting.title,
        text=posting.text,
        place=", ".join(filter(None, (posting.place, site))),
        zone=zone_of(posting, zone),
        starts_at=posting.starts_at,
        ends_at=posting.ends_at or posting.starts_at + _AN_EVENT,
        changed_at=posting.changed_at,
        status=status if posting.state == "published" else "CANCELLED",
    )


def _event(entry: Entry, address: str, host: str) -> icalendar.Event:
    local = ZoneInfo(entry.zone)
    event = icalendar.Event()
    event.add("uid", f"posting-{entry.posting}@{host}")
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.number)
    event.add("dtstart", entry.starts_at.astimezone(local))
    event.add("dtend", entry.ends_at.astimezone(local))
    event.add("summary", entry.title)
    event.add("description", markdown.plain(entry.text, _LETTERS))
    event.add("location", entry.place)
    event.add("url", f"{address}{entry.posting}")
    event.add("status", entry.status)
    return event
