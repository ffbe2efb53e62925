"""Brings the containers of leases in line with the store: starts, ends, notices what died.

Called by the broker on threads, for one lease one thread at a time. A place is free only when the
engine has said that the container in it is gone; what fails is tried again.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.engine.client import EngineError
from technopark.engine.leased import Found, LeaseEngine, Node, Order, Started, Way
from technopark.kernels import bookkeeping, leases, orders
from technopark.kernels.asking import lesson_of
from technopark.kernels.leases import Reason, State
from technopark.kernels.pool import Pool
from technopark.kernels.ways import Ways
from technopark.settings import Settings
from technopark.store import Lease

log = logging.getLogger("technopark.kernels")

Writing = Callable[[], AbstractContextManager[Session]]

UNKNOWN_EXIT = 137
"""What a container is said to have ended with where the engine cannot tell: as if killed."""
_DEAD_REMEMBERED = 1000


@dataclass(frozen=True)
class _Launch:
    """What is to be started for a lease."""

    order: Order
    kind: orders.Kind
    server: str
    """The container of the holder's server."""


class Tender:
    """The hands of the broker: all that it does with the engine, but for streams and signals."""

    def __init__(
        self, engine: LeaseEngine, settings: Settings, writing: Writing, now: Callable[[], float]
    ) -> None:
        self._engine, self._settings = engine, settings
        self._writing, self._now = writing, now
        self.pool = Pool(engine, settings)
        self.nodes: list[Node] = []
        """As the engine told last."""
        self._ways = Ways(engine)
        self._dead: dict[str, None] = {}
        """Containers that ended and are nobody's (yet), in that order."""
        self._strangers: set[str] = set()

    def look_at_nodes(self) -> None:
        """Asks the engine which nodes there are. Raises EngineError."""
        self.nodes = self._engine.nodes()

    def tend(self, lease_id: str) -> None:
        """Does all that is to be done now for a lease.

        Raises:
            EngineError: something is left to do, later.
        """
        while self._step(lease_id):
            pass

    def bury(self, container: str) -> str | None:
        """A container ended: its lease is told. The lease's id; None: it is nobody's."""
        if self.pool.drop(container):
            self._engine.stop(container)
            return None
        with self._writing() as session:
            lease = _of_container(session, container)
            if lease is None:
                self._remember(container)
                return None
            if lease.state != State.RUNNING:
                return None  # it was to end
        exit_code, ready = self._how_it_ended(container)
        with self._writing() as session:
            lease = _of_container(session, container)
            if lease is None:
                return None
            self._died(lease, exit_code, is_lost=ready is not None and lease.node not in ready)
            return lease.id

    def sweep(self) -> list[str]:
        """Finds deaths that nobody told of, and ends containers that are nobody's.

        Returns:
            The leases whose containers died.

        Raises:
            EngineError: the engine does not answer.
        """
        with self._writing() as session:  # before the engine is asked: later starts are not there
            running = {lease.id: lease.container for lease in leases.active(session, State.RUNNING)}
        found = {one.container: one for one in self._engine.found()}
        dead = [name for name, box in running.items() if not _runs(found.get(box))]
        for lease in dead:
            self.bury(running[lease])
        with self._writing() as session:
            known = {lease.box for lease in leases.holding(session)}
        strangers = {
            one.container
            for one in found.values()
            if one.name not in known and not self.pool.knows(one.name)
        }
        # Twice in a row: a sandbox that is just being handed over is nobody's for a moment.
        for container in strangers & self._strangers:
            self._engine.stop(container)
        self._strangers = strangers
        return dead

    def adopt(self) -> None:
        """At the broker's start: takes over what runs, ends what nobody knows.

        Raises:
            EngineError: the engine does not answer; to be called again.
        """
        found = {one.name: one for one in self._engine.found()}
        with self._writing() as session:
            holding = leases.holding(session)
            for lease in holding:
                self._adopt(lease, found.get(lease.box))
            known = {lease.box for lease in holding}
            ways = {
                lease.id: Way(lease.server_address, lease.address, lease.first_port)
                for lease in holding
                if lease.state == State.RUNNING and lease.server_address and lease.address
            }
        for name in found.keys() - known:
            self._engine.stop(found[name].container)
        self._ways.reset(ways)
        log.info("%d leases hold a place; %d containers were nobody's", *_sizes(found, known))

    def _adopt(self, lease: Lease, found: Found | None) -> None:
        now = self._now()
        if lease.flavour == "sandbox":
            # What its stream had in it went with the broker before this one.
            lease.container = found.container if found else ""
            leases.end(lease, Reason.FAILED, now)
        elif lease.state == State.RUNNING:
            if not (found and found.is_running and found.container == lease.container):
                self._died(lease, _exit_code(found.exit_code if found else None), is_lost=False)
            return
        else:
            lease.container = found.container if found else ""
            if lease.state == State.STOPPED:
                lease.held_until = leases.utc(now + self._settings.leases.gpu.hold_seconds)

    def _step(self, lease_id: str) -> bool:
        """One thing that is to be done; whether there was one."""
        launch = None
        with self._writing() as session:
            lease = leases.find(session, lease_id)
            if lease is None or not lease.holds:
                return False
            state, container = lease.state, lease.container
            if state == State.ENDED and not container:
                bookkeeping.charge(session, lease, self._now(), self._settings.leases)
                leases.free(lease)
                return False
            if state == State.STARTING and not container:
                launch = self._launch(session, lease)
        if launch:
            self._start(lease_id, launch)
        elif container and state != State.RUNNING:
            self._remove(lease_id, container)
        else:
            return state == State.STARTING
        return True

    def _launch(self, session: Session, lease: Lease) -> _Launch | None:
        """What to start; None: nothing can be, and the lease has ended."""
        lesson = lesson_of(session, lease, self._settings)
        if lesson is None:
            leases.end(lease, Reason.RIGHTS, self._now())
            return None
        kind = orders.kind_of(lesson, self._settings)
        if lease.flavour == "sandbox":
            order = orders.sandbox_order(lease.box, kind, lease.node, self._settings)
            return _Launch(order, kind, "")
        try:
            order = orders.gpu_order(lease, lesson, self.nodes, self._settings)
        except LookupError:
            leases.end(lease, Reason.NODE_LOST, self._now())
            return None
        park = self._settings.network.name
        return _Launch(order, kind, f"{park}-{lease.person_name}--{lease.classroom_id}")

    def _start(self, lease_id: str, launch: _Launch) -> None:
        name, started, server = launch.order.name, None, ""
        try:
            if launch.order.flavour == "sandbox":
                box = self.pool.take(launch.kind, launch.order.node)
                name = box.name if box else name
                started = box.started if box else self._engine.start(launch.order)
            else:
                server = self._engine.address_of(launch.server)
                started = self._engine.start(launch.order)
                if server:
                    self._ways.open(lease_id, Way(server, started.address, started.first_port))
        except EngineError as error:
            log.warning("lease %s did not start: %s", lease_id, error)
            self._failed(lease_id, started)
            return
        with self._writing() as session:
            lease = _held(session, lease_id)
            lease.box = name
            if lease.state == State.STARTING:
                leases.run(lease, started, server)
            else:
                lease.container = started.container  # unwanted meanwhile: the next step removes it
            if started.container in self._dead:
                self._died(lease, UNKNOWN_EXIT, is_lost=False)

    def _failed(self, lease_id: str, started: Started | None) -> None:
        with self._writing() as session:
            lease = _held(session, lease_id)
            lease.container = started.container if started else ""
            leases.end(lease, Reason.FAILED, self._now())

    def _remove(self, lease_id: str, container: str) -> None:
        self._ways.shut(lease_id)
        self._engine.stop(container)
        with self._writing() as session:
            _held(session, lease_id).container = ""

    def _died(self, lease: Lease, exit_code: int, *, is_lost: bool) -> None:
        """The container of a lease ended by itself."""
        if lease.state != State.RUNNING:
            return  # it was to end, or a new one is to come
        lease.exit_code = exit_code
        if is_lost:
            leases.end(lease, Reason.NODE_LOST, self._now())
        elif lease.flavour == "sandbox":
            leases.end(lease, Reason.FAILED, self._now())
        else:
            until = self._now() + self._settings.leases.gpu.hold_seconds
            leases.stop(lease, exit_code, until)

    def _how_it_ended(self, container: str) -> tuple[int, set[str] | None]:
        """The exit code, and the nodes that are ready now (None: nobody knows)."""
        try:
            self.look_at_nodes()
            codes = {one.container: one.exit_code for one in self._engine.found()}
        except EngineError as error:
            log.warning("a container ended, and the engine cannot say how: %s", error)
            return UNKNOWN_EXIT, None
        return _exit_code(codes.get(container)), {one.name for one in self.nodes if one.is_ready}

    def _remember(self, container: str) -> None:
        self._dead[container] = None
        while len(self._dead) > _DEAD_REMEMBERED:
            del self._dead[next(iter(self._dead))]


def _held(session: Session, lease_id: str) -> Lease:
    """The lease whose container is being seen to: it stays in the store until that is gone."""
    lease = leases.find(session, lease_id)
    if lease is None:
        raise LookupError(f"the lease {lease_id} went while its container was there")
    return lease


def _of_container(session: Session, container: str) -> Lease | None:
    """The lease that has this container."""
    query = select(Lease).where(Lease.container == container, Lease.holds)
    return session.scalar(query.with_for_update())


def _runs(found: Found | None) -> bool:
    return found is not None and found.is_running


def _exit_code(code: int | None) -> int:
    return UNKNOWN_EXIT if code is None else code


def _sizes(found: dict[str, Found], known: set[str]) -> tuple[int, int]:
    return len(known), len(found.keys() - known)
