"""The portal as an ASGI application: the pages of all its parts, below /services/portal/.

Called by `__main__` (the service) and by the tests.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI

from technopark.people.hub_scopes import PORTAL_SERVICE
from technopark.portal import home
from technopark.portal.classrooms import (
    cards,
    deadlines,
    joining,
    lists,
    marks,
    people_pages,
    pupils,
    room,
    undoing,
    ways_back,
)
from technopark.portal.errors import handle_errors
from technopark.portal.figures import pages as figures_pages
from technopark.portal.figures import resource_pages
from technopark.portal.frame import PREFIX, STATIC, KeptFiles, Safely
from technopark.portal.live import looking, sending
from technopark.portal.live import pages as live_pages
from technopark.portal.live.parts import living
from technopark.portal.live.work_api import WORK, work_api
from technopark.portal.park import board, courses, feeds, modules, taking_part, writing
from technopark.portal.path import letter_pages, path_pages, show_pages, work_pages
from technopark.portal.safety import data_pages, log_pages
from technopark.portal.seals import Seals
from technopark.portal.visits import Parts, check_form
from technopark.services.visitors import Doorkeeper
from technopark.settings import Settings
from technopark.store import open_store

ROUTERS = (
    home.router,
    lists.router,  # before `room`: a classroom cannot be called `new`
    room.router,
    pupils.router,
    cards.router,
    deadlines.router,
    marks.router,
    live_pages.router,
    looking.router,
    sending.router,
    joining.router,
    people_pages.router,
    data_pages.router,
    log_pages.router,
    path_pages.router,
    show_pages.router,
    work_pages.router,
    letter_pages.router,
    figures_pages.router,
    resource_pages.router,
    undoing.router,
    ways_back.router,
    modules.router,
    courses.router,
    writing.router,  # before `board`: nothing posted has the number `new`
    board.router,
    taking_part.router,
    feeds.router,
)
"""The pages, part by part."""


def create_app(settings: Settings, hub_api_url: str, token: str) -> FastAPI:
    """The service over the park's store; it starts also while the hub is away."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = await asyncio.to_thread(open_store, settings.database_url)
        door = Doorkeeper(PORTAL_SERVICE, settings, hub_api_url, token)
        app.state.parts = Parts(settings, store, door, Seals(token))
        async with living(hub_api_url, token, settings.portal.stuck_minutes) as live:
            app.state.live = live
            yield
        store.close()

    return pages(lifespan=lifespan)


def pages(**options: object) -> FastAPI:
    """All pages, with what keeps them safe; the caller puts `Parts` and `Live` into the state."""
    app = FastAPI(
        title="Technopark: the portal",
        openapi_url=None,
        dependencies=[Depends(check_form)],
        **options,  # type: ignore[arg-type]
    )
    app.add_middleware(Safely)
    handle_errors(app)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX.rstrip("/"))
    app.mount(f"{PREFIX}static", KeptFiles(directory=STATIC), name="static")
    app.mount(WORK, work_api(app), name="work")
    return app
