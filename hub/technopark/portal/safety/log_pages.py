"""The log of who saw and changed what, as a page: searched and paged, each site's for its admins.

Mounted by `portal.app`. It only reads.
"""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from technopark.people import audit_search
from technopark.people.audit import Did
from technopark.portal.classrooms.lists import Search
from technopark.portal.frame import page
from technopark.portal.safety.words import WORDS
from technopark.portal.visits import PartsOf, Visit

router = APIRouter()


@router.get("/log")
def log(
    request: Request,
    visit: Visit,
    park: PartsOf,
    q: Search = "",
    number: Annotated[int, Query(alias="page")] = 1,
    did: str = "",
) -> Response:
    """What happened, the newest first."""
    if not (visit.who.is_admin or visit.who.admin_of_sites):
        raise HTTPException(403)
    q = " ".join(q.split())
    did = did if did in list(Did) else ""
    with park.store.read() as session:
        found = audit_search.entries(session, visit.who, q, number, did)
    return page(
        request,
        "audit.html",
        visit,
        found=found,
        q=q,
        did=did,
        words={one.value: words for one, words in WORDS.items()},
        zone=park.settings.timezone,
    )
