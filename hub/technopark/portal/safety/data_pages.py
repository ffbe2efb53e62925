"""All data of one person, as an archive; and their deletion, after a warning and a typed name.

Mounted by `portal.app`. Deletion is only asked for here: the person is out of the park at once, and
the park's process `safety` does the rest.
"""

from tempfile import TemporaryFile
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import select

from technopark.people import audit
from technopark.people.audit import Did
from technopark.people.names import normalise
from technopark.people.refused import Refused
from technopark.portal.classrooms.keepers import moved, note_person_seen
from technopark.portal.frame import done, page
from technopark.portal.notices import Notice
from technopark.portal.visits import Parts, PartsOf, Sent, Visit, Visitor
from technopark.safety import deletion, export
from technopark.store import Deletion

router = APIRouter()

_SHOWN = 100
"""Deletions on the page; older ones are in the log."""
_PIECE = 1 << 18


@router.get("/people/{name}/data")
def data(name: str, request: Request, visit: Visit, park: PartsOf) -> Response:
    """What is kept of the person, and what can be done with it."""
    note_person_seen(park, visit, name)
    return _page(name, request, visit, park, "", None)


@router.post("/people/{name}/export")
def export_(name: str, visit: Visit, park: PartsOf) -> Response:
    """The archive; the log has it that it was taken."""
    with park.store.write() as session:
        person = moved(session, visit.who, name)
        audit.note(session, visit.name, Did.EXPORTED, whom=person.name)
    # It has no name on the disk, and is gone with the answer.
    made = TemporaryFile(dir=park.settings.data / "run" if _has_run(park) else None)  # noqa: SIM115
    export.write(park.settings, park.store, person.name, made)
    size = made.tell()
    made.seek(0)

    def pieces() -> Any:
        with made:
            while piece := made.read(_PIECE):
                yield piece

    called = export.file_name(person.name, park.now())
    headers = {
        "Content-Disposition": f'attachment; filename="{called}"',
        "Content-Length": str(size),
    }
    return StreamingResponse(pieces(), media_type="application/zip", headers=headers)


@router.post("/people/{name}/delete")
def delete(name: str, request: Request, visit: Visit, park: PartsOf, sent: Sent) -> Response:
    """Asks for the deletion, where the name was typed."""
    typed = sent.text("typed")
    if normalise(typed) != name:
        problem = Refused(
            "Type “{name}” to delete this person. Nothing was deleted.", "typed", name=name
        )
        return _page(name, request, visit, park, typed, problem)
    with park.store.write() as session:
        person = moved(session, visit.who, name)
        asked = deletion.ask(session, visit.name, person)
    text = "The person is out of the park. Number {number} is being deleted; the report is here."
    return done(request, visit, "deletions", Notice(text, {"number": asked.id}))


@router.get("/deletions")
def deletions(request: Request, visit: Visit, park: PartsOf) -> Response:
    """What is being deleted, and reports of what was."""
    if not (visit.who.is_admin or visit.who.admin_of_sites):
        raise HTTPException(403)
    query = select(Deletion).order_by(Deletion.asked_at.desc(), Deletion.id).limit(_SHOWN)
    if not visit.who.is_admin:
        query = query.where(Deletion.site_id.in_(visit.who.admin_of_sites))
    with park.store.read() as session:
        found = list(session.scalars(query))
    rows = [(one, _counts(one.report)) for one in found]
    return page(request, "deletions.html", visit, rows=rows, zone=park.settings.timezone)


def _counts(report: dict[str, Any]) -> dict[str, int]:
    def part(name: str, what: str) -> int:
        return int(report.get(name, {}).get(what, 0))

    return {
        "rows": sum(report.get("rows", {}).values()),
        "works": part("exchange", "files"),
        "home": part("home", "files"),
        "marks": part("gradebooks", "rows") + part("gradebooks", "files"),
        "logs": part("logs", "covered"),
    }


def _page(
    name: str,
    request: Request,
    visit: Visitor,
    park: Parts,
    typed: str,
    problem: Refused | None,
) -> Response:
    with park.store.read() as session:
        person = moved(session, visit.who, name)
        seen = deletion.foresee(session, park.settings, person)
    status = 422 if problem else 200
    return page(request, "person_data.html", visit, status, seen=seen, typed=typed, problem=problem)


def _has_run(park: Parts) -> bool:
    return (park.settings.data / "run").is_dir()
