"""Letters of curators: those that wait for a teacher, and those that a curator wrote.

Mounted by `portal.app`. A pupil reads letters on the own path, where only those stand that were
passed on.
"""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from technopark.path import letters
from technopark.people import audit, rights
from technopark.people.audit import Did
from technopark.people.refused import Refused
from technopark.portal.frame import done, page
from technopark.portal.notices import Notice
from technopark.portal.path.pupils import for_whom_i_answer
from technopark.portal.visits import Parts, PartsOf, Sent, Visit, Visitor
from technopark.store import Letter, Person

router = APIRouter(prefix="/letters")


@router.get("")
def show(request: Request, visit: Visit, park: PartsOf) -> Response:
    """Letters to pass on or to decline; one's own letters, with what became of them."""
    return _page(request, visit, park, 0, "", None)


@router.post("/{number}/pass")
def pass_on(number: int, request: Request, visit: Visit, park: PartsOf) -> Response:
    """The pupil sees it."""
    try:
        with park.store.write() as session:
            letter = _mine_to_decide(session, visit, number)
            letters.pass_on(session, letter, visit.name, park.now())
            audit.note(
                session, visit.name, Did.LETTER_PASSED, whom=letter.person_name, letter=number
            )
            called = letter.person.full_name
    except Refused as problem:
        return _page(request, visit, park, number, "", problem)
    text = "The letter is passed on: {person} sees it on the own path."
    return done(request, visit, "letters", Notice(text, {"person": called}))


@router.post("/{number}/decline")
def decline(number: int, request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """The pupil never sees it."""
    reason = sent.lines("reason")
    try:
        with park.store.write() as session:
            letter = _mine_to_decide(session, visit, number)
            letters.decline(session, letter, visit.name, reason, park.now())
            audit.note(
                session, visit.name, Did.LETTER_DECLINED, whom=letter.person_name, letter=number
            )
    except Refused as problem:
        return _page(request, visit, park, number, reason, problem)
    text = "The letter is declined. The pupil does not see it; the curator sees your answer."
    return done(request, visit, "letters", Notice(text))


def _mine_to_decide(session: Session, visit: Visitor, number: int) -> Letter:
    letter = session.get(Letter, number)
    if letter is None:
        raise HTTPException(404)
    for_whom_i_answer(session, visit.who, letter.person_name)
    return letter


def _page(
    request: Request,
    visit: Visitor,
    park: Parts,
    number: int,
    typed: str,
    problem: Refused | None,
) -> Response:
    who = visit.who
    is_curator = rights.may_look_for_works(who)
    if not (is_curator or who.teacher_of or who.admin_of_sites):
        raise HTTPException(403)
    with park.store.read() as session:
        waiting = [(one, _author(session, one)) for one in letters.waiting_for(session, who)]
        own = letters.of_curator(session, who.name) if is_curator else ()
    return page(
        request,
        "letters.html",
        visit,
        422 if problem else 200,
        waiting=waiting,
        own=own,
        is_curator=is_curator,
        decides=bool(who.teacher_of or who.admin_of_sites or who.is_admin),
        zone=park.settings.timezone,
        number=number,
        typed=typed,
        problem=problem,
    )


def _author(session: Session, letter: Letter) -> str:
    person = session.get(Person, letter.written_by)
    return person.full_name if person else letter.written_by
