"""Posting something: a form for a draft, publishing, changing, withdrawing. For who may post.

Mounted by `portal.app`. Where somebody may not, there is no such page.
"""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from technopark.noticeboard import postings, search
from technopark.noticeboard.postings import KINDS, Said
from technopark.people import audit, rights
from technopark.people.audit import Did
from technopark.people.refused import Refused
from technopark.people.rights import Standing
from technopark.portal.classrooms import typed
from technopark.portal.frame import done, page
from technopark.portal.notices import Notice
from technopark.portal.park.asked import Words
from technopark.portal.park.board import posting_page
from technopark.portal.visits import Parts, PartsOf, Sent, SentForm, Visit, Visitor
from technopark.store import Posting, Site

router = APIRouter()


@router.get("/board/kept")
def kept(
    request: Request,
    visit: Visit,
    park: PartsOf,
    number: Annotated[int, Query(alias="page")] = 1,
) -> Response:
    """What the visitor may change: drafts, published, withdrawn."""
    _check_may_post(visit)
    with park.store.read() as session:
        found = search.kept(session, visit.who, number)
    return page(request, "kept.html", visit, found=found, zone=park.settings.timezone)


@router.get("/board/new")
def new(
    request: Request, visit: Visit, park: PartsOf, kind: Words = "", where: Words = ""
) -> Response:
    """The form for something new."""
    filled = {"kind": kind if kind in KINDS else "event", "where": where}
    return _form(request, visit, park, filled, None)


@router.post("/board/new")
def make(request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """Makes a draft, and publishes it where that was pressed."""
    _check_may_post(visit)
    now, zone = park.now(), park.settings.timezone
    is_to_publish = sent.text("then") == "publish"
    try:
        with park.store.write() as session:
            said = _said(session, sent, zone)
            made = postings.make(session, visit.who, said, now, zone)
            if is_to_publish:
                postings.publish(made, now)
                _note(session, visit, Did.POSTED, made)
            number, title = made.id, made.title
    except Refused as problem:
        return _form(request, visit, park, sent.fields, problem)
    text = "“{title}” is published." if is_to_publish else "“{title}” is kept as a draft."
    notice = Notice(text, {"title": title})
    if is_to_publish:
        notice = Notice(text, {"title": title}, f"board/{number}/withdraw")
    return done(request, visit, f"board/{number}", notice)


@router.get("/board/{number}/edit")
def edit(number: int, request: Request, visit: Visit, park: PartsOf) -> Response:
    """The form with what stands there now."""
    with park.store.read() as session:
        one = _kept(session, visit.who, number)
        filled = _filled(one, postings.zone_of(one, park.settings.timezone))
        return _form(request, visit, park, filled, None, one)


@router.post("/board/{number}/edit")
def change(number: int, request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """Changes it, and publishes it where that was pressed."""
    now, zone = park.now(), park.settings.timezone
    seen = sent.text("number")
    try:
        with park.store.write() as session:
            one = _kept(session, visit.who, number)
            said = _said(session, sent, zone)
            of = int(seen) if seen.isdecimal() else 0
            postings.change(session, visit.who, one, said, of, now, zone)
            if sent.text("then") == "publish":
                postings.publish(one, now)
            is_published, title = one.state == "published", one.title
            if is_published:
                _note(session, visit, Did.POSTING_CHANGED, one)
    except Refused as problem:
        with park.store.read() as session:
            one = _kept(session, visit.who, number)
            return _form(request, visit, park, sent.fields, problem, one)
    text = "“{title}” is changed, and everybody sees it." if is_published else "“{title}” is kept."
    return done(request, visit, f"board/{number}", Notice(text, {"title": title}))


@router.post("/board/{number}/publish")
def publish(number: int, request: Request, visit: Visit, park: PartsOf) -> Response:
    """Everybody sees it from now on."""
    try:
        with park.store.write() as session:
            one = _kept(session, visit.who, number)
            postings.publish(one, park.now())
            _note(session, visit, Did.POSTED, one)
            title = one.title
    except Refused as problem:
        return posting_page(request, visit, park, number, problem)
    notice = Notice("“{title}” is published.", {"title": title}, f"board/{number}/withdraw")
    return done(request, visit, f"board/{number}", notice)


@router.post("/board/{number}/withdraw")
def withdraw(number: int, request: Request, visit: Visit, park: PartsOf) -> Response:
    """Nobody finds it any more; who joined sees that it is off."""
    with park.store.write() as session:
        one = _kept(session, visit.who, number)
        postings.withdraw(one, park.now())
        _note(session, visit, Did.POSTING_WITHDRAWN, one)
        title = one.title
    notice = Notice("“{title}” is withdrawn.", {"title": title}, f"board/{number}/publish")
    return done(request, visit, f"board/{number}", notice)


def _check_may_post(visit: Visitor) -> None:
    if not rights.may_post_anywhere(visit.who):
        raise HTTPException(403)


def _kept(session: Session, who: Standing, number: int) -> Posting:
    """What `who` may change.

    Raises:
        HTTPException: 404 also where there is such a posting, as it is nobody else's business.
    """
    found = session.get(Posting, number)
    if found is None or not postings.may_keep(who, found):
        raise HTTPException(404)
    return found


def _note(session: Session, visit: Visitor, did: Did, posting: Posting) -> None:
    audit.note(session, visit.name, did, site=posting.site_id, posting=posting.id)


def _form(
    request: Request,
    visit: Visitor,
    park: Parts,
    filled: Any,
    problem: Refused | None,
    posting: Posting | None = None,
) -> Response:
    _check_may_post(visit)
    with park.store.read() as session:
        desks = search.desks(session, visit.who)
    return page(
        request,
        "posting_form.html",
        visit,
        422 if problem else 200,
        desks=desks,
        filled=filled,
        problem=problem,
        posting=posting,
        number=filled.get("number", posting.number if posting else 0),
    )


def _said(session: Session, sent: SentForm, otherwise: str) -> Said:
    """What stands in the form.

    Raises:
        Refused: a moment is none, or a number is none.
    """
    where, _, partner = sent.text("where").partition("/")
    site = session.get(Site, where) if where else None
    zone = site.timezone if site else otherwise
    return Said(
        kind=sent.text("kind"),
        title=sent.text("title"),
        text=sent.lines("text").strip(),
        site=where or None,
        partner=partner or None,
        place=sent.text("place"),
        starts_at=typed.moment(sent.text("starts"), zone, "starts"),
        ends_at=typed.moment(sent.text("ends"), zone, "ends"),
        seats=_number(sent, "seats"),
        age_from=_number(sent, "age_from"),
        age_to=_number(sent, "age_to"),
    )


def _number(sent: SentForm, field: str) -> int | None:
    text = sent.text(field)
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise Refused("Write a whole number, or nothing.", field)
    return int(text)


def _filled(posting: Posting, zone: str) -> dict[str, str]:
    """What the form shows of a posting."""
    numbers = {
        name: "" if value is None else str(value)
        for name, value in (
            ("seats", posting.seats),
            ("age_from", posting.age_from),
            ("age_to", posting.age_to),
        )
    }
    return numbers | {
        "kind": posting.kind,
        "title": posting.title,
        "text": posting.text,
        "where": f"{posting.site_id or ''}/{posting.partner_id or ''}",
        "place": posting.place,
        "starts": typed.for_field(posting.starts_at, zone),
        "ends": typed.for_field(posting.ends_at, zone),
        "number": str(posting.number),
    }
