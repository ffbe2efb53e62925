"""The portal's first page, and the choice of language.

Mounted by `app`. What somebody finds here follows from what they are in the park.
"""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from technopark.language import Language
from technopark.path.letters import waiting_for
from technopark.people.classrooms import set_language
from technopark.portal.frame import PREFIX, page
from technopark.portal.visits import PartsOf, Visit, split

router = APIRouter()


@router.get("/")
def first(request: Request, visit: Visit, park: PartsOf) -> Response:
    """What somebody can do here."""
    letters = 0
    if visit.who.teacher_of or visit.who.admin_of_sites:
        with park.store.read() as session:
            letters = len(waiting_for(session, visit.who))
    return page(request, "home.html", visit, letters=letters)


@router.get("/oauth_callback")
async def come_back(request: Request, parts: PartsOf) -> Response:
    """From the hub's sign-in, on to the page that was asked for."""
    return await parts.door.let_in(request)


@router.get("/language/{chosen}")
def language(chosen: Language, request: Request, visit: Visit, parts: PartsOf) -> Response:
    """Remembers the language that somebody chose, for the whole park; back to the page."""
    with parts.store.write() as session:
        set_language(session, visit.name, chosen)
    came_from = split(request.headers.get("Referer", ""))
    is_ours = came_from.netloc == request.headers.get("Host") and came_from.path.startswith(PREFIX)
    query = f"?{came_from.query}" if came_from.query else ""
    return RedirectResponse(f"{came_from.path}{query}" if is_ours else PREFIX, 303)
