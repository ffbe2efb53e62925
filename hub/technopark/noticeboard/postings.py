"""Writing what goes on in the park: drafts, published, withdrawn, and published again.

Called by the portal, by `demo` and by tests; the only writer of postings. Whether somebody may is
asked of `people.rights` here, each time. Nothing is ever deleted.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from technopark.noticeboard import taking_part
from technopark.noticeboard.fit import OLDEST, YOUNGEST
from technopark.people import rights
from technopark.people.refused import Refused
from technopark.people.rights import Standing
from technopark.store import Kind, Partner, PartnerSite, Posting, Site

KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST_TITLE, LONGEST_TEXT, LONGEST_PLACE = 120, 10_000, 200
MOST_SEATS = 10_000


@dataclass(frozen=True)
class Said:
    """What somebody says of it; times are aware."""

    kind: str
    title: str
    text: str
    site: str | None = None
    partner: str | None = None
    place: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    seats: int | None = None
    age_from: int | None = None
    age_to: int | None = None


def make(session: Session, who: Standing, said: Said, now: datetime, zone: str) -> Posting:
    """A new draft.

    Args:
        session: a transaction.
        who: who writes it.
        said: what it is.
        now: the moment.
        zone: the time zone of what is for the whole park.

    Raises:
        Refused: with the field that is wrong.
    """
    _check(session, who, said)
    made = Posting(written_by=who.name, state="draft", number=0)
    _fill(session, made, said, now, zone)
    session.add(made)
    session.flush()
    return made


def change(
    session: Session,
    who: Standing,
    posting: Posting,
    said: Said,
    number: int,
    now: datetime,
    zone: str,
) -> None:
    """Changes it, in whatever state it is; `number` is that of the posting when the form was made.

    Raises:
        Refused: with the field that is wrong; also where somebody else changed it meanwhile.
    """
    taking_part.lock(session, posting)
    if posting.number != number:
        raise Refused(
            "Somebody changed this while you were writing. What you typed stands below; open the "
            "page once more beside it to see what is new."
        )
    _check(session, who, said)
    have_seats = taking_part.with_seats(session, posting)
    if said.seats is not None and said.seats < have_seats:
        raise Refused(
            "{joined} have a seat already: it can be no fewer.", "seats", joined=have_seats
        )
    if said.kind == "specialists" and have_seats:
        raise Refused("Pupils have joined this already: it cannot become a demand.", "kind")
    was_to_come = posting.over_at is None or posting.over_at > now
    _fill(session, posting, said, now, zone)
    if posting.state == "published" and was_to_come:  # what is over may get its last words
        _check_is_to_come(posting, now)


def publish(posting: Posting, now: datetime) -> None:
    """Everybody sees it, whoever looks; also what was withdrawn.

    Raises:
        Refused: it is over already.
    """
    _check_is_to_come(posting, now)
    if posting.state != "published":
        posting.state = "published"
        posting.published_at = posting.published_at or now
        _note_change(posting, now)


def withdraw(posting: Posting, now: datetime) -> None:
    """It stands in no list any more; who joined sees that it was withdrawn, calendars too."""
    if posting.state == "published":
        posting.state = "withdrawn"
        _note_change(posting, now)


def may_keep(who: Standing, posting: Posting) -> bool:
    """Whether `who` may change, publish and withdraw it."""
    return rights.may_post(who, posting.site_id, posting.partner_id)


def zone_of(posting: Posting, otherwise: str) -> str:
    """On whose clock its times are: the site's; `otherwise` is the park's."""
    return posting.site.timezone if posting.site else otherwise


def _check(session: Session, who: Standing, said: Said) -> None:
    if said.kind not in KINDS:
        raise Refused("Choose what it is.", "kind")
    if not said.title:
        raise Refused("Give it a title: it is what pupils see first.", "title")
    if len(said.title) > LONGEST_TITLE:
        raise Refused("At most {most} letters, please.", "title", most=LONGEST_TITLE)
    if not said.text.strip():
        raise Refused("Say in some sentences what it is and what pupils will do.", "text")
    if len(said.text) > LONGEST_TEXT:
        raise Refused("At most {most} letters, please.", "text", most=LONGEST_TEXT)
    if len(said.place) > LONGEST_PLACE:
        raise Refused("At most {most} letters, please.", "place", most=LONGEST_PLACE)
    _check_whose(session, who, said)
    _check_when(said)
    _check_for_whom(said)


def _check_whose(session: Session, who: Standing, said: Said) -> None:
    if said.site is not None and session.get(Site, said.site) is None:
        raise Refused("Choose the module.", "where")
    if said.partner is not None:
        if session.get(Partner, said.partner) is None:
            raise Refused("Choose the partner.", "where")
        pair = (said.partner, said.site)
        if said.site is not None and session.get(PartnerSite, pair) is None:
            raise Refused("This partner does not help this module.", "where")
    if not rights.may_post(who, said.site, said.partner):
        raise Refused("Choose one of your modules.", "where")


def _check_when(said: Said) -> None:
    if said.kind == "event" and said.starts_at is None:
        raise Refused("Say when the event begins.", "starts")
    if said.starts_at and said.ends_at and said.ends_at <= said.starts_at:
        raise Refused("It would end before it begins.", "ends")


def _check_for_whom(said: Said) -> None:
    for field, age in (("age_from", said.age_from), ("age_to", said.age_to)):
        if age is not None and not YOUNGEST <= age <= OLDEST:
            raise Refused(
                "An age from {first} to {last}, please.", field, first=YOUNGEST, last=OLDEST
            )
    if said.age_from and said.age_to and said.age_to < said.age_from:
        raise Refused("The oldest would be younger than the youngest.", "age_to")
    if said.seats is not None and not 1 <= said.seats <= MOST_SEATS:
        raise Refused("A number from 1 to {most}, or nothing.", "seats", most=MOST_SEATS)


def _fill(session: Session, posting: Posting, said: Said, now: datetime, zone: str) -> None:
    kind = next(one for one in KINDS if one == said.kind)
    posting.kind, posting.title, posting.text = kind, said.title, said.text
    posting.site_id, posting.partner_id, posting.place = said.site, said.partner, said.place
    posting.site = session.get(Site, said.site) if said.site else None
    posting.starts_at, posting.ends_at = said.starts_at, said.ends_at
    posting.over_at = said.ends_at or _end_of_day(said.starts_at, zone_of(posting, zone))
    posting.age_from, posting.age_to = said.age_from, said.age_to
    posting.seats = None if said.kind == "specialists" else said.seats
    posting.search_text = f"{said.title}\n{said.text}\n{said.place}".lower()
    _note_change(posting, now)


def _end_of_day(starts_at: datetime | None, zone: str) -> datetime | None:
    if starts_at is None:
        return None
    local = starts_at.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date() + timedelta(days=1), time(0), ZoneInfo(zone))


def _check_is_to_come(posting: Posting, now: datetime) -> None:
    if posting.over_at and posting.over_at <= now:
        raise Refused("Its time is over: choose a later day first.", "starts")


def _note_change(posting: Posting, now: datetime) -> None:
    posting.changed_at, posting.number = now, (posting.number or 0) + 1
