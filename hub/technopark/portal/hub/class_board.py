"""Where a class stands, worked out once a second for all who look on at it.

Called by `class_page`. It reads the roster in a thread, and stops with its last listener.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from typing import ClassVar

from technopark.admission.looks import Look, State
from technopark.people.class_list import ClassList

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks at where everybody stands."""
ROSTER_EVERY = 10.0
"""Seconds between two looks at who is in the class."""
QUIET = 10.0
"""Seconds after which something is sent even if nothing happened, or nobody would notice that a
page was closed."""

LookAt = Callable[[tuple[str, str]], Look]


class Board:
    """One classroom, looked at by somebody."""

    _boards: ClassVar[dict[str, "Board"]] = {}

    def __init__(
        self, classroom: str, read: Callable[[str], ClassList | None], look: LookAt
    ) -> None:
        self._classroom, self._read, self._look = classroom, read, look
        self._listeners: set[asyncio.Event] = set()
        self._event = ""
        self._work: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, classroom: str, read: Callable[[str], ClassList | None], look: LookAt) -> "Board":
        """The board of a classroom, the same for all who look on.

        Args:
            classroom: its id.
            read: who is in it; called in a thread.
            look: where a server stands.
        """
        return cls._boards.setdefault(classroom, cls(classroom, read, look))

    async def follow(self) -> AsyncIterator[str]:
        """Server-sent events, the first one at once; a comment where nothing happens for long."""
        news = asyncio.Event()
        self._listeners.add(news)
        if self._work is None:
            self._work = asyncio.create_task(self._keep())
        elif self._event:
            news.set()
        try:
            while True:
                try:
                    await asyncio.wait_for(news.wait(), QUIET)
                except TimeoutError:
                    yield ":\n\n"
                    continue
                news.clear()
                yield self._event
        finally:
            self._listeners.discard(news)
            if not self._listeners and self._work:
                self._work.cancel()
                self._work = None
                self._boards.pop(self._classroom, None)

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        roster, read_at = None, 0.0
        while True:
            try:
                if roster is None or loop.time() - read_at > ROSTER_EVERY:
                    roster, read_at = (
                        await asyncio.to_thread(self._read, self._classroom),
                        loop.time(),
                    )
                self._tell(event(roster, self._look))
            except Exception:
                log.exception("The board of %s is not up to date", self._classroom)
            await asyncio.sleep(EVERY)

    def _tell(self, event: str) -> None:
        if event != self._event:
            self._event = event
            for news in self._listeners:
                news.set()


def event(roster: ClassList | None, look: LookAt) -> str:
    """Where everybody of the class stands, as a server-sent event."""
    pupils = roster.pupils if roster else ()
    looks = {pupil.name: look((pupil.name, roster.classroom)) for pupil in pupils if roster}
    told = {
        "ready": sum(one.state is State.READY for one in looks.values()),
        "pupils": {name: [one.state.value, one.place] for name, one in looks.items()},
    }
    return f"data: {json.dumps(told)}\n\n"
