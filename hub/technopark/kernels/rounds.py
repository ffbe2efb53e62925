"""The rounds of the broker: what ends is ended, what is free is granted, and it is seen to.

Called by `app` about once a second and by `broker` after each request, on worker threads. What is
known stands in the store: a broker that is killed goes on where it was.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy.orm import Session

from technopark.engine.client import EngineError
from technopark.engine.leased import LeaseEngine
from technopark.kernels import keeping, leases
from technopark.kernels.granting import FLAVOURS, Place, give
from technopark.kernels.leases import State
from technopark.kernels.tending import Tender
from technopark.people import changes
from technopark.settings import Settings
from technopark.store import Flavour, Lease, Store

log = logging.getLogger("technopark.kernels")

_NODES_EVERY = 5.0
_POOL_EVERY = 0.2
_SWEEP_EVERY = 30.0
_FORGET_EVERY = 3600.0
_AGAIN_AFTER = 2.0
"""Seconds."""

Spawn = Callable[[Callable[[], object]], object]
"""Runs something on a thread, soon."""


class Rounds:
    """Grants leases and keeps them.

    Args:
        settings: the park's.
        store: its database.
        engine: where leases run.
        spawn: runs on threads what waits for the engine.
        tell: called, from any thread, of each lease that changed.
        kick: called, from any thread, when there is something for `step` to do.
        now: the clock, in Unix seconds.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        engine: LeaseEngine,
        *,
        spawn: Spawn,
        tell: Callable[[str], None],
        kick: Callable[[], None],
        now: Callable[[], float],
    ) -> None:
        self._settings, self._store, self._engine = settings, store, engine
        self._spawn, self._tell, self._kick, self._now = spawn, tell, kick, now
        self._turn, self._stepping, self._noting = (threading.Lock() for _ in range(3))
        self.presence = keeping.Presence()
        self.tender = Tender(engine, settings, self.writing, now)
        self._places: dict[Flavour, dict[str, Place]] = {flavour: {} for flavour in FLAVOURS}
        self._people: int | None = None
        self._is_watching = self._has_adopted = False
        self._busy: set[str] = set()
        self._not_before: dict[str, float] = {}

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction; one at a time, so that each sees what the one before it decided."""
        with self._turn, self._store.write() as session:
            yield session

    def place(self, lease: Lease) -> Place:
        """How a lease stands in line."""
        line = self._places[lease.flavour]
        return line.get(lease.id, Place(None, len(line), None))

    def told(self, lease_id: str) -> None:
        """A request changed this lease."""
        self._tell(lease_id)
        self._kick()

    def step(self) -> None:
        """Ends what is due, grants what is free, and has it done. Never waits for the engine."""
        with self._stepping:
            if not self._has_adopted:
                self._once("adopt", self._adopt)
                return
            now = self._now()
            with self.writing() as session:
                changed = set(self._end_due(session, now))
                places: dict[Flavour, dict[str, Place]] = {}
                for flavour in FLAVOURS:
                    nodes, before = self.tender.nodes, self._places[flavour]
                    given = give(session, flavour, nodes, self._settings.leases, before, now)
                    places[flavour] = given.places
                    # Who is no longer in line was granted a place, or ended by a command.
                    changed.update(given.moved, before.keys() - given.places.keys(), given.granted)
                todo = [lease.id for lease in leases.holding(session) if _wants_tending(lease)]
            self._places = places
            for lease_id in changed:
                self._tell(lease_id)
            for lease_id in todo:
                self._once(lease_id, partial(self._tend, lease_id))
            self._once("nodes", self._look_at_nodes, every=_NODES_EVERY)
            self._once("pool", self._tend_pool, every=_POOL_EVERY)
            self._once("sweep", self._sweep, every=_SWEEP_EVERY)
            self._once("forget", self._forget, every=_FORGET_EVERY)

    def died(self, container: str) -> None:
        """A container ended; called by the engine, from a thread of its own."""
        self._spawn(partial(self._guarded, f"the end of {container:.12}", self._bury, container))

    def _end_due(self, session: Session, now: float) -> list[str]:
        people = changes.revision(session)
        rights_changed, self._people = people != self._people, people
        return keeping.end_due(
            session, self.presence, self._settings, now, rights_changed=rights_changed
        )

    def _once(self, name: str, job: Callable[[], object], every: float = 0) -> None:
        """Runs `job` on a thread, unless it runs already or is not due again."""
        with self._noting:
            if name in self._busy or self._not_before.get(name, 0.0) > self._now():
                return
            self._busy.add(name)
        self._spawn(partial(self._run, name, job, every))

    def _run(self, name: str, job: Callable[[], object], every: float) -> None:
        is_done = self._guarded(name, job)
        with self._noting:
            self._busy.discard(name)
            self._not_before.pop(name, None)
            if pause := every if is_done else _AGAIN_AFTER:
                self._not_before[name] = self._now() + pause
        if not every:
            self._kick()

    def _guarded(self, name: str, job: Callable[..., object], *arguments: object) -> bool:
        """Whether the job came to its end; what it raised is in the log."""
        try:
            job(*arguments)
        except EngineError as error:
            log.warning("%s: %s", name, error)
            return False
        except Exception:  # a mistake with one lease must not end the others
            log.exception("%s", name)
            return False
        return True

    def _adopt(self) -> None:
        if not self._is_watching:
            self._engine.watch(self.died)
            self._is_watching = True
        self.tender.look_at_nodes()
        self.tender.adopt()
        self._has_adopted = True

    def _tend(self, lease_id: str) -> None:
        try:
            self.tender.tend(lease_id)
        finally:
            self._tell(lease_id)

    def _bury(self, container: str) -> None:
        if lease_id := self.tender.bury(container):
            self.told(lease_id)

    def _look_at_nodes(self) -> None:
        before = self.tender.nodes
        self.tender.look_at_nodes()
        if self.tender.nodes != before:
            self._kick()

    def _tend_pool(self) -> None:
        self.tender.pool.tend(self.tender.nodes, self._now())

    def _sweep(self) -> None:
        for lease_id in self.tender.sweep():
            self.told(lease_id)

    def _forget(self) -> None:
        with self.writing() as session:
            leases.forget_old(session, self._now())


def _wants_tending(lease: Lease) -> bool:
    """Whether the container of a lease that holds a place is not as it is to be."""
    if lease.state == State.STOPPED:
        return bool(lease.container)
    return lease.state != State.RUNNING
