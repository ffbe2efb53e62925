"""The modules of the park: all of them, and a page for each. Everybody may read them.

Mounted by `portal.app`.
"""

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from technopark.noticeboard import modules, search
from technopark.people import rights
from technopark.portal.frame import page
from technopark.portal.visits import Guest, PartsOf, standing_of
from technopark.store import Site

router = APIRouter()
_MOST = 5
"""Things that go on, of one module."""


@router.get("/modules")
def all_modules(request: Request, guest: Guest, park: PartsOf) -> Response:
    """All modules."""
    with park.store.read() as session:
        found = modules.modules(session)
    return page(request, "modules.html", guest, modules=found)


@router.get("/modules/{site}")
def one_module(site: str, request: Request, guest: Guest, park: PartsOf) -> Response:
    """One module: speciality, courses, partners, what goes on, how to join."""
    with park.store.read() as session:
        found = session.get(Site, site)
        if found is None:
            raise HTTPException(404)
        module = modules.module(session, found)
        rows = search.next_of_site(session, site, park.now(), _MOST)
    return page(
        request,
        "module.html",
        guest,
        module=module,
        site=found,
        rows=rows,
        zone=park.settings.timezone,
        may_post=rights.may_post_anywhere(standing_of(guest)),
    )
