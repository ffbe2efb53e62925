"""What the class's page is made of, in one place: the hub's line, pupils' work, the boards.

Made by `portal.app`, which puts it into the application's state.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
from fastapi import Request

from technopark.people.class_list import ClassList
from technopark.portal.live.board import Board, Draw
from technopark.portal.live.line_feed import LineFeed
from technopark.portal.live.work import Work
from technopark.services.identity import Identities

_HUB_SECONDS = 5.0
_TOKENS_GOOD_FOR = 900.0
"""Seconds. A report is shown to the teachers of its owner alone, so an old answer harms nobody."""


class Live:
    """The classes as they are now.

    Args:
        feed: what the hub tells.
        identities: whose token it is.
        work: what pupils' servers report.
        stuck_minutes: the same error for so long is being stuck.
    """

    def __init__(
        self, feed: LineFeed, identities: Identities, work: Work, stuck_minutes: float
    ) -> None:
        self.feed, self.identities, self.work = feed, identities, work
        self._stuck_seconds = stuck_minutes * 60
        self._boards: dict[str, Board] = {}

    def board(self, classroom: str, read: Callable[[], ClassList | None], draw: Draw) -> Board:
        """The board of a classroom, the same for all who look on.

        Args:
            classroom: its id.
            read: who is in it; called in a thread.
            draw: makes what a browser shows.
        """
        if classroom not in self._boards:
            board = Board(read, self.feed, self.work, self._stuck_seconds, draw)
            self._boards[classroom] = board
        return self._boards[classroom]


def live(request: Request) -> Live:
    """The application's."""
    found: Live = request.app.state.live
    return found


@asynccontextmanager
async def living(hub_api_url: str, token: str, stuck_minutes: float) -> AsyncIterator[Live]:
    """Within the block pupils' servers are heard, and the hub is asked while somebody looks on."""
    feed = LineFeed(hub_api_url, token)
    async with httpx.AsyncClient(timeout=_HUB_SECONDS, trust_env=False) as client:
        identities = Identities(hub_api_url, client, _TOKENS_GOOD_FOR)
        yield Live(feed, identities, Work(), stuck_minutes)
        await feed.close()
