"""Notices containers that die, within a moment and without asking for each one again and again.

Called by the spawner. Runs in a thread of its own; calls back on the event loop it was given.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

from docker.errors import DockerException
from requests.exceptions import RequestException, Timeout

from technopark.engine.client import open_engine
from technopark.problem import Problem
from technopark.settings import Engine

log = logging.getLogger(__name__)
_AGAIN_AFTER = 2.0


class DeathWatch:
    """Tells of every container of a park that dies.

    Args:
        engine: where the engine listens.
        label: `key=value` that the park's containers carry.
        tell: called on the event loop with the dead container's name.
    """

    def __init__(self, engine: Engine, label: str, tell: Callable[[str], None]) -> None:
        self._engine, self._label, self._tell = engine, label, tell
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._watch, name="death-watch", daemon=True).start()

    def _watch(self) -> None:
        since = int(time.time())
        while not self._loop.is_closed():
            asked = int(time.time())
            try:
                self._listen(since)
            except Timeout:
                pass  # nothing died for as long as one call may take
            except (Problem, DockerException, RequestException) as error:
                log.warning("The engine's events are cut off: %s", error)
                time.sleep(_AGAIN_AFTER)
                continue
            since = asked

    def _listen(self, since: int) -> None:
        """Tells of deaths from the Unix time `since` on, until the connection ends."""
        filters = {"type": "container", "event": "die", "label": self._label}
        for event in open_engine(self._engine).events(since=since, decode=True, filters=filters):
            name = event["Actor"]["Attributes"].get("name", "")
            self._loop.call_soon_threadsafe(self._tell, name)
