"""One class, drawn anew where something changed, for all who look on at it.

Kept by `live`. It looks twice a second, in memory alone; the roster is read in a thread. What has
changed is drawn once for each language, however many look on, and stops with the last of them.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from technopark.language import Language
from technopark.people.class_list import ClassList
from technopark.portal.live.line_feed import LineFeed
from technopark.portal.live.seen import Seen, Summary, seen, summary
from technopark.portal.live.work import Work

log = logging.getLogger(__name__)

EVERY = 0.5
"""Seconds between two looks."""
ROSTER_EVERY = 10.0
"""Seconds between two looks at who is in the class."""
QUIET = 10.0
"""Seconds after which something is sent even if nothing happened, or nobody would notice that a
page was closed."""
FIRST_WORD = 1.5
"""Seconds that a page waits for the hub's first word: nobody is shown as away by mistake."""


class Draw(Protocol):
    """Makes what a browser shows."""

    def row(self, pupil: Seen, language: Language) -> str:
        """A pupil."""

    def summary(self, told: Summary, language: Language) -> str:
        """The line above them."""


@dataclass(frozen=True)
class Picture:
    """A class at one moment."""

    pupils: tuple[Seen, ...]
    summary: Summary

    @property
    def roster(self) -> str:
        """Changes with who is in the class: a page then loads itself anew."""
        names = "\n".join(f"{row.name} {row.full_name}" for row in self.pupils)
        return hashlib.sha256(names.encode()).hexdigest()[:12]


class Board:
    """One classroom, looked at by somebody."""

    def __init__(
        self,
        read: Callable[[], ClassList | None],
        feed: LineFeed,
        work: Work,
        stuck: float,
        draw: Draw,
    ) -> None:
        self._read, self._feed, self._work = read, feed, work
        self._stuck, self._draw = stuck, draw
        self._listeners: set[asyncio.Event] = set()
        self._drawn: dict[Language, dict[Seen, str]] = {}
        self._picture: Picture | None = None
        self._roster: ClassList | None = None
        self._read_at = 0.0
        self._keeper: asyncio.Task[None] | None = None

    async def look(self) -> Picture:
        """The class as it is now, for a page that does not keep itself up to date."""
        with self._feed.listening():
            await self._first_word()
            await self._read_roster()
            picture = self._look()
            if self._keeper:
                self._tell(picture)  # or the page would be told of an older roster, and load anew
            return picture

    async def follow(self, language: Language) -> AsyncGenerator[str, None]:
        """Server-sent events: at first all of the class, then what has changed."""
        news = asyncio.Event()
        self._listeners.add(news)
        if self._keeper is None:
            self._picture = None
            self._keeper = asyncio.create_task(self._keep())
        elif self._picture:
            news.set()
        told: Picture | None = None
        try:
            while True:
                try:
                    await asyncio.wait_for(news.wait(), QUIET)
                except TimeoutError:
                    yield ":\n\n"
                    continue
                news.clear()
                if self._picture and self._picture != told:
                    yield self._event(told, self._picture, language)
                    told = self._picture
        finally:
            self._listeners.discard(news)
            if not self._listeners and self._keeper:
                self._keeper.cancel()
                self._keeper = None

    async def _first_word(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._feed.heard.wait(), FIRST_WORD)

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        with self._feed.listening():
            await self._first_word()
            while True:
                try:
                    if self._roster is None or loop.time() - self._read_at > ROSTER_EVERY:
                        await self._read_roster()
                    self._tell(self._look())
                except Exception:
                    log.exception("A class's page is not up to date; the next look is soon")
                await asyncio.sleep(EVERY)

    async def _read_roster(self) -> None:
        self._roster = await asyncio.to_thread(self._read)
        self._read_at = asyncio.get_running_loop().time()

    def _look(self) -> Picture:
        roster = self._roster
        now, is_known = self._work.now, self._feed.is_known
        rows = []
        for pupil in roster.pupils if roster else ():
            name = (pupil.name, roster.classroom) if roster else ("", "")
            stands = self._feed.stands(name) if is_known else None
            rows.append(seen(pupil, stands, self._work.of(name), now, self._stuck))
        return Picture(tuple(rows), summary(rows, is_line_known=is_known))

    def _tell(self, picture: Picture) -> None:
        if picture == self._picture:
            return
        self._picture = picture
        pupils = set(picture.pupils)
        for language, rows in self._drawn.items():
            self._drawn[language] = {row: text for row, text in rows.items() if row in pupils}
        for news in self._listeners:
            news.set()

    def _event(self, told: Picture | None, now: Picture, language: Language) -> str:
        drawn = self._drawn.setdefault(language, {})
        known = set(told.pupils) if told else set()
        rows = {}
        for pupil in now.pupils:
            if pupil in known:
                continue
            if pupil not in drawn:
                drawn[pupil] = self._draw.row(pupil, language)
            rows[pupil.name] = drawn[pupil]
        line = self._draw.summary(now.summary, language)
        event = {"roster": now.roster, "summary": line, "rows": rows}
        return f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
