"""The broker as an ASGI application: puts the parts together and turns errors into answers.

Called by `__main__` (the service) and by the tests. It must be the only broker of its park.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress

import httpx
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError

from technopark.engine.leased import LeaseEngine
from technopark.kernels import relay, routes
from technopark.kernels.bounded import Bounded
from technopark.kernels.broker import Broker
from technopark.kernels.news import News
from technopark.kernels.refusals import Refusal
from technopark.kernels.rounds import Rounds
from technopark.services import refusals
from technopark.services.answers import refusal_answer
from technopark.services.identity import Identities
from technopark.settings import Settings
from technopark.store import open_store

log = logging.getLogger("technopark.kernels")

_HUB_SECONDS = 5.0
_ROUND_SECONDS = 1.0
_THREADS = 32
"""Engine calls at a time: most of them wait for a container that comes up."""


def create_app(
    settings: Settings,
    hub_api_url: str,
    engine: LeaseEngine,
    now: Callable[[], float] = time.time,
) -> FastAPI:
    """The service over the park's data and `engine`; it starts also while the hub is away."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = await asyncio.to_thread(open_store, settings.database_url)
        threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="leases")
        news, wake = News(), _Wake()
        rounds = Rounds(
            settings,
            store,
            engine,
            spawn=threads.submit,
            tell=news.tell,
            kick=wake.kick,
            now=now,
        )
        broker = Broker(settings, store, engine, rounds, now)
        going = asyncio.create_task(_go_round(rounds, wake))
        async with httpx.AsyncClient(timeout=_HUB_SECONDS, trust_env=False) as client:
            app.state.service = routes.Service(
                broker, news, Identities(hub_api_url, client), settings.language
            )
            yield
        going.cancel()
        with suppress(asyncio.CancelledError):
            await going
        engine.close()
        threads.shutdown(wait=True, cancel_futures=True)
        store.close()

    app = FastAPI(title="Technopark: leases", docs_url=None, redoc_url=None, lifespan=lifespan)
    app.add_middleware(Bounded, language=settings.language)
    app.include_router(routes.router)
    app.include_router(relay.router)

    def answer(request: Request, refusal: refusals.Refusal) -> JSONResponse:
        log.info("%s %s: %s", request.method, request.url.path, refusal.code)
        return refusal_answer(request, refusal, settings.language)

    @app.exception_handler(refusals.Refusal)
    async def refused(request: Request, refusal: refusals.Refusal) -> JSONResponse:
        return answer(request, refusal)

    @app.exception_handler(RequestValidationError)
    async def not_understood(request: Request, error: RequestValidationError) -> JSONResponse:
        # Where it is wrong, never what came: that may be a key.
        places = {".".join(str(step) for step in one["loc"]) for one in error.errors()}
        return answer(request, Refusal("bad-request", where=", ".join(sorted(places))))

    @app.exception_handler(OperationalError)
    async def database_failed(request: Request, error: OperationalError) -> JSONResponse:
        log.error("the database failed: %s", error.orig)
        return answer(request, Refusal("away"))

    return app


class _Wake:
    """Wakes the rounds, from any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def kick(self) -> None:
        """There is something to do."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event.set)

    async def kicked(self, seconds: float) -> None:
        """Returns when there is something to do, at the latest after `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()


async def _go_round(rounds: Rounds, wake: _Wake) -> None:
    while True:
        try:
            await asyncio.to_thread(rounds.step)
        except Exception:  # whatever it was, the next round is a second away
            log.exception("a round of the broker failed")
        await wake.kicked(_ROUND_SECONDS)
