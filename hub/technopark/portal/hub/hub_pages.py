"""JupyterHub's pages in the park's words and looks: templates, their functions, small handlers.

`jupyterhub.configure` names them to JupyterHub. Handlers here read and answer; changes of people
go through `people`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from jupyterhub.handlers import BaseHandler
from jupyterhub.spawner import Spawner
from jupyterhub.user import User
from tornado.web import StaticFileHandler

from technopark import language
from technopark.admission.line import the_line
from technopark.admission.words import news
from technopark.people.classrooms import set_language
from technopark.people.hub_scopes import BELL_SERVICE, PORTAL_SERVICE
from technopark.people.lessons import StartPage, start_page
from technopark.portal.hub.line_events import LineEvents
from technopark.portal.hub.waiting import WaitingPage
from technopark.settings import Settings
from technopark.store import Store, open_store

FOLDER = Path(__file__).parent
TEMPLATES = FOLDER / "templates"
STATIC = FOLDER.parent / "static"
_A_YEAR_IN_DAYS = 365


class LanguageHandler(BaseHandler):
    """`language/ru`: remembers the choice and returns to where the person was."""

    def initialize(self, database_url: str) -> None:
        """Tornado hands over what the route names."""
        self.database_url = database_url

    async def get(self, chosen: str) -> None:
        """Sets the cookie, and for who is signed in the language of their servers too."""
        self.set_cookie(language.COOKIE, chosen, expires_days=_A_YEAR_IN_DAYS, samesite="Lax")
        if self.current_user:
            await asyncio.to_thread(self._remember, self.current_user.name, chosen)
        came_from = self.request.headers.get("Referer", "")
        is_ours = came_from.startswith(f"{self.request.protocol}://{self.request.host}/")
        self.redirect(came_from if is_ours else self.hub.base_url)

    def _remember(self, name: str, chosen: str) -> None:
        with _store(self.database_url).write() as session:
            set_language(session, name, chosen)


def handlers(settings: Settings) -> list[tuple[str, type, dict[str, Any]]]:
    """Routes below `/hub/` beside JupyterHub's own."""
    languages = "|".join(language.LANGUAGES)
    return [
        (r"/spawn-pending/([^/]+)/([^/]+)", WaitingPage, {"park": settings}),
        (r"/line", LineEvents, {"park": settings}),
        (rf"/language/({languages})", LanguageHandler, {"database_url": settings.database_url}),
        (r"/park/(.*)", StaticFileHandler, {"path": str(STATIC)}),
    ]


def template_vars(settings: Settings, files_ahead: Callable[[str], list[str]]) -> dict[str, Any]:
    """What templates may call, beside what JupyterHub gives them.

    Args:
        settings: the park's.
        files_ahead: addresses of what a lesson's page will need, by the language; must be quick,
            as pages that say what went wrong wait for nothing.
    """

    def for_somebody(user: User | None) -> Callable[[], Awaitable[StartPage]]:
        name = user.name if user else ""
        return partial(asyncio.to_thread, _start_page, settings.database_url, name)

    def waiting(_user: User | None) -> Callable[[Spawner], dict[str, Any]]:
        return partial(_waiting, settings)

    def moment(_user: User | None) -> Callable[[datetime, str], str]:
        return partial(_moment, ZoneInfo(settings.timezone))

    return {
        **language.page_functions(settings.language),
        "moment": moment,
        "start_page": for_somebody,
        "waiting": waiting,
        "files_ahead": lambda _user: files_ahead,
        "openid": settings.signin.openid,
        "timetable_url": settings.web.service_address(BELL_SERVICE),
        "portal_url": settings.web.service_address(PORTAL_SERVICE),
    }


def _moment(zone: ZoneInfo, at: datetime, language: str) -> str:
    """A moment as the hub's database has it: UTC, and nothing says so."""
    local = at.replace(tzinfo=UTC).astimezone(zone)
    return format_datetime(local, "d MMM y, HH:mm", locale=language)


def _waiting(settings: Settings, spawner: Spawner) -> dict[str, Any]:
    look = the_line(settings).look((spawner.user.name, spawner.name))
    return news(look, settings.language)


def _start_page(database_url: str, name: str) -> StartPage:
    with _store(database_url).read() as session:
        return start_page(session, name)


@cache
def _store(url: str) -> Store:
    # Opened on first use: JupyterHub copies its configuration, and a connection cannot be copied.
    return open_store(url)
