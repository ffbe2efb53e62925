"""A shown work: its page, the notebook or picture itself, hiding it; and the curators' search.

Mounted by `portal.app`. Rights and consent are asked anew for every piece, pictures too, so that a
work that was hidden is gone also for who kept its address.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from technopark.language import translate
from technopark.path import ages, consents, courses, letters, sheet, shelf, works
from technopark.path.consents import Purpose
from technopark.people import audit, rights
from technopark.people.audit import Did
from technopark.people.refused import Refused
from technopark.portal.frame import PREFIX, SAFE_HEADERS, done, page
from technopark.portal.notices import Notice
from technopark.portal.path.pupils import known_work, of_whom_i_see_the_path, seen_work
from technopark.portal.visits import Parts, PartsOf, Sent, Visit, Visitor
from technopark.store import Person, ShownWork, Site

router = APIRouter(prefix="/works")

_ONLY_HERE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@router.get("")
def search(
    request: Request,
    visit: Visit,
    park: PartsOf,
    skill: Annotated[str, Query(max_length=200)] = "",
    age: Annotated[str, Query(max_length=2)] = "",
    number: Annotated[int, Query(alias="page")] = 1,
) -> Response:
    """Works that pupils show with their parents' consent, by skill and age."""
    if not rights.may_look_for_works(visit.who):
        raise HTTPException(403)
    years = int(age) if age.isdecimal() and ages.YOUNGEST <= int(age) <= ages.OLDEST else None
    with park.store.read() as session:
        known = courses.newest(session, park.settings)
        skills = courses.skills_of(known)
        skill = skill if skill in {one.en for one in skills} else ""
        found = works.search(session, known, skill, years, number, park.now().date())
    titles = {one.course: one.called(visit.language) for one in known}
    return page(
        request,
        "works.html",
        visit,
        found=found,
        skill=skill,
        age=years,
        skills=[(one.en, one.words(visit.language)) for one in skills],
        ages=range(ages.YOUNGEST, ages.OLDEST + 1),
        titles=titles,
    )


