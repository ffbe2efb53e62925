"""Joining and leaving what was posted; one's own list and calendar feed; who takes part.

Mounted by `portal.app`. Names of participants are for the admins of the posting's site and of the
park; that they looked stands in the log.
"""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from technopark.noticeboard import feed_keys, taking_part
from technopark.people import audit, rights
from technopark.people.audit import Did
from technopark.people.refused import Refused
from technopark.portal.frame import done, go, page
from technopark.portal.notices import Notice
from technopark.portal.park.board import posting_page
from technopark.portal.park.feeds import feed_address
from technopark.portal.visits import Parts, PartsOf, Sent, Visit, Visitor
from technopark.store import Posting

router = APIRouter()


@router.post("/board/{number}/join")
def join(number: int, request: Request, visit: Visit, park: PartsOf) -> Response:
    """Takes part, or waits for a seat."""
    try:
        with park.store.write() as session:
            posting = _seen(session, number)
            was_in = taking_part.place_of(session, posting, visit.name)
            place = taking_part.join(session, visit.who, posting, park.now())
            title = posting.title
            if was_in is None:
                _note(session, visit, Did.TAKES_PART, posting)
    except Refused as problem:
        return posting_page(request, visit, park, number, problem)
    text = "You take part in “{title}”."
    if place.waiting:
        text = "All seats of “{title}” are taken. You are number {waiting} of those who wait."
    values = {"title": title, "waiting": str(place.waiting)}
    return done(request, visit, f"board/{number}", Notice(text, values, f"board/{number}/leave"))


@router.post("/board/{number}/leave")
def leave(number: int, request: Request, visit: Visit, park: PartsOf) -> Response:
    """Takes part no more: the seat goes to whoever waits longest."""
    with park.store.write() as session:
        posting = _seen(session, number)
        title = posting.title
        if taking_part.leave(session, visit.name, posting):
            _note(session, visit, Did.TAKES_NO_PART, posting)
    notice = Notice(
        "You take part in “{title}” no more.",
        {"title": title},
        f"board/{number}/join",
        undo_text="Join again",
    )
    return done(request, visit, f"board/{number}", notice)


@router.get("/board/{number}/participants")
def participants(number: int, request: Request, visit: Visit, park: PartsOf) -> Response:
    """Who takes part, in the order in which they came."""
    with park.store.write() as session:
        posting = _seen(session, number)
        if not rights.may_see_who_joins(visit.who, posting.site_id):
            raise HTTPException(404)
        found = taking_part.participants(session, posting)
        audit.note(session, visit.name, Did.PARTICIPANTS_SEEN, site=posting.site_id, posting=number)
    return page(request, "participants.html", visit, posting=posting, found=found)


@router.get("/mine")
def mine(request: Request, visit: Visit, park: PartsOf) -> Response:
    """What somebody takes part in, and the calendar feed of it."""
    return _mine(request, visit, park, "")


@router.post("/mine/feed")
def renew_feed(request: Request, visit: Visit, park: PartsOf) -> Response:
    """A new address of the own feed, shown this once; the old one ends."""
    with park.store.write() as session:
        secret = feed_keys.renew(session, visit.name, park.now())
    return _mine(request, visit, park, feed_address(park, f"mine/{secret}"))


@router.post("/mine/feed/end")
def end_feed(request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """The own feed is no more."""
    del sent
    with park.store.write() as session:
        feed_keys.end(session, visit.name)
    return done(request, visit, "mine", Notice("The address of your calendar works no more."))


@router.get("/mine/feed")
def back_to_mine(visit: Visit) -> Response:
    """Where the page with a new address is loaded once more: the address is not shown again."""
    del visit
    return go("mine")


def _mine(request: Request, visit: Visitor, park: Parts, address: str) -> Response:
    with park.store.read() as session:
        found = taking_part.of_person(session, visit.name, park.now())
        made_at = feed_keys.made_at(session, visit.name)
        return page(
            request,
            "mine.html",
            visit,
            mine=found,
            made_at=made_at,
            address=address,
            zone=park.settings.timezone,
        )


def _seen(session: Session, number: int) -> Posting:
    """What was published, now or once.

    Raises:
        HTTPException: 404, there is no such posting for anybody to see.
    """
    found = session.get(Posting, number)
    if found is None or found.published_at is None:
        raise HTTPException(404)
    return found


def _note(session: Session, visit: Visitor, did: Did, posting: Posting) -> None:
    audit.note(session, visit.name, did, whom=visit.name, posting=posting.id)
