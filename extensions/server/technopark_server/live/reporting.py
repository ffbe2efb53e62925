"""Tells the park's portal what the pupil works at: where it changed, every two seconds at most.

Run by `extension` on the server's event loop. A park that is away is asked again; nobody waits
for it and nothing is lost, as each report is the whole.
"""

import asyncio
import json
import logging
import random
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from technopark_server.live.at_work import AtWork
from technopark_server.live.company import Company

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two reports, at least."""
REPEAT = 60.0
"""Seconds after which the same is said once more: the portal may have been started anew."""
REPEAT_HAND = 4.0
"""The same while a hand is up: in the answer the server hears that a teacher was there."""
_CONNECT_SECONDS, _ANSWER_SECONDS = 3.0, 5.0
_TAKEN = 200
_NOT_UNDERSTOOD = (401, 403, 422)
_LONG = 300.0
"""Seconds until it is tried again where the portal does not want it."""


class Reporter:
    """Reports of one server.

    Args:
        url: of the portal.
        classroom: the server's.
        token: the server's own, given by the hub.
        work: what is told of.
        company: who hears from the park what visitors are called.
    """

    def __init__(
        self, url: str, classroom: str, token: str, work: AtWork, company: Company
    ) -> None:
        self._url = f"{url.rstrip('/')}/work/{quote(classroom, safe='')}"
        self._headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
        self._work, self._company = work, company
        self._news = asyncio.Event()

    def tell(self) -> None:
        """Something has changed, or may have."""
        self._news.set()

    async def keep(self) -> None:
        """Reports, as long as the server runs."""
        while True:
            told = self._work.report()
            try:
                arrived, pause = await self._say(told)
            except Exception:  # whatever it was, it is no reason to fall silent
                log.exception("What the pupil is at could not be told")
                arrived, pause = False, _LONG
            await asyncio.sleep(pause)
            if arrived:
                await self._until_news_of(told)

    async def _until_news_of(self, said: dict[str, Any]) -> None:
        """Returns when there is something else to say, or it is time to repeat this."""
        loop = asyncio.get_running_loop()
        # a class that opens its notebooks together does not repeat itself together
        spread = random.uniform(0.8, 1.0)  # noqa: S311  # no secret
        until = loop.time() + spread * (REPEAT_HAND if said.get("hand") else REPEAT)
        while self._work.report() == said and (left := until - loop.time()) > 0:
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), left)

    async def _say(self, told: dict[str, Any]) -> tuple[bool, float]:
        """Whether it arrived, and how many seconds to pause."""
        body = json.dumps(told | {"error_seconds": round(self._work.error_seconds, 1)})
        request = HTTPRequest(
            self._url,
            "PUT",
            headers=self._headers,
            body=body,
            connect_timeout=_CONNECT_SECONDS,
            request_timeout=_ANSWER_SECONDS,
        )
        try:
            answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:
            log.debug("The portal is away: %s", error)
            return False, EVERY
        if answer.code in _NOT_UNDERSTOOD:
            log.warning("The portal does not take what we tell: %s", answer.code)
            return False, _LONG
        if answer.code != _TAKEN:
            return False, EVERY
        heard = json.loads(answer.body)
        if told.get("hand") and not heard["hand"]:
            self._work.lower_hand()
        self._company.are_called(heard.get("names", {}))
        return True, EVERY