@router.get("/{number}")
def show(number: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """One work, with what its reader may do with it."""
    return _page(number, request, visit, park, "", None)


@router.get("/{number}/notebook")
def notebook(number: str, visit: Visit, park: PartsOf) -> Response:
    """The notebook itself: a document that the browser is told not to trust."""
    work, content = _content(number, visit, park, "notebook")
    back = translate("Back to the portal", visit.language)
    text = sheet.page(content, work.title, f"{PREFIX}works/{work.id}", back, visit.language)
    headers = SAFE_HEADERS | _ONLY_HERE | {"Content-Security-Policy": sheet.policy()}
    return HTMLResponse(text, headers=headers)


@router.get("/{number}/picture")
def picture(number: str, visit: Visit, park: PartsOf) -> Response:
    """The picture itself."""
    _, content = _content(number, visit, park, "picture")
    return Response(content, media_type="image/jpeg", headers=SAFE_HEADERS | _ONLY_HERE)


@router.post("/{number}/hide")
def hide(number: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """Nobody outside the school sees it from now on."""
    with park.store.write() as session:
        work = known_work(session, visit.who, number)
        works.hide(session, work, visit.name, park.now())
        audit.note(session, visit.name, Did.WORK_HIDDEN, whom=work.person_name, work=work.id)
    notice = Notice(
        "“{title}” is hidden. Nobody outside the school sees it.",
        {"title": work.title},
        undo=f"works/{work.id}/again",
    )
    return done(request, visit, f"works/{work.id}", notice)


@router.post("/{number}/again")
def again(number: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """A hidden work is seen again."""
    try:
        with park.store.write() as session:
            work = known_work(session, visit.who, number)
            works.show_again(session, work, visit.name)
            audit.note(
                session, visit.name, Did.WORK_SHOWN_AGAIN, whom=work.person_name, work=work.id
            )
    except Refused as problem:
        return _page(number, request, visit, park, "", problem)
    notice = Notice("“{title}” is shown again.", {"title": work.title})
    return done(request, visit, f"works/{work.id}", notice)


@router.post("/{number}/down")
def take_down(number: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """Out of the portfolio, with the letters about it; the notebook it was made of stays."""
    with park.store.write() as session:
        work = known_work(session, visit.who, number)
        if work.person_name != visit.name:
            raise HTTPException(404)  # who answers for the pupil hides it, and can undo that
        works.take_down(session, work)
        audit.note(session, visit.name, Did.WORK_TAKEN_DOWN, whom=visit.name, work=number)
    shelf.remove(park.settings, visit.name, number)
    notice = Notice("“{title}” is not in your portfolio any more.", {"title": work.title})
    return done(request, visit, "path", notice)


@router.post("/{number}/letter")
def write(number: str, request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """A curator's letter, to the pupil's teacher first."""
    text = sent.lines("text")
    try:
        with park.store.write() as session:
            work = seen_work(session, visit.who, number).work
            letter = letters.write(session, visit.name, work, text, park.now())
            audit.note(
                session,
                visit.name,
                Did.LETTER_WRITTEN,
                whom=work.person_name,
                work=work.id,
                letter=letter.id,
            )
    except Refused as problem:
        return _page(number, request, visit, park, text, problem)
    text = "Your letter is with the pupil's teacher, who reads it before it is passed on."
    return done(request, visit, "letters", Notice(text))


def _page(
    number: str, request: Request, visit: Visitor, park: Parts, typed: str, problem: Refused | None
) -> Response:
    with park.store.read() as session:
        values = _work(session, park, visit, number)
    if not values["is_mine"]:
        audit.note_seen(park.store, visit.name, Did.WORK_SEEN, whom=values["work"].person_name)
    status = 422 if problem else 200
    return page(request, "work.html", visit, status, **values, typed=typed, problem=problem)


def _work(session: Session, park: Parts, visit: Visitor, number: str) -> dict[str, Any]:
    work = session.get(ShownWork, number)
    if work and _is_known(session, visit, work):
        person = session.get_one(Person, work.person_name)
        site = session.get(Site, person.site_id) if person.site_id else None
        values: dict[str, Any] = {
            "work": work,
            "is_known": True,
            "called": person.full_name,
            "school_class": work.classroom.title if work.classroom else "",
            "site": site.name if site else "",
        }
    else:
        found = seen_work(session, visit.who, number)
        values = {
            "work": found.work,
            "is_known": False,
            "called": found.called,
            "school_class": found.school_class,
            "site": found.site,
        }
    work = values["work"]
    held = consents.holding(session, work.person_name)
    known = {one.course: one for one in courses.newest(session, park.settings)}
    return values | {
        "is_mine": work.person_name == visit.name,
        "has_consent": Purpose.WORKS in held,
        "may_write": rights.may_look_for_works(visit.who) and Purpose.LETTERS in held,
        "course": known.get(work.course),
        "may_show_again": (work.hidden_by == work.person_name) == (work.person_name == visit.name),
        "most": letters.MOST_LETTERS_LONG,
    }


def _is_known(session: Session, visit: Visitor, work: ShownWork) -> bool:
    try:
        of_whom_i_see_the_path(session, visit.who, work.person_name)
    except HTTPException:
        return False
    return True


def _content(
    number: str, visit: Visitor, park: Parts, kind: Literal["notebook", "picture"]
) -> tuple[ShownWork, bytes]:
    with park.store.read() as session:
        work = session.get(ShownWork, number)
        if work is None or not _is_known(session, visit, work):
            work = seen_work(session, visit.who, number).work
    if work.kind != kind:
        raise HTTPException(404)
    if work.person_name != visit.name:
        audit.note_seen(park.store, visit.name, Did.WORK_SEEN, whom=work.person_name)
    try:
        return work, shelf.read(park.settings, work)
    except FileNotFoundError:
        raise HTTPException(404) from None
