"""How a class fills up: a page for its teachers, and the events that keep it up to date.

Named to JupyterHub by `hub_pages.handlers`. Whoever may see the class is asked of `people`, at the
start and again and again; where servers stand is asked of the line. Nothing is changed, but that
somebody opened the list is noted in the log.
"""

import asyncio
from collections.abc import Callable

from jupyterhub.handlers import BaseHandler
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, authenticated

from technopark.admission.line import the_line
from technopark.people import audit
from technopark.people.audit import Did
from technopark.people.class_list import ClassList, class_list, may_see_class
from technopark.portal.hub.class_board import Board
from technopark.settings import Settings
from technopark.store import Store

ASK_AGAIN = 15.0
"""Seconds after which it is asked again whether somebody may still look on."""


class _OfAClass(BaseHandler):
    def initialize(self, park: Settings, store: Callable[[], Store]) -> None:
        """Tornado hands over what the route names."""
        self._park, self._store = park, store

    async def _class_list(self, classroom: str) -> ClassList:
        """The class, if the one who asks may see it.

        Raises:
            HTTPError: 404 also where there is such a class, as it is nobody's business.
        """
        found = await asyncio.to_thread(self._find, self.current_user.name, classroom)
        if found is None:
            raise HTTPError(404)
        return found

    def _find(self, who: str, classroom: str) -> ClassList | None:
        with self._store().read() as session:
            may = may_see_class(session, who, classroom)
            return class_list(session, classroom) if may else None


class ClassPage(_OfAClass):
    """`class/data-6a`: the list, as it is now; a script keeps it so."""

    @authenticated
    async def get(self, classroom: str) -> None:
        """The page."""
        found = await self._class_list(classroom)
        await asyncio.to_thread(self._note, self.current_user.name, classroom)
        look = the_line(self._park).look
        rows = [(pupil, look((pupil.name, classroom))) for pupil in found.pupils]
        self.finish(
            await self.render_template(
                "class.html", classroom=found, rows=rows, user=self.current_user
            )
        )

    def _note(self, who: str, classroom: str) -> None:
        audit.note_seen(self._store(), who, Did.LIST_SEEN, classroom=classroom)


class ClassEvents(_OfAClass):
    """`class/data-6a/events`: where everybody stands, whenever that changes."""

    @authenticated
    async def get(self, classroom: str) -> None:
        """Server-sent events, until the page is closed or the right to look on is gone."""
        await self._class_list(classroom)
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        board = Board.of(classroom, self._list_of, the_line(self._park).look)
        loop = asyncio.get_running_loop()
        asked = loop.time()
        try:
            async for event in board.follow():
                self.write(event)
                await self.flush()
                if loop.time() - asked > ASK_AGAIN:
                    await self._class_list(classroom)
                    asked = loop.time()
        except (StreamClosedError, HTTPError):
            return

    def _list_of(self, classroom: str) -> ClassList | None:
        with self._store().read() as session:
            return class_list(session, classroom)
