"""Class cards: a sheet of new ones for a classroom, or a new one for a pupil who lost theirs.

Mounted by `portal.app`. The sheet is the only thing that knows the words: it is drawn, sent and
forgotten. What stands on the page before it says what ends with it.
"""

import logging

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from technopark.people import cards, finding
from technopark.people.refused import Refused
from technopark.portal.classrooms.keepers import kept_open
from technopark.portal.frame import page
from technopark.portal.visits import Parts, PartsOf, Sent, Visit, Visitor
from technopark.store import Classroom, Person

router = APIRouter(prefix="/classrooms/{classroom}/cards")

NO_WORDS = "+"
"""What a teacher may say instead of a name: for those who have nothing to sign in with yet."""

_log = logging.getLogger(__name__)


@router.get("")
def ask(classroom: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """For whom, and what ends with the old cards."""
    return _ask(classroom, request, visit, park, None, None)


@router.post("")
def print_them(
    classroom: str, request: Request, visit: Visit, park: PartsOf, sent: Sent
) -> Response:
    """The sheet as a PDF; from now on its words count and no earlier ones."""
    wanted = sent.text("pupil")
    with park.store.read() as session:
        room = kept_open(session, visit.who, classroom)
        pupils = _pupils(session, room)
    try:
        names = _chosen(wanted, pupils)
        pdf = _sheet(park, visit, room, names)
    except Refused as problem:
        return _ask(classroom, request, visit, park, wanted, problem)
    file = "-".join(["cards", room.id, *(names if len(names) == 1 else [])]) + ".pdf"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


def _chosen(wanted: str, pupils: list[Person]) -> list[str]:
    """Whom to print for. Only these: somebody who joins meanwhile is not among them."""
    chosen = [
        one.name
        for one in pupils
        if wanted in ("", one.name) or (wanted == NO_WORDS and not one.passphrase_hash)
    ]
    if not chosen:
        raise Refused("Choose a pupil of this class.", "pupil")
    return chosen


def _sheet(park: Parts, visit: Visitor, room: Classroom, names: list[str]) -> bytes:
    try:
        pdf, made = cards.print_cards(
            park.store, park.settings, room.id, names, issued_by=visit.name
        )
    except cards.CardProblem as problem:  # in words for an admin
        _log.error("Cards of %s: %s", room.id, problem)
        raise Refused(
            "The cards could not be drawn, and nothing is changed: the old ones still work. Tell "
            "the admin."
        ) from None
    _log.info("%s printed %d cards of %s", visit.name, len(made), room.id)
    return pdf


def _ask(
    classroom: str,
    request: Request,
    visit: Visitor,
    park: Parts,
    chosen: str | None,
    problem: Refused | None,
) -> Response:
    with park.store.read() as session:
        room = kept_open(session, visit.who, classroom)
        pupils = _pupils(session, room)
    without = sum(not one.passphrase_hash for one in pupils)
    if chosen is None:  # nobody's card ends unless it is asked for
        chosen = NO_WORDS if without else ""
    status = 422 if problem else 200
    values = {"room": room, "pupils": pupils, "chosen": chosen, "problem": problem}
    values |= {"without": without, "no_words": NO_WORDS}
    return page(request, "cards.html", visit, status, **values)


def _pupils(session: Session, room: Classroom) -> list[Person]:
    """Who can have a card: whoever may do more than a pupil cannot."""
    pupils = finding.members(session, room.id, "pupil", with_roles=True)
    return [one for one in pupils if cards.is_only_pupil(one)]
