"""The bell as an ASGI application: its rounds beside its pages.

Called by `__main__` (the service) and by the tests. It must be the only bell of its park.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from technopark.bell import pages
from technopark.bell.hub import Hub
from technopark.bell.rounds import AGAIN_SECONDS, Rounds
from technopark.people.hub_scopes import BELL_SERVICE
from technopark.services.visitors import Doorkeeper
from technopark.settings import Settings
from technopark.store import open_store

log = logging.getLogger("technopark.bell")


def create_app(settings: Settings, hub_api_url: str, token: str) -> FastAPI:
    """The service over the park's timetable; it starts also while the hub is away."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = await asyncio.to_thread(open_store, settings.database_url)
        hub = Hub(hub_api_url, token)
        door = Doorkeeper(BELL_SERVICE, settings, hub_api_url, token)
        rounds = Rounds(settings, store, hub)
        app.state.service = pages.Service(settings, store, door, lambda: rounds.missing)
        going = asyncio.create_task(_go_round(rounds))
        yield
        going.cancel()
        with suppress(asyncio.CancelledError):
            await going
        await rounds.end()
        await hub.close()
        store.close()

    app = FastAPI(title="Technopark: the bell", openapi_url=None, lifespan=lifespan)
    app.include_router(pages.router)
    static = StaticFiles(directory=pages.FOLDER / "static")
    app.mount(f"{pages.PREFIX}static", static, name="static")
    return app


async def _go_round(rounds: Rounds) -> None:
    while True:
        try:
            seconds = await rounds.step()
        except Exception:  # whatever it was, the next round is seconds away
            log.exception("a round of the bell failed")
            seconds = AGAIN_SECONDS
        await asyncio.sleep(seconds)
