"""The exchange as an ASGI application: puts the parts together and turns errors into answers.

Called by `__main__` (the service), by the tests and by the bench. It opens the store and the
content folder, and must be the only service that writes to that folder.
"""

import errno
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import psycopg.errors
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import OperationalError

from technopark.exchange import rosters, routes
from technopark.exchange.content import ContentStore
from technopark.exchange.receipts import key_path, load_signer
from technopark.exchange.refusals import Refusal
from technopark.exchange.uploads import Uploads
from technopark.services import refusals
from technopark.services.answers import refusal_answer
from technopark.services.identity import Identities
from technopark.settings import Settings
from technopark.store import open_store

logger = logging.getLogger("technopark.exchange")

_HUB_SECONDS = 5.0
_SQLITE_FULL = 13


def create_app(settings: Settings, hub_api_url: str) -> FastAPI:
    """The service over the park's data; it starts also while the hub is away."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = open_store(settings.database_url)
        content = ContentStore(settings.data / "exchange")
        content.sweep()
        async with httpx.AsyncClient(timeout=_HUB_SECONDS, trust_env=False) as client:
            app.state.service = routes.Service(
                store=store,
                content=content,
                signer=load_signer(key_path(settings.data)),
                identities=Identities(hub_api_url, client),
                uploads=Uploads(content, settings.exchange),
            )
            yield
        store.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None)  # docs/exchange.md describes it
    app.include_router(routes.router)
    app.include_router(rosters.router)

    def answer(request: Request, refusal: refusals.Refusal) -> JSONResponse:
        logger.info("%s %s: %s", request.method, request.url.path, refusal)
        return refusal_answer(request, refusal, settings.language)

    @app.exception_handler(refusals.Refusal)
    async def refused(request: Request, refusal: refusals.Refusal) -> JSONResponse:
        return answer(request, refusal)

    @app.exception_handler(OSError)
    async def disk_failed(request: Request, error: OSError) -> JSONResponse:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise error
        logger.error("the disk is full: %s", settings.data)
        return answer(request, Refusal("disk-full"))

    @app.exception_handler(OperationalError)
    async def database_failed(request: Request, error: OperationalError) -> JSONResponse:
        logger.error("the database failed: %s", error.orig)
        return answer(request, Refusal("disk-full" if _is_full(error) else "away"))

    return app


def _is_full(error: OperationalError) -> bool:
    """Whether the database could not write because the disk is full."""
    cause = error.orig
    return (
        isinstance(cause, psycopg.errors.DiskFull)
        or getattr(cause, "sqlite_errorcode", None) == _SQLITE_FULL
    )
