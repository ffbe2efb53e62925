"""Has a pupil's server tell the page of the class what the pupil works at.

The pupil it tells who else is here, and what a teacher has sent. Jupyter Server loads and starts
it. Without TECHNOPARK_PORTAL_URL, as outside a park, and in grading servers it does nothing.
"""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from technopark_server.live.at_work import AtWork
from technopark_server.live.company import Company
from technopark_server.live.mail import Mail
from technopark_server.live.news import News
from technopark_server.live.reporting import Reporter
from technopark_server.live.tasks import TaskFiles, Tasks
from technopark_server.live.watching import watched

URL = "TECHNOPARK_PORTAL_URL"
CLASSROOM = "TECHNOPARK_CLASSROOM"
TOKEN = "JUPYTERHUB_API_TOKEN"  # noqa: S105  # the variable's name
OWNER = "JUPYTERHUB_USER"

_KEPT = "technopark_live"
_CONNECTION = "kernel_websocket_connection_class"


class Telling:
    """Joins what is seen of kernels with what is told of the pupil."""

    def __init__(
        self, sessions: Any, root: Path, work: AtWork, reporter: Reporter, news: News
    ) -> None:
        self._sessions, self._files = sessions, TaskFiles(root)
        self.work, self.reporter, self.news = work, reporter, news
        self._open: dict[str, list[str]] = {}
        """Paths of open pages' notebooks, by kernel."""
        self._in_order = asyncio.Lock()
        """What happened first is told first, also where a file has to be read for it."""
        self.keeping: list[asyncio.Task[None]] = []

    async def opened(self, kernel: str) -> None:
        """A page is connected with a kernel."""
        async with self._in_order:
            if path := await self._notebook(kernel):
                self._open.setdefault(kernel, []).append(path)
                self.work.opened(path, await self._tasks(path))
                self.reporter.tell()

    async def closed(self, kernel: str) -> None:
        """A page is connected with it no more."""
        async with self._in_order:
            if paths := self._open.get(kernel):
                self.work.closed(paths.pop())
                self.reporter.tell()

    async def ran(self, kernel: str, cell: str, error: str) -> None:
        """A cell has run; the pupil may have given the notebook another name meanwhile."""
        async with self._in_order:
            if path := await self._notebook(kernel):
                tasks, pages = await self._tasks(path), self._open.get(kernel, [])
                for old in [one for one in pages if one != path]:
                    self.work.closed(old)
                    self.work.opened(path, tasks)
                self._open[kernel] = [path for _ in pages]
                self.work.ran(path, tasks, cell, error)
                self.reporter.tell()

    async def _tasks(self, path: str) -> Tasks:
        return await asyncio.to_thread(self._files.read, path)

    async def _notebook(self, kernel: str) -> str:
        """The path of the notebook that a kernel belongs to; empty: none."""
        try:
            session = await ensure_async(self._sessions.get_session(kernel_id=kernel))
        except web.HTTPError:
            return ""
        return str(session["path"]) if session.get("type") == "notebook" else ""


class HandHandler(APIHandler):
    """`technopark/hand`: whether the pupil's hand is up; for the panel in Lab."""

    @property
    def _telling(self) -> Telling:
        telling: Telling = self.settings[_KEPT]
        return telling

    @web.authenticated
    def get(self) -> None:
        """Whether it is up: `{"raised": true}`. A teacher may have lowered it."""
        self.finish(json.dumps({"raised": self._telling.work.is_hand_up}))

    @web.authenticated
    def post(self) -> None:
        """Raises it or lowers it: `{"raised": true}`."""
        asked = self.get_json_body()
        raised = asked.get("raised") if isinstance(asked, dict) else None
        if not isinstance(raised, bool):
            raise web.HTTPError(400, 'Send {"raised": true} or {"raised": false}.')
        telling = self._telling
        if raised:
            telling.work.raise_hand()
        else:
            telling.work.lower_hand()
        telling.reporter.tell()
        self.get()


class CompanyHandler(APIHandler):
    """`technopark/company`: who else is here; Lab asks when it opens, and is told of changes."""

    @web.authenticated
    def get(self) -> None:
        """Their names: `{"visitors": ["Анна Петровна"]}`."""
        telling: Telling = self.settings[_KEPT]
        self.finish(json.dumps({"visitors": telling.news.visitors}))


def _load_jupyter_server_extension(server: Any) -> None:
    names = (URL, CLASSROOM, TOKEN)
    is_pupils = os.environ.get("TECHNOPARK_ROLE", "pupil") == "pupil"
    if not is_pupils or not all(os.environ.get(name) for name in names):
        return
    url, classroom, token = (os.environ[name] for name in names)
    root, work, company = Path(server.root_dir), AtWork(), Company(os.environ.get(OWNER, ""))
    reporter = Reporter(url, classroom, token, work, company)
    news = News(company, Mail(root), work, reporter.tell, server.event_logger)
    telling = Telling(server.session_manager, root, work, reporter, news)
    settings = server.web_app.settings
    settings[_KEPT] = telling
    settings[_CONNECTION] = watched(settings[_CONNECTION], telling)
    hand, here = (url_path_join(server.base_url, "technopark", one) for one in ("hand", "company"))
    server.web_app.add_handlers(".*$", [(hand, HandHandler), (here, CompanyHandler)])


async def _start_jupyter_server_extension(server: Any) -> None:
    telling = server.web_app.settings.get(_KEPT)
    if telling is not None:
        settings = server.web_app.settings
        # Now, as JupyterHub puts its own function and hook there after all extensions are loaded.
        settings["log_function"] = telling.news.watched(settings.get("log_function"))
        settings["page_config_hook"] = _told_of_news(settings.get("page_config_hook"))
        keepers = (telling.reporter.keep(), telling.news.keep())
        telling.keeping = [asyncio.create_task(one) for one in keepers]


def _told_of_news(hook: Callable[[Any, Any], Any] | None) -> Callable[[Any, Any], Any]:
    """Lab's page hears that this server has news."""

    def told(handler: Any, config: Any) -> Any:
        config = hook(handler, config) if hook else config
        user = getattr(handler, "current_user", None)
        is_owner = getattr(user, "username", "") == os.environ.get(OWNER, "")
        language = os.environ.get("TECHNOPARK_LANGUAGE", "ru")
        config["technoparkNews"] = {"owner": is_owner, "language": language}
        return config

    return told
