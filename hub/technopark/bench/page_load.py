"""What a browser fetched for a page, and PCs that fetch the same at the same pace.

Called by the bench `page`: one machine has the cores for one browser, not for a class. A recorded
load is fetched anew as it was: each request after the answer that it came after, and after as much
thought as the browser took in between (as Epload does: Wang et al., "How speedy is SPDY?", NSDI
2014). So a PC that only fetches waits for its own line, and thinks like a real one.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from technopark.bench.pupil import Pupil, PupilError, Seat

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Request

CONNECTIONS = 6
"""A browser opens so many to one host at a time (HTTP/1.1)."""
_WRONG = 400


@dataclass(frozen=True)
class Seen:
    """One request of a browser, and when it was."""

    url: str
    status: int
    began: float
    """Unix seconds."""
    ended: float
    is_page: bool = False
    """Whether the browser went there, or was sent; else it is something that a page is made of."""


@dataclass(frozen=True)
class Fetch:
    """One request of a load, bound to what it came after."""

    url: str
    status: int
    after: int | None
    """The place in the load of the answer that it waited for; None: it was among the first."""
    thought: float
    """Seconds that the browser took between that answer and this request."""


@dataclass(frozen=True)
class Load:
    """All that one pupil's page fetched until its first cell had a result, in order."""

    seat: Seat
    fetches: tuple[Fetch, ...]
    ahead: tuple[Fetch, ...] = ()
    """What the pages before it fetched: what they are made of, and what this one will need."""


@dataclass
class Recording:
    """What a PC has fetched since the recording began."""

    seen: list[Seen] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def load(self, seat: Seat, until: float) -> Load:
        """The load of the page of `seat`, whose first cell had its result at `until`.

        Of the sign-in only the files are in it: signing in every PC does for itself.
        """
        got = sorted((one for one in self.seen if one.began < until), key=lambda one: one.began)
        page = max((at for at, one in enumerate(got) if "/lab/tree/" in one.url), default=0)
        ahead = [
            Fetch(one.url, one.status, None, one.began - got[0].began)
            for one in got[:page]
            if not one.is_page
        ]
        return Load(seat, tuple(in_order(got[page:])), tuple(ahead))


@contextmanager
def recording(pc: "BrowserContext") -> "Iterator[Recording]":
    """Notes what the PC fetches (GET, not from its own cache) while the block runs."""
    found = Recording()

    def answered(request: "Request") -> None:
        timing = request.timing
        is_from_cache = timing["responseStart"] < 0 or timing["responseEnd"] < 0
        if request.method == "GET" and request.url.startswith("http") and not is_from_cache:
            began = timing["startTime"] / 1000
            ended = began + timing["responseEnd"] / 1000
            status = found.statuses.get(id(request), 200)
            is_page = request.is_navigation_request()
            found.seen.append(Seen(request.url, status, began, ended, is_page))

    pc.on("response", lambda answer: found.statuses.update({id(answer.request): answer.status}))
    pc.on("requestfinished", answered)
    yield found
    pc.remove_listener("requestfinished", answered)


def in_order(seen: Sequence[Seen]) -> Iterator[Fetch]:
    """Binds each request to the last answer that was there when it began.

    Args:
        seen: in the order in which they began.
    """
    for one in seen:
        earlier = [
            (each.ended, place) for place, each in enumerate(seen) if each.ended <= one.began
        ]
        ended, after = max(earlier, default=(one.began, None))
        yield Fetch(one.url, one.status, after, one.began - ended)


async def fetch_alike(pupil: Pupil, load: Load, slower: float) -> None:
    """Signs in, and fetches for `pupil` what `load` fetched for another.

    Args:
        pupil: with a server that runs, and `CONNECTIONS` to each host.
        load: what was recorded.
        slower: how many times longer this PC thinks than the one of the recording.

    Raises:
        PupilError: what was there for the other is not there for this one.
    """
    ends = [asyncio.Event() for _ in load.fetches]

    async def fetch(one: Fetch, *, is_page: bool = False) -> None:
        if one.after is not None:
            await ends[one.after].wait()
        await asyncio.sleep(one.thought * slower)
        url = alike(one.url, load.seat, pupil.seat)
        status = await pupil.fetch(url, is_page=is_page)
        if status >= _WRONG > one.status:
            raise PupilError(f"{one.url} answered {status} instead of {one.status}")

    async def fetch_for_page(number: int, one: Fetch) -> None:
        await fetch(one, is_page=number == 0)
        if number == 0:  # its scripts are among what was fetched ahead
            await asyncio.gather(*ahead)
        ends[number].set()

    async with asyncio.TaskGroup() as screen:
        ahead = [screen.create_task(fetch(one)) for one in load.ahead]
        await pupil.sign_in()
        for number, one in enumerate(load.fetches):
            screen.create_task(fetch_for_page(number, one))


def alike(url: str, theirs: Seat, ours: Seat) -> str:
    """The address that is to `ours` what `url` is to `theirs`."""
    for old, new in ((theirs.name, ours.name), (theirs.classroom, ours.classroom)):
        url = url.replace(old, new) if old else url
    return url
