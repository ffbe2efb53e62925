"""Whether the machine has memory for one more server, as measured now and then.

Held by `line`. Reads the machine and the servers' control groups, those in a thread; the rules are
in `memory`.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from technopark import capacity, host
from technopark.admission import memory
from technopark.engine.usage import memory_of
from technopark.host import Memory
from technopark.settings import Settings

SETTLED = 60.0
"""Seconds after which a server uses what its lesson uses, more or less."""
EVERY = 3.0
"""Seconds between two looks at all servers."""
_MEGABYTE = 1 << 20


class Server(Protocol):
    """What is looked at; see `line.Server`."""

    @property
    def ready(self) -> bool:
        """Whether it answers."""

    @property
    def container_id(self) -> str:
        """The engine's id of its container."""

    @property
    def is_in_use(self) -> bool:
        """Whether anybody has come to it since it started."""


class Room:
    """What is left of the machine's memory when all that started has grown."""

    def __init__(
        self,
        settings: Settings,
        look: Callable[[], Memory] = host.memory,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look, self._clock = look, clock
        self._keep_free = settings.admission.keep_free
        way = settings.servers.way
        self._otherwise = settings.admission.server_memory or capacity.server_memory("", way)
        self._least = min(self._otherwise, capacity.COSTS[way].memory)
        self._each = self._otherwise
        self._claimed = 0
        self._used_since: dict[str, float] = {}
        self._measured_at: float | None = None

    async def measure(self, servers: Mapping[tuple[str, str], Server]) -> None:
        """Looks at all servers, every few seconds."""
        now = self._clock()
        if self._measured_at is not None and now - self._measured_at < EVERY:
            return
        self._measured_at = now
        ready = [each for each in list(servers.values()) if each.ready]
        # A server that waits for its pupil says nothing of what the lesson will take.
        in_use = [each.container_id for each in ready if each.is_in_use]
        used = await asyncio.to_thread(memory_of, [each.container_id for each in ready])
        self._used_since = {one: self._used_since.get(one, now) for one in in_use}
        settled = {one for one, since in self._used_since.items() if now - since >= SETTLED}
        self._each = memory.expected(
            [used[one] for one in settled if one in used], self._otherwise, self._least
        )
        # A server on another machine cannot be looked at: this one's memory is not its own.
        self._claimed = memory.claims(list(used.values()), self._each)

    def add_one(self) -> None:
        """A server has started: what it may still use is set aside until the next look at all."""
        self._claimed += self._each

    def is_there(self, starting: int) -> bool:
        """Whether one server more has room beside those that run and the `starting` ones."""
        claimed = self._claimed + starting * self._each
        return memory.is_room(self._look(), claimed, self._each, self._keep_free)

    @property
    def is_hopeless(self) -> bool:
        """Whether there would be no room even if nothing else ran."""
        return memory.is_hopeless(self._look(), self._each, self._keep_free)

    def words(self) -> str:
        """What an admin is told when there is no room."""
        have, claimed, each, keep = (
            size // _MEGABYTE
            for size in (
                self._look().available,
                self._claimed,
                self._each,
                self._keep_free,
            )
        )
        return (
            f"{have} MB of memory are free, of which {claimed} MB are set aside for servers that "
            f"run and {keep} MB are kept free (admission.keep_free); a server takes {each} MB. "
            "End idle servers, or give the machine more memory."
        )
