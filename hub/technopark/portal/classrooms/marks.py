"""The marks of a classroom as a file: for Excel, or as CSV for a school's own register.

Mounted by `portal.app`. Who teaches the class may have them, also when it is closed, and admins of
the park; each file that was taken stands in the log.
"""

import logging
from typing import Literal

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from technopark.marks import files, gradebook
from technopark.marks.table import table
from technopark.people import audit, rights
from technopark.people.audit import Did
from technopark.portal.classrooms.keepers import kept
from technopark.portal.frame import done
from technopark.portal.notices import Notice
from technopark.portal.visits import PartsOf, Visit

router = APIRouter(prefix="/classrooms/{classroom}/marks")

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_log = logging.getLogger(__name__)


@router.post("/{kind}")
def export(
    classroom: str, kind: Literal["csv", "xlsx"], request: Request, visit: Visit, park: PartsOf
) -> Response:
    """The file; it is made anew each time and kept nowhere."""
    with park.store.read() as session:
        room = kept(session, visit.who, classroom)
        if not rights.may_see_marks(visit.who, room.id):
            raise HTTPException(404)
    try:
        graded = gradebook.read(park.settings, room.id)
    except gradebook.UnreadableError as problem:
        _log.warning("The gradebook of %s cannot be read: %s", room.id, problem)
        text = (
            "The marks cannot be read just now; perhaps works are being graded. Try again in a "
            "minute, and if it does not help, tell the admin."
        )
        return done(request, visit, f"classrooms/{room.id}", Notice(text))
    with park.store.write() as session:
        room = kept(session, visit.who, classroom)
        marks = table(session, room, graded)
        audit.note(session, visit.name, Did.MARKS_SAVED, room=room, kind=kind)
    content = (
        files.as_csv(marks, visit.language)
        if kind == "csv"
        else files.as_xlsx(marks, visit.language, room.title)
    )
    name = files.file_name(room.id, f"{park.now():%Y-%m-%d}", kind)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_TYPES[kind], headers=headers)
