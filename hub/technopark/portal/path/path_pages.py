"""A pupil's path: one's own, and for who answers for the pupil; with the parents' consents.

Mounted by `portal.app`. Whoever opens another's path stands in the log.
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from technopark.path import ages, consents, courses, letters, works
from technopark.path.achievements import achievements
from technopark.path.consents import Purpose, Way
from technopark.path.next_courses import classes_at, proposals
from technopark.path.steps import steps
from technopark.people import audit, rights
from technopark.people.audit import Did
from technopark.people.refused import Refused
from technopark.portal.frame import done, page
from technopark.portal.notices import Notice
from technopark.portal.path.pupils import for_whom_i_answer, of_whom_i_see_the_path
from technopark.portal.path.words import ACHIEVED, MY_PURPOSES, PURPOSES, WAYS
from technopark.portal.visits import Parts, PartsOf, Sent, Visit, Visitor
from technopark.store import Person, Site

router = APIRouter()


@router.get("/path")
def mine(request: Request, visit: Visit, park: PartsOf) -> Response:
    """My courses, skills, works, and what could come next."""
    with park.store.read() as session:
        person = session.get_one(Person, visit.name)
        values = _path(session, park, person)
    return page(request, "path.html", visit, **values, mine=True, **_words(MY_PURPOSES))


@router.get("/pupils/{name}")
def pupil(name: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """The path of a pupil for whom the visitor answers, and what the parents agreed to."""
    _note_seen(name, visit, park)
    return _pupil(name, request, visit, park, None)


@router.post("/pupils/{name}/consent")
def consent(name: str, request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """Writes down that the parents agreed."""
    try:
        purpose = consents.purpose_of(sent.text("purpose"))
        way = consents.way_of(sent.text("way"))
        with park.store.write() as session:
            whose = for_whom_i_answer(session, visit.who, name)
            consents.record(session, name, purpose, way, visit.name, park.now())
            audit.note(session, visit.name, Did.CONSENT_GIVEN, whom=name, purpose=purpose, way=way)
    except Refused as problem:
        return _pupil(name, request, visit, park, problem)
    notice = Notice(
        "The parents' consent for {person} is written down.",
        {"person": whose.full_name},
        undo=f"pupils/{name}/withdraw",
        fields={"purpose": purpose},
    )
    return done(request, visit, f"pupils/{name}", notice)


@router.post("/pupils/{name}/withdraw")
def withdraw(name: str, request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """The parents, or the pupil, do not want it any more; it counts at once."""
    is_mine = name == visit.name
    try:
        purpose = consents.purpose_of(sent.text("purpose"))
        with park.store.write() as session:
            of_whom_i_see_the_path(session, visit.who, name)
            if consents.withdraw(session, name, purpose, visit.name, park.now()):
                audit.note(session, visit.name, Did.CONSENT_WITHDRAWN, whom=name, purpose=purpose)
    except Refused as problem:
        return _pupil(name, request, visit, park, problem)
    text = (
        "Done. Nobody outside the school sees your works any more."
        if is_mine and purpose == Purpose.WORKS
        else "The consent is withdrawn. It counts from this moment on."
    )
    return done(request, visit, "path" if is_mine else f"pupils/{name}", Notice(text))


def _pupil(
    name: str, request: Request, visit: Visitor, park: Parts, problem: Refused | None
) -> Response:
    with park.store.read() as session:
        person = for_whom_i_answer(session, visit.who, name)
        values = _path(session, park, person)
        values["history"] = _with_names(session, consents.history(session, name))
    status = 422 if problem else 200
    return page(
        request,
        "path.html",
        visit,
        status,
        **values,
        mine=False,
        problem=problem,
        ways=[(way.value, words) for way, words in WAYS.items()],
        **_words(PURPOSES),
    )


def _path(session: Session, park: Parts, person: Person) -> dict[str, Any]:
    today = park.now().date()
    taken = steps(session, park.settings, person.name)
    rooms = [one for one in works.rooms_of(session, person.name) if one.active]
    grade = ages.grade_of(one.title for one in rooms)
    age = ages.age(ages.first_september(grade, today), today) if grade else None
    site = session.get(Site, person.site_id) if person.site_id else None
    who = rights.standing(session, person.name)
    return {
        "person": person,
        "site": site,
        "zone": site.timezone if site else park.settings.timezone,
        "steps": taken,
        "age": age,
        "grade": grade,
        "proposals": proposals(
            taken,
            age,
            courses.newest(session, park.settings),
            classes_at(session, person.site_id),
        ),
        "achieved": achievements(session, person.name, taken),
        "works": works.of_pupil(session, person.name),
        "held": consents.holding(session, person.name),
        "letters": _signed(session, letters.to_pupil(session, person.name)),
        "is_pupil": bool(who and who.pupil_of),
    }


def _signed(session: Session, found: Any) -> list[tuple[Any, str]]:
    """Letters, each with the name of the curator."""
    return [(one, _name(session, one.written_by)) for one in found]


def _with_names(session: Session, found: Any) -> list[tuple[Any, str, str]]:
    """Consents, each with the names of who wrote it down, and of who withdrew it."""
    return [
        (one, _name(session, one.recorded_by), _name(session, one.withdrawn_by)) for one in found
    ]


def _name(session: Session, name: str | None) -> str:
    """The full name; of who was deleted the pseudonym is left."""
    person = session.get(Person, name) if name else None
    return person.full_name if person else name or ""


def _words(purposes: dict[Purpose, str]) -> dict[str, Any]:
    return {
        "achievement": {one.value: words for one, words in ACHIEVED.items()},
        "purposes": {one.value: words for one, words in purposes.items()},
        "way_words": {one.value: words for one, words in WAYS.items()},
        "Purpose": Purpose,
        "Way": Way,
    }


def _note_seen(name: str, visit: Visitor, park: Parts) -> None:
    with park.store.read() as session:
        for_whom_i_answer(session, visit.who, name)
    audit.note_seen(park.store, visit.name, Did.PATH_SEEN, whom=name)
