"""A server's start in its turn: the line before it, its time-out, its end when nobody waits.

Rests on `container`; `classroom` says what is started. Time-outs count from the container's start.
"""

import asyncio
import time
from abc import abstractmethod
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Any

from jupyterhub.apihandlers.base import APIHandler
from jupyterhub.handlers.pages import SpawnHandler
from jupyterhub.spawner import SpawnException
from jupyterhub.utils import utcnow
from traitlets import default

from technopark.admission.answer import until_it_answers
from technopark.admission.line import Line, the_line
from technopark.admission.order import Start
from technopark.admission.turns import NoRoomError
from technopark.admission.words import news
from technopark.spawner import deaths
from technopark.spawner.container import ContainerSpawner

_SETTLES = timedelta(seconds=5)
"""A server that has just started counts itself as active for so long."""


class LineSpawner(ContainerSpawner):
    """A server that stands in line before it starts."""

    user_options: dict[str, Any]
    """What the start was asked for with; JupyterHub keeps it for the next one."""
    death: asyncio.Event
    """Set when a container of this name has ended."""
    _idle_since: datetime | None = None
    """When a warm start was over, by JupyterHub's clock (UTC, without zone); None: of others."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.death = asyncio.Event()

    @abstractmethod
    async def prepare(self) -> str:
        """Finds out what the server is for; answers the site that it counts for in line."""

    @abstractmethod
    def refusal(self, text: str, reason: str, status: int, told: str) -> SpawnException:
        """Why the server does not start: `text` for the person, `told` for the admin."""

    @property
    def line(self) -> Line:
        """The line before every start, the same for all servers."""
        return the_line(self.settings)

    async def options_from_query(self, _options: object) -> dict[str, Any]:
        """Nothing in a server may be chosen by the address that opens it."""
        return {}

    @default("options_from_form")
    def _options_from_form(self) -> Any:
        def nothing(_form: object) -> dict[str, Any]:
            return {}

        return nothing

    @default("apply_user_options")
    def _apply_user_options(self) -> Any:
        def nothing(_spawner: object, _options: object) -> None:
            """`start` reads them: what they say depends on who asks."""

        return nothing

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Where this start stands, again and again; whoever reads it is waiting in person."""
        async with aclosing(self.line.watch(self._in_line)) as looks:
            async for look in looks:
                yield news(look, self.settings.language)

    async def start(self) -> tuple[str, int]:
        """Waits for its turn, starts the container and waits until the server answers.

        Returns:
            Its address.

        Raises:
            SpawnException: the person is neither pupil nor teacher of the classroom, the machine
                has no memory for the server, or the server did not answer in time.
        """
        asked_at, is_warm = time.monotonic(), self._take_warm()
        self.line.know(self._in_line, self)
        site = await self.prepare()
        wish = Start(self.user.name, self.name, site, asked_at, is_warm)
        has_page = isinstance(self.handler, SpawnHandler)
        try:
            async with self.line.turn(wish, self._leave_line if has_page else None):
                address = await self._start_in_time()
                self._idle_since = utcnow(with_tz=False) if is_warm else None
                return address
        except NoRoomError as error:
            text = (
                "The park's machine has too little memory for your computer. Tell your teacher: "
                "only the park's admin can help. Everything you saved is there."
                if error.is_hopeless
                else "All computers of the park are busy, and there is no memory left for one "
                "more. Tell your teacher and try again in a few minutes. Everything you saved is "
                "there."
            )
            raise self.refusal(text, "memory", 503, str(error)) from None

    async def _start_in_time(self) -> tuple[str, int]:
        """Starts the server within `servers.start_timeout`, which begins only now."""
        seconds = self.settings.servers.start_timeout
        self.death.clear()
        deaths.expect(self.object_name, self)
        try:
            async with asyncio.timeout(seconds):
                ip, port = await self.start_container()
                self._watch_over()
                answer = until_it_answers(ip, port, f"{self.server.base_url}api", seconds)
                await self._unless_it_dies(answer)
                await self.fork_kernels()
        except TimeoutError:
            text = (
                "Your computer did not switch on in time. Try again. If it does not help, tell "
                "your teacher."
            )
            told = f"{self._log_name} did not answer within {seconds:g} s"
            raise self.refusal(text, "timeout", 504, told) from None
        return ip, port

    async def _unless_it_dies(self, answer: Coroutine[Any, Any, None]) -> None:
        """Waits for `answer`, or less long: until the container has ended.

        Raises:
            SpawnException: it has.
        """
        waits = asyncio.ensure_future(answer)
        ends = asyncio.ensure_future(self._end())
        try:
            await asyncio.wait({waits, ends}, return_when=asyncio.FIRST_COMPLETED)
            if not waits.done():
                told = f"{self._log_name} ended as it started: {ends.result()}"
                text = "Your computer in the park did not start."
                raise self.refusal(text, "died", 500, told)
            waits.result()
        finally:
            waits.cancel()
            ends.cancel()

    async def _end(self) -> int | str:
        """How the container ended, once it has."""
        while True:
            await self.death.wait()
            self.death.clear()  # perhaps an older container of this name was meant
            status = await self.poll()
            if status is not None:
                return status

    def _take_warm(self) -> bool:
        """Whether this start is to be ready before the lesson, with nobody waiting for it.

        Only the API may say so, and each time anew: what JupyterHub remembers is forgotten.
        """
        said = self.user_options.get("warm") is True and isinstance(self.handler, APIHandler)
        if self.user_options:
            self.user_options, self.orm_spawner.user_options = {}, {}
            self.db.commit()
        return said

    @property
    def is_in_use(self) -> bool:
        """Whether anybody has come to it: a server that was warmed up is idle until then."""
        if self._idle_since is None:
            return True
        seen: datetime | None = self.user.last_activity
        return seen is not None and seen > self._idle_since + _SETTLES

    def _leave_line(self) -> None:
        """Ends a start that still waits, as if it had never been asked for."""
        future = self._spawn_future
        if future is None:
            return
        self._stop_pending = True  # or it would count as ready until it is stopped
        future.cancel()

        async def clear_up() -> None:
            await asyncio.wait([future])
            await self.user.stop(self.name)

        deaths.keep(asyncio.ensure_future(clear_up()))

    @property
    def _in_line(self) -> tuple[str, str]:
        return self.user.name, self.name

    async def poll(self) -> int | str | None:
        """None while the container runs; a hub that was restarted watches over it again."""
        status: int | str | None = await super().poll()
        if status is None:
            self._watch_over()
        return status

    def _watch_over(self) -> None:
        self.line.know(self._in_line, self)
        deaths.watch_over(self.object_name, self, self.settings)
