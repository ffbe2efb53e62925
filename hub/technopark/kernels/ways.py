"""Which server may reach which leased kernel: all ways, kept in step with the engine's firewall.

Called by `tending` on threads; the engine sets all of them at once, so one change at a time.
"""

import threading
from collections.abc import Mapping

from technopark.engine.leased import LeaseEngine, Way


class Ways:
    """The ways that are open, by lease."""

    def __init__(self, engine: LeaseEngine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._ways: dict[str, Way] = {}

    def reset(self, ways: Mapping[str, Way]) -> None:
        """Opens these and closes all others. Raises EngineError."""
        with self._turn:
            self._become(dict(ways))

    def open(self, lease: str, way: Way) -> None:
        """Opens one more. Raises EngineError."""
        with self._turn:
            self._become(self._ways | {lease: way})

    def shut(self, lease: str) -> None:
        """Closes the lease's way, if it has one. Raises EngineError: it is open still."""
        with self._turn:
            if lease in self._ways:
                self._become({name: way for name, way in self._ways.items() if name != lease})

    def _become(self, ways: dict[str, Way]) -> None:
        self._engine.connect(list(ways.values()))
        self._ways = ways
