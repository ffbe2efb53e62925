"""The portal in this process, over any store; who looks at it says the name in a header.

Called by tests of pages, in place of the hub's sign-in.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from technopark.portal.app import pages
from technopark.portal.frame import PREFIX
from technopark.portal.live.parts import living
from technopark.portal.seals import Seals
from technopark.portal.visits import Parts
from technopark.settings import Settings
from technopark.store import Store

TOKEN = "the-portals"


class FakeDoor:
    """Lets somebody in who says the name; stands in for the hub's sign-in."""

    async def name(self, request: Request) -> str | None:
        return request.headers.get("X-Name")

    def session(self, request: Request) -> str:
        return f"session of {request.headers.get('X-Name')}"

    def to_sign_in(self, request: Request) -> Response:
        return RedirectResponse(f"/sign-in?{request.url.path}")


def portal_here(
    settings: Settings, store: Store, hub_url: str, now: Callable[[], datetime]
) -> FastAPI:
    """The application, beside the stand-in for a hub whose API is at `hub_url`."""
    door: Any = FakeDoor()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.parts = Parts(settings, store, door, Seals("secret"), now=now)
        async with living(hub_url, TOKEN, settings.portal.stuck_minutes) as live:
            app.state.live = live
            yield

    return pages(lifespan=lifespan)


def pages_of(app: FastAPI) -> set[str]:
    """The addresses below the portal's prefix that a browser may get."""
    return {
        path.removeprefix(PREFIX)
        for path, methods in app.openapi()["paths"].items()
        if "get" in methods
    }
