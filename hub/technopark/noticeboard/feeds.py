"""What goes on, as calendars (iCalendar, RFC 5545) that phones and programs look at by themselves.

Called by the portal. In a feed is what has a beginning and was published, from half a year ago on;
what was withdrawn since stands there as cancelled, so that calendars strike it out.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
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


def of_park(session: Session, now: datetime) -> list[Posting]:
    """Everything, of all modules and of the whole park."""
    return list(session.scalars(_query(now)))


def of_site(session: Session, site: str, now: datetime) -> list[Posting]:
    """What goes on at one site."""
    return list(session.scalars(_query(now).where(Posting.site_id == site)))


def of_person(session: Session, name: str, now: datetime) -> list[tuple[Posting, bool]]:
    """What somebody joined, and whether they wait for a seat."""
    query = _query(now).join(Joining).where(Joining.person_name == name)
    return [
        (posting, bool(place and place.waiting))
        for posting in session.scalars(query)
        for place in [taking_part.place_of(session, posting, name)]
    ]


def calendar(
    title: str, postings: Iterable[tuple[Posting, bool]], address: str, host: str, zone: str
) -> bytes:
    """The calendar as a file.

    Args:
        title: what calendars call it.
        postings: what stands in it, each with whether it is not sure yet (waits for a seat).
        address: of the pages of postings, to which the number is added.
        host: the park's name in the network, by which events are told from other parks'.
        zone: the time zone of what is for the whole park.
    """
    made = icalendar.Calendar()
    made.add("prodid", "-//Technopark//noticeboard//RU")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", title)
    made.add("refresh-interval", EVERY, parameters={"value": "DURATION"})
    made.add("x-published-ttl", EVERY)
    for posting, is_waiting in postings:
        made.add_component(_event(posting, is_waiting, address, host, zone))
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


def _event(
    posting: Posting, is_waiting: bool, address: str, host: str, zone: str
) -> icalendar.Event:
    local = ZoneInfo(zone_of(posting, zone))
    assert posting.starts_at  # noqa: S101  # the query asked for it
    ends_at = posting.ends_at or posting.starts_at + _AN_EVENT
    status = "TENTATIVE" if is_waiting else "CONFIRMED"
    event = icalendar.Event()
    event.add("uid", f"posting-{posting.id}@{host}")
    event.add("dtstamp", posting.changed_at)
    event.add("last-modified", posting.changed_at)
    event.add("sequence", posting.number)
    event.add("dtstart", posting.starts_at.astimezone(local))
    event.add("dtend", ends_at.astimezone(local))
    event.add("summary", posting.title)
    event.add("description", markdown.plain(posting.text, _LETTERS))
    event.add("location", ", ".join(filter(None, (posting.place, _at(posting)))))
    event.add("url", f"{address}{posting.id}")
    event.add("status", status if posting.state == "published" else "CANCELLED")
    return event


def _at(posting: Posting) -> str:
    return posting.site.name if posting.site else ""
