"""Servers whose containers end: told by the engine's events, so that nobody need ask for each.

Called by `in_line`. There is one watch for the whole hub; it is kept here with what it watches.
"""

import asyncio
import weakref
from typing import Any, Protocol

from technopark.engine.events import DeathWatch
from technopark.engine.networks import PARK_LABEL
from technopark.settings import Settings


class Watched(Protocol):
    """What is told of the end of its container."""

    death: asyncio.Event
    """Set when a container of this name has ended."""

    @property
    def pending(self) -> str | None:
        """What is being done with it: a start, a stop."""

    async def poll_and_notify(self) -> object:
        """Looks whether it runs, and tells the hub where it does not."""


_running: weakref.WeakValueDictionary[str, Watched] = weakref.WeakValueDictionary()
"""By the name of the container."""
_notices: set[asyncio.Future[Any]] = set()
"""Notices under way; the event loop alone would not keep them."""
_watch: DeathWatch | None = None


def expect(container: str, server: Watched) -> None:
    """From now on `server` is told when the container called so has ended."""
    _running[container] = server


def watch_over(container: str, server: Watched, settings: Settings) -> None:
    """As `expect`; and follows the engine's events, from the first call on."""
    global _watch
    expect(container, server)
    if _watch is None:
        label = f"{PARK_LABEL}={settings.network.name}"
        _watch = DeathWatch(settings.engine, label, someone_died, _look_at_all)


def someone_died(container: str) -> None:
    """Tells the server whose container has ended."""
    server = _running.get(container)
    if server is None:
        return
    server.death.set()
    _look_at(server)


def keep(task: asyncio.Future[Any]) -> None:
    """Keeps a task that nobody waits for until it is done."""
    _notices.add(task)
    task.add_done_callback(_notices.discard)


def _look_at_all() -> None:
    for server in list(_running.values()):
        _look_at(server)


def _look_at(server: Watched) -> None:
    if not server.pending:  # a stop or start that goes on knows better
        keep(asyncio.ensure_future(server.poll_and_notify()))
