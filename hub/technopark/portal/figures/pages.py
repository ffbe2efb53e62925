"""The figures of the practice: a page, a table for spreadsheets (CSV), and a sheet of paper (PDF).

Mounted by `portal.app`; for the admins of sites (their own sites) and of the park. It only reads.
"""

import logging
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from technopark.language import translate
from technopark.people import figures, resources
from technopark.people.figures import COUNTED, Period
from technopark.people.paper import PaperError, draw
from technopark.portal.figures import words
from technopark.portal.frame import page, piece
from technopark.portal.visits import Parts, PartsOf, Visit, Visitor

router = APIRouter(prefix="/figures")

_STYLE = Path(__file__).parent / "paper.css"
_log = logging.getLogger(__name__)


@router.get("")
def show(request: Request, visit: Visit, park: PartsOf) -> Response:
    """The figures, by site."""
    return _page(request, visit, park)


@router.get("/table.csv")
def table(visit: Visit, park: PartsOf) -> Response:
    """The same for a spreadsheet."""
    content = words.table(_figures(visit, park), partial(translate, language=visit.language))
    return _file(content, "text/csv; charset=utf-8", f"figures-{_today(park)}.csv")


@router.get("/paper.pdf")
def paper(request: Request, visit: Visit, park: PartsOf) -> Response:
    """The same on paper; on the page it is said where that cannot be drawn."""
    html = piece(
        "figures_paper.html",
        visit.language,
        periods=_figures(visit, park),
        what=COUNTED,
        words=words.WORDS,
        title=words.title,
        all_sites=words.ALL_SITES,
        today=_today(park),
    )
    try:
        content = draw(html, _STYLE.read_text("utf-8"))
    except PaperError as problem:  # in words for an admin
        _log.error("The figures: %s", problem)
        return _page(request, visit, park, is_broken=True)
    return _file(content, "application/pdf", f"figures-{_today(park)}.pdf")


def _page(request: Request, visit: Visitor, park: Parts, *, is_broken: bool = False) -> Response:
    return page(
        request,
        "figures.html",
        visit,
        503 if is_broken else 200,
        periods=_figures(visit, park),
        what=COUNTED,
        words=words.WORDS,
        title_of=words.title,
        all_sites=words.ALL_SITES,
        is_broken=is_broken,
    )


def _figures(visit: Visitor, park: Parts) -> Sequence[Period]:
    if not resources.may_keep(visit.who):
        raise HTTPException(403)
    with park.store.read() as session:
        return figures.figures(session, visit.who, _today(park))


def _today(park: Parts) -> date:
    return park.now().astimezone(ZoneInfo(park.settings.timezone)).date()


def _file(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
