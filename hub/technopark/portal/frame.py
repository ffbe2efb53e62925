"""How a page of the portal is made: templates, words in the reader's language, safe headers.

Called by every page. It writes nothing and decides nothing.
"""

import hashlib
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.datastructures import MutableHeaders
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from technopark.language import Language, counted, translate
from technopark.people.hub_scopes import PORTAL_SERVICE
from technopark.portal import notices
from technopark.portal.notices import Notice
from technopark.portal.visits import FORM_FIELD, Visitor, parts, wished_language
from technopark.services.visitors import prefix

PREFIX = prefix(PORTAL_SERVICE)
FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"

SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # with `no-referrer` browsers would hide from us where a form comes from
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PERSONAL = {"Cache-Control": "no-store"}
_FOR_GOOD = "public, max-age=31536000, immutable"

_templates = Environment(
    # pages of a part of the portal are in a folder of their own: classrooms/templates/...
    loader=FileSystemLoader(
        [folder for folder in sorted(FOLDER.glob("**/templates")) if folder.parent.name != "hub"]
    ),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["pairs"] = lambda rows, value, words: [
    (getattr(row, value), getattr(row, words)) for row in rows
]


def page(
    request: Request,
    template: str,
    visitor: Visitor | None = None,
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    """A page of the portal.

    Args:
        request: what asked for it.
        template: its name.
        visitor: who reads it; None: nobody that we know (yet).
        status: the HTTP status.
        values: what the template shows.
    """
    park = parts(request)
    language = visitor.language if visitor else wished_language(request)
    notice = notices.left_for(request, park.seals, visitor.name) if visitor else None
    sealed = park.seals.form(visitor.session) if visitor else ""
    text = _templates.get_template(template).render(
        **_words(language),
        day=lambda day: _day(day, language),
        moment=lambda moment, zone: _moment(moment, zone, language),
        span=lambda first, last, zone: _span(first, last, zone, language),
        hub=f"{park.settings.web.address}/hub/",
        here=PREFIX,
        path=request.url.path,
        static=_static,
        seal=Markup('<input type="hidden" name="{}" value="{}">').format(FORM_FIELD, sealed),
        visitor=visitor,
        notice=notice,
        **values,
    )
    answer = HTMLResponse(text, status, headers=SAFE_HEADERS | _PERSONAL)
    if notice:
        notices.forget(answer)
    return answer


def piece(template: str, language: Language, **values: Any) -> str:
    """A piece of a page, the same for all who read this language."""
    return _templates.get_template(template).render(**_words(language), **values)


def go(path: str) -> RedirectResponse:
    """On to the page `path` of the portal, after something was done."""
    return RedirectResponse(f"{PREFIX}{path}", 303, headers=SAFE_HEADERS | _PERSONAL)


def done(request: Request, visitor: Visitor, path: str, notice: Notice) -> RedirectResponse:
    """On to the page `path` of the portal, which says what was done, and undoes it if asked."""
    park, answer = parts(request), go(path)
    notices.leave(answer, notice, park.seals, visitor.name, is_secure=park.settings.web.has_front)
    return answer


def _words(language: Language) -> dict[str, Any]:
    """What every template speaks with."""
    return {
        "_": partial(_translate, language),
        "counted": lambda one, many, number: counted(one, many, number, language),
        "language": language,
    }


def _translate(language: Language, text: str, **values: object) -> str:
    return translate(text, language, **values)


def _day(day: date, language: Language) -> str:
    return format_date(day, "d MMMM y", locale=language)


def _moment(moment: datetime, zone: str, language: Language) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return format_datetime(local, "EEE d MMMM y, HH:mm", locale=language)


def _span(first: datetime, last: datetime | None, zone: str, language: Language) -> str:
    """From when to when; on one day the day is said once."""
    if last is None:
        return _moment(first, zone, language)
    is_one_day = first.astimezone(ZoneInfo(zone)).date() == last.astimezone(ZoneInfo(zone)).date()
    end = (
        f"{last.astimezone(ZoneInfo(zone)):%H:%M}" if is_one_day else _moment(last, zone, language)
    )
    return f"{_moment(first, zone, language)} – {end}"


@cache
def _static(name: str) -> str:
    """The address of a file, which is another one for another content: browsers keep it."""
    content = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{PREFIX}static/{name}?{content}"


class KeptFiles(StaticFiles):
    """Files that browsers keep, where they were asked for by their content."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one."""

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start" and scope.get("query_string"):
                MutableHeaders(scope=message)["Cache-Control"] = _FOR_GOOD
            await send(message)

        await super().__call__(scope, receive, keep)


class Safely:
    """Gives every answer the safe headers, and what is personal to no cache."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""

        async def safe(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (SAFE_HEADERS | _PERSONAL).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, safe if scope["type"] == "http" else send)
