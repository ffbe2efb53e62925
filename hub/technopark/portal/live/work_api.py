"""The way by which pupils' servers report: `PUT /work/<classroom>`, by the server's own token.

Mounted by `portal.app` beside the pages: no cookie counts here and no form comes here, and the
proxy leads nobody here. The hub says once in a quarter of an hour whose token it is.
"""

import asyncio
from typing import ClassVar

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from technopark.language import translate
from technopark.portal.live.looking import note_visitors
from technopark.portal.live.parts import live
from technopark.portal.live.work import Report
from technopark.portal.visits import parts
from technopark.services.answers import refusal_answer
from technopark.services.refusals import WHO_IS_ASKING, Refusal, Sentences

WORK = "/work"
MOST_BYTES = 2048
SOONEST = 0.5
"""Seconds between two reports of one server; ours sends one in two seconds, at most."""

router = APIRouter()


def _why(status: int, text: str) -> tuple[int, str, str]:
    return status, translate(text, "ru"), text


class WorkRefusal(Refusal):
    """Why a report is not taken."""

    sentences: ClassVar[Sentences] = {
        **WHO_IS_ASKING,
        "not-yours": _why(403, "This token is not of a computer in this class."),
        "too-large": _why(413, "A report is not that large."),
        "not-understood": _why(422, "This is no report that we understand."),
        "too-often": _why(429, "Not that often, please."),
    }
    passing: ClassVar[frozenset[str]] = frozenset({"away", "too-often"})


@router.put("/{classroom}")
async def report(classroom: str, request: Request) -> Response:
    """Takes what a server says of its pupil; answers whether the hand is up, and names of visitors.

    Raises:
        Refusal: the token is not of this class's server, or it is no report.
    """
    here = live(request)
    caller = await here.identities.caller(request.headers.get("Authorization", ""))
    if classroom not in caller.classrooms:
        raise WorkRefusal("not-yours")
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        raise WorkRefusal("too-large")
    name = (caller.name, classroom)
    last = here.work.last_report(name)
    if last is not None and here.work.now - last < SOONEST:
        raise WorkRefusal("too-often")
    try:
        told = Report.model_validate_json(await request.body())
    except ValidationError:
        raise WorkRefusal("not-understood") from None
    known = here.work.of(name)
    answer: dict[str, object] = {"hand": here.work.take(name, told)}
    if told.visitors:
        new = set(told.visitors) - set(known.report.visitors if known else ())
        store = parts(request).store
        answer["names"] = await asyncio.to_thread(note_visitors, store, name, told.visitors, new)
    return JSONResponse(answer)


def work_api(pages: FastAPI) -> FastAPI:
    """The application, over the state of the pages' one."""
    app = FastAPI(title="Technopark: reports of work", openapi_url=None)
    app.state = pages.state
    app.include_router(router)

    @app.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> JSONResponse:
        return refusal_answer(request, refusal, parts(request).settings.language)

    return app
