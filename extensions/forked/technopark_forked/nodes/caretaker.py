"""Keeps this node's parent of servers, and has servers forked into the containers that wait.

Run by a global service of the Swarm (`technopark.engine.caretakers`), on each node once. Who waits
is said by the node's engine alone; nobody can ask a caretaker for anything.
"""

import http.client
import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from technopark_forked.nodes.engine import Engine, EngineRefusedError
from technopark_forked.nodes.orders import Orders, read
from technopark_forked.nodes.parent import NotForkedError, ensure_parent, fork, remove_parent

AT_A_TIME = 8
"""Containers that are served at a time."""
_AGAIN_AFTER = 1.0
_LATE = 2.0
"""Seconds after which a container may have helped itself."""
_IDLE = {"sh", "sleep"}
"""What runs in a container that waits."""
_ALONE = "SIGURG"
"""Tells a container's process 1 that nobody will fork a server into it. Whoever does not know what
it means, such as a server that has begun meanwhile, does not notice it."""
_FAILURES = (EngineRefusedError, NotForkedError, OSError, ValueError, http.client.HTTPException)


class _AskedToEnd(BaseException):
    """The service is gone, or a newer one takes this one's place."""


class Caretaker:
    """Of one node.

    Args:
        orders: what to do.
        engine: the node's.
    """

    def __init__(self, orders: Orders, engine: Engine) -> None:
        self._orders, self._engine = orders, engine
        self._served: set[str] = set()
        """Containers, by their ids, while they run."""
        self._threads = ThreadPoolExecutor(AT_A_TIME)

    def run(self) -> None:
        """Works until the engine is gone.

        Raises:
            OSError, http.client.HTTPException, EngineRefusedError, NotForkedError
        """
        ensure_parent(self._engine, self._orders)
        for event in self._engine.events(self._orders.park, ("start", "die", "destroy")):
            if event is None:
                self._catch_up()
            else:
                self._take(event)

    def end(self) -> None:
        """Removes the parent."""
        remove_parent(self._engine, self._orders)

    def _catch_up(self) -> None:
        """Serves whoever began to wait while nobody looked."""
        for found in self._engine.containers(self._orders.park, self._orders.waiting):
            self._serve(found["Id"], found["Labels"][self._orders.waiting], found["Created"])

    def _take(self, event: dict[str, Any]) -> None:
        action, container = event["Action"], event["Actor"]["ID"]
        labels = event["Actor"]["Attributes"]
        if action == "start" and self._orders.waiting in labels:
            self._serve(container, labels[self._orders.waiting], event["time"])
        elif action == "die":
            self._served.discard(container)
        elif action == "destroy" and self._orders.parent_label in labels:
            ensure_parent(self._engine, self._orders)  # one that only ended is started again

    def _serve(self, container: str, wanted: str, since: float) -> None:
        if container not in self._served:
            self._served.add(container)
            self._threads.submit(self._fork, container, wanted, since)

    def _fork(self, container: str, wanted: str, since: float) -> None:
        """Forks all that a container waits for; the first of it is its server."""
        is_served = False
        try:
            if time.time() - since > _LATE and not self._waits(container):
                return
            pid = self._engine.ask("GET", f"/containers/{container}/json")["State"]["Pid"]
            for program, arguments in json.loads(wanted).items():
                fork(self._orders, container, pid, program, arguments)
                is_served = True
        except _FAILURES as error:
            print(f"{container[:12]}: {error}", flush=True)
            if not is_served:
                self._leave_alone(container)

    def _leave_alone(self, container: str) -> None:
        with suppress(*_FAILURES):
            self._engine.ask("POST", f"/containers/{container}/kill", signal=_ALONE)

    def _waits(self, container: str) -> bool:
        try:
            told = self._engine.ask("GET", f"/containers/{container}/top", ps_args="-eo pid,comm")
        except EngineRefusedError:
            return True  # it has just ended, or the node has no `ps`: a fork does no harm
        return {name for _, name in told["Processes"]} <= _IDLE


def main() -> None:
    """Works until it is told to end; removes the parent then, and leaves it where it fails."""
    orders = read(sys.argv[1])
    signal.signal(signal.SIGTERM, _end)
    caretaker: Caretaker | None = None
    try:
        while True:
            try:
                caretaker = caretaker or Caretaker(orders, Engine(orders.engine))
                caretaker.run()
            except _FAILURES as error:
                print(f"Again in a moment: {error}", flush=True)
                time.sleep(_AGAIN_AFTER)
    except _AskedToEnd:
        if caretaker:
            caretaker.end()
    os._exit(0)  # a thread that still asks is nobody's any more


def _end(*_: Any) -> None:
    raise _AskedToEnd


if __name__ == "__main__":
    main()
