"""Addresses that only take forms, opened as a page: on to the page that has the form.

Mounted by `portal.app` after all others. A browser comes here by a change of the language or a new
sign-in while such a form was shown with what is wrong in it.
"""

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from technopark.portal.frame import go

router = APIRouter()

_OF_SETTINGS = ("details", "teachers", "out")
_OF_CLASSROOM = ("close", "reopen", "code", "code/end")
_OF_PERSON = ("up", "school", "leave", "back", "export", "delete")


@router.get("/classrooms/{classroom}/{form:path}")
def to_classroom(classroom: str, form: str) -> Response:
    """To the classroom's page that has the form."""
    if form.startswith("deadlines/"):
        return go(f"classrooms/{classroom}/deadlines")
    if form in _OF_SETTINGS:
        return go(f"classrooms/{classroom}/settings")
    if form in _OF_CLASSROOM or form.startswith("marks/"):
        return go(f"classrooms/{classroom}")
    raise HTTPException(404)


@router.get("/people/{name}/{form}")
def to_person(name: str, form: str) -> Response:
    """To the person's page."""
    if form not in _OF_PERSON:
        raise HTTPException(404)
    return go(f"people/{name}/data" if form in ("export", "delete") else f"people/{name}")


@router.get("/undo")
def to_classrooms() -> Response:
    """What was to be undone is not known any more."""
    return go("")
