"""Tells the pupil's page in Lab who has come and gone, and what a teacher has sent.

Kept by `extension`. It goes by Jupyter Server's own events, for which every page of Lab has a
connection open anyway.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from technopark_server.live.at_work import AtWork
from technopark_server.live.company import Company
from technopark_server.live.mail import Mail

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two looks."""
SCHEMA_ID = "https://technopark/news"
SCHEMA = {
    "$id": SCHEMA_ID,
    "version": "1",
    "title": "News for the pupil",
    "description": "Who else is in this server, and files that a teacher has sent.",
    "personal-data": True,
    "type": "object",
    "required": ["visitors", "files"],
    "properties": {
        "visitors": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What those are called who are here beside the pupil.",
        },
        "files": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Paths of files that have just come.",
        },
    },
}


class News:
    """What the pupil's page is told.

    Args:
        company: who is here.
        mail: what was sent.
        work: what the park is told of.
        tell: has the park told soon.
        events: Jupyter Server's.
    """

    def __init__(
        self,
        company: Company,
        mail: Mail,
        work: AtWork,
        tell: Callable[[], None],
        events: Any,
    ) -> None:
        self._company, self._mail, self._work = company, mail, work
        self._tell, self._events = tell, events
        self.visitors: list[str] = []
        """What those are called who are here."""
        events.register_event_schema(SCHEMA)

    def watched(self, before: Callable[[Any], None] | None) -> Callable[[Any], None]:
        """A function that is called with every request that was answered."""

        def seen(handler: Any) -> None:
            self._company.met(handler)
            if before:
                before(handler)

        return seen

    async def keep(self) -> None:
        """Looks, as long as the server runs."""
        while True:
            try:
                self.look()
            except Exception:
                log.exception("The pupil could not be told who is here")
            await asyncio.sleep(EVERY)

    def look(self) -> None:
        """Tells where something has changed."""
        present = self._company.present()
        if present != self._work.visitors:
            self._work.visitors = present
            self._tell()
        shown, files = self._company.shown(), self._mail.new()
        if shown != self.visitors or files:
            self.visitors = shown
            self._events.emit(schema_id=SCHEMA_ID, data={"visitors": shown, "files": files})
