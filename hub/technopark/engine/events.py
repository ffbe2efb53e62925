"""Notices containers that die, within a moment and without asking for each one again and again.

Called by the spawner and by the engine of leases. Runs in a thread of its own; the spawner is
called back on its event loop.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress

from docker.errors import DockerException
from requests.exceptions import RequestException

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
        look_again: called on the event loop whenever the connection is new: deaths may have been
            missed.
    """

    def __init__(
        self,
        engine: Engine,
        label: str,
        tell: Callable[[str], None],
        look_again: Callable[[], None],
    ) -> None:
        loop = asyncio.get_running_loop()

        def on_loop(call: Callable[..., None], *arguments: str) -> None:
            with suppress(RuntimeError):  # the loop has just been closed: nobody wants to know
                loop.call_soon_threadsafe(call, *arguments)

        def tell_loop(_container: str, name: str) -> None:
            on_loop(tell, name)

        threading.Thread(
            target=follow_deaths,
            args=(engine, [label], tell_loop, loop.is_closed),
            kwargs={"catch_up": lambda: on_loop(look_again)},
            name="death-watch",
            daemon=True,
        ).start()


def follow_deaths(
    engine: Engine,
    labels: Sequence[str],
    tell: Callable[[str, str], None],
    is_over: Callable[[], bool],
    catch_up: Callable[[], None] = lambda: None,
) -> None:
    """Tells of each container that dies, until `is_over`; a lost connection is made again.

    Args:
        engine: where the engine listens.
        labels: `key` or `key=value`, which the containers carry, all of them.
        tell: called with the dead container's id and name; now and then twice for one death.
        is_over: asked at each death; after it nothing is told.
        catch_up: called whenever the connection is new: an engine that was started again tells
            nothing of what died with it.
    """
    since = int(time.time())
    while not is_over():
        asked = int(time.time())
        try:
            catch_up()
            with closing(open_engine(engine)) as client:
                filters = {"type": "container", "event": "die", "label": list(labels)}
                for event in client.events(since=since, decode=True, filters=filters):
                    if is_over():
                        return
                    actor = event["Actor"]
                    tell(actor["ID"], actor["Attributes"].get("name", ""))
        except (Problem, DockerException, RequestException) as error:
            log.warning("The engine's events are cut off: %s", error)
            time.sleep(_AGAIN_AFTER)
            continue
        since = asked
