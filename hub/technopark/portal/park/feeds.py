"""Calendar feeds: of the whole park, of a module, and of what somebody takes part in.

Mounted by `portal.app`. Calendars cannot sign in: the first two are for everybody, the third is for
whoever has its secret address, which `taking_part` makes.
"""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from fastapi import Path as InPath
from fastapi.responses import Response
from sqlalchemy import select

from technopark.language import translate
from technopark.noticeboard import feed_keys, feeds
from technopark.noticeboard.feeds import Entry
from technopark.people.hub_scopes import PORTAL_SERVICE
from technopark.portal.frame import page
from technopark.portal.visits import Guest, Parts, PartsOf, split
from technopark.store import Site

router = APIRouter()
_FOR_ALL = {"Cache-Control": "public, max-age=600"}


@router.get("/calendars")
def all_feeds(request: Request, guest: Guest, park: PartsOf) -> Response:
    """What feeds there are, and how to use them."""
    with park.store.read() as session:
        sites = session.scalars(select(Site).order_by(Site.id)).all()
    named = [(site, feed_address(park, f"modules/{site.id}")) for site in sites]
    return page(request, "calendars.html", guest, park_feed=feed_address(park, "park"), named=named)


@router.get("/calendars/park.ics")
def of_park(park: PartsOf) -> Response:
    """Everything that goes on."""
    with park.store.read() as session:
        found = feeds.of_park(session, park.now(), park.settings.timezone)
    return _feed(park, "", found, _FOR_ALL)


@router.get("/calendars/modules/{site}.ics")
def of_module(site: str, park: PartsOf) -> Response:
    """What goes on in one module."""
    with park.store.read() as session:
        known = session.get(Site, site)
        if known is None:
            raise HTTPException(404)
        found = feeds.of_site(session, site, park.now(), park.settings.timezone)
    return _feed(park, known.name, found, _FOR_ALL)


@router.get("/calendars/mine/{secret}.ics")
def of_person(secret: Annotated[str, InPath(max_length=64)], park: PartsOf) -> Response:
    """What the owner of the secret joined."""
    with park.store.read() as session:
        person = feed_keys.owner(session, secret)
        if person is None:
            raise HTTPException(404)
        found = feeds.of_person(session, person.name, park.now(), park.settings.timezone)
    return _feed(park, "", found, {})


def feed_address(park: Parts, feed: str) -> str:
    """The whole address of a feed, for a calendar program."""
    return f"{park.settings.web.service_address(PORTAL_SERVICE)}calendars/{feed}.ics"


def _feed(park: Parts, of: str, found: tuple[Entry, ...], headers: dict[str, str]) -> Response:
    settings = park.settings
    park_name = translate("Technopark", settings.language)
    made = feeds.calendar(
        f"{park_name} · {of}" if of else park_name,
        found,
        f"{settings.web.service_address(PORTAL_SERVICE)}board/",
        split(settings.web.address).hostname or "technopark",
    )
    return Response(made, media_type="text/calendar; charset=utf-8", headers=headers)
