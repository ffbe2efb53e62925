"""Sandboxes that wait, ready, for the next submission, so that grading does not wait for starts.

Called by `tending` (which takes them) and by the broker (which has them tended) on threads. Known
to this process alone: the next broker ends what an earlier one left. No sandbox is used twice.
"""

import logging
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from technopark.engine.client import EngineError
from technopark.engine.leased import LeaseEngine, Node, Started
from technopark.kernels.orders import Kind, sandbox_order
from technopark.settings import Settings

log = logging.getLogger("technopark.kernels")


@dataclass(frozen=True)
class Box:
    """A sandbox that runs and that nobody has had."""

    name: str
    kind: Kind
    node: str
    started: Started


class Pool:
    """The waiting sandboxes, some of each kind that was asked for lately, on each node."""

    def __init__(self, engine: LeaseEngine, settings: Settings) -> None:
        self._engine, self._settings = engine, settings
        self._turn = threading.Lock()
        self._boxes: dict[str, Box] = {}
        self._wanted: dict[Kind, float] = {}
        self._names: set[str] = set()

    def want(self, kind: Kind, now: float) -> None:
        """Somebody asks for this kind, and so may others soon."""
        with self._turn:
            self._wanted[kind] = now

    def take(self, kind: Kind, node: str) -> Box | None:
        """A waiting sandbox, which is the taker's from now on; None: there is none."""
        with self._turn:
            for box in self._boxes.values():
                if (box.kind, box.node) == (kind, node):
                    return self._forget(box)
        return None

    def knows(self, name: str) -> bool:
        """Whether a container of this name waits, or is about to."""
        with self._turn:
            return name in self._names

    def drop(self, container: str) -> bool:
        """A container ended; whether it was one of these."""
        with self._turn:
            for box in self._boxes.values():
                if box.started.container == container:
                    self._forget(box)
                    return True
        return False

    def tend(self, nodes: Iterable[Node], now: float) -> None:
        """Starts what is missing and ends what nobody wants any more; one thread at a time."""
        keep = self._settings.leases.sandbox.keep_minutes * 60
        with self._turn:
            self._wanted = {kind: at for kind, at in self._wanted.items() if now - at < keep}
            ready = {node.name for node in nodes if node.is_ready}
            unwanted = [
                box
                for box in self._boxes.values()
                if box.kind not in self._wanted or box.node not in ready
            ]
            for box in unwanted:
                self._forget(box)
            wanted = list(self._wanted)
        try:
            for box in unwanted:
                self._engine.stop(box.started.container)
            for kind in wanted:
                for node in ready:
                    self._fill(kind, node)
        except EngineError as error:
            log.warning("sandboxes cannot be kept ready: %s", error)

    def _fill(self, kind: Kind, node: str) -> None:
        while self._lacks(kind, node):
            name = f"waiting-{uuid.uuid4().hex}"
            with self._turn:
                self._names.add(name)
            try:
                started = self._engine.start(sandbox_order(name, kind, node, self._settings))
            except EngineError:
                with self._turn:
                    self._names.discard(name)
                raise
            with self._turn:
                self._boxes[name] = Box(name, kind, node, started)

    def _lacks(self, kind: Kind, node: str) -> bool:
        with self._turn:
            mine = [box for box in self._boxes.values() if (box.kind, box.node) == (kind, node)]
        return len(mine) < self._settings.leases.sandbox.waiting

    def _forget(self, box: Box) -> Box:
        self._names.discard(box.name)
        return self._boxes.pop(box.name)
