"""What may be asked of the broker, one method a request.

Called by `routes` on worker threads: every call may wait for the database or the engine. What is
asked for is noted in the store; `rounds` sees that it is done.
"""

import logging
from collections.abc import Callable

from sqlalchemy.orm import Session

from technopark.engine.client import EngineError
from technopark.engine.leased import LeaseEngine, Stream
from technopark.kernels import asking, leases, views
from technopark.kernels.leases import Reason, State
from technopark.kernels.orders import kind_of
from technopark.kernels.refusals import Refusal
from technopark.kernels.rounds import Rounds
from technopark.kernels.views import GpuAsk, LeaseView, ListedLease, SandboxAsk
from technopark.people import rights
from technopark.services.identity import Caller
from technopark.settings import Settings
from technopark.store import Lease, Store

log = logging.getLogger("technopark.kernels")


class Broker:
    """The requests of holders and admins. Raises Refusal where they cannot be done.

    Args:
        settings: the park's.
        store: its database.
        engine: where leases run.
        rounds: what brings leases on.
        now: the clock, in Unix seconds.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        engine: LeaseEngine,
        rounds: Rounds,
        now: Callable[[], float],
    ) -> None:
        self._settings, self._store, self._engine = settings, store, engine
        self._rounds, self._now = rounds, now
        self._streamed: set[str] = set()

    def ask(self, caller: Caller, ask: GpuAsk | SandboxAsk) -> LeaseView:
        """Stands in line, or starts again in the place that is held. Raises Refusal."""
        now = self._now()
        with self._rounds.writing() as session:
            if isinstance(ask, GpuAsk):
                lease = asking.ask_gpu(session, caller, ask, self._settings, now)
            else:
                lease = asking.ask_sandbox(session, caller, self._settings, now)
                if lesson := asking.lesson_of(session, lease, self._settings):
                    self._rounds.tender.pool.want(kind_of(lesson, self._settings), now)
            lease_id = lease.id
            self._rounds.presence.hear(lease_id, now)
        log.info("lease %s: asked for by %s, %s", lease_id, caller.name, ask.flavour)
        self._rounds.step()
        return self.look(caller, lease_id)

    def look(self, caller: Caller, lease_id: str, idle: float | None = None) -> LeaseView:
        """The caller's lease; a sign of life.

        Args:
            caller: its holder.
            lease_id: which.
            idle: seconds since the kernel was busy last; too many end the lease.

        Raises:
            Refusal: it is not the caller's.
        """
        with self._store.read() as session:
            lease = self._own(session, caller, lease_id)
            is_idle = (
                idle is not None
                and lease.state == State.RUNNING
                and idle >= self._settings.leases.gpu.idle_minutes * 60
            )
            found = self._view(lease)
        self._rounds.presence.hear(lease_id, self._now())
        if is_idle:
            self._end(lease_id, Reason.IDLE)
            return self.look(caller, lease_id)
        return found

    def mine(self, caller: Caller) -> list[LeaseView]:
        """The caller's leases that have not ended, the oldest first."""
        with self._store.read() as session:
            found = leases.active(session)
            return [self._view(one) for one in found if one.person_name == caller.name]

    def everybodys(self, caller: Caller) -> list[ListedLease]:
        """All leases that have not ended, of the sites that the caller looks after."""
        with self._store.read() as session:
            who = rights.standing(session, caller.name)
            if who is None or not (who.is_admin or who.admin_of_sites):
                raise Refusal("not-allowed")
            return [
                views.listed(one, self._view(one))
                for one in leases.active(session)
                if who.is_admin or one.classroom.site_id in who.admin_of_sites
            ]

    def signal(self, caller: Caller, lease_id: str, number: int) -> None:
        """Sends a signal to the caller's kernel. Raises Refusal."""
        with self._store.read() as session:
            lease = self._own(session, caller, lease_id)
            if lease.state != State.RUNNING or lease.flavour != "gpu":
                raise Refusal("not-running")
        try:
            self._engine.signal(lease.container, number)
        except EngineError as error:
            log.warning("lease %s got no signal: %s", lease_id, error)
            raise Refusal("engine") from None

    def stop(self, caller: Caller, lease_id: str) -> None:
        """Ends the caller's kernel and holds its place; a sandbox has none to hold."""
        with self._rounds.writing() as session:
            lease = self._own(session, caller, lease_id, to_change=True)
            if lease.flavour == "sandbox":
                leases.end(lease, Reason.RELEASED, self._now())
            elif lease.state in (State.STARTING, State.RUNNING):
                until = self._now() + self._settings.leases.gpu.hold_seconds
                leases.stop(lease, None, until)
        self._rounds.told(lease_id)

    def release(self, caller: Caller, lease_id: str) -> None:
        """The caller gives the lease back, or no longer waits for it."""
        with self._store.read() as session:
            is_waiting = self._own(session, caller, lease_id).state == State.WAITING
        self._end(lease_id, Reason.CANCELLED if is_waiting else Reason.RELEASED)

    def stream(self, caller: Caller, lease_id: str) -> Stream:
        """The standard input and output of the caller's running sandbox, once.

        Raises:
            Refusal: there is none, or somebody has it.
        """
        with self._rounds.writing() as session:  # one asker at a time
            lease = self._own(session, caller, lease_id)
            if lease.flavour != "sandbox":
                raise Refusal("no-stream")
            if lease.state != State.RUNNING:
                raise Refusal("not-running")
            if lease_id in self._streamed:
                raise Refusal("no-stream")
            self._streamed.add(lease_id)
        try:
            return self._engine.stream(lease.container)
        except EngineError as error:
            self._streamed.discard(lease_id)
            log.warning("lease %s has no stream: %s", lease_id, error)
            raise Refusal("engine") from None

    def end_stream(self, caller: Caller, lease_id: str) -> None:
        """The stream ended, and so does its sandbox: no other submission comes into it."""
        self._streamed.discard(lease_id)
        self.release(caller, lease_id)

    def check(self) -> None:
        """Raises OperationalError where the database cannot be read."""
        with self._store.read() as session:
            session.connection()

    def hear(self, lease_id: str) -> None:
        """A sign of life of the holder."""
        self._rounds.presence.hear(lease_id, self._now())

    def _own(
        self, session: Session, caller: Caller, lease_id: str, *, to_change: bool = False
    ) -> Lease:
        lease = session.get(Lease, lease_id, with_for_update=to_change)
        if lease is None or lease.person_name != caller.name:
            raise Refusal("no-lease")
        return lease

    def _end(self, lease_id: str, reason: Reason) -> None:
        with self._rounds.writing() as session:
            lease = leases.find(session, lease_id)
            if lease is not None:
                leases.end(lease, reason, self._now())
        self._rounds.told(lease_id)

    def _view(self, lease: Lease) -> LeaseView:
        warn = self._settings.leases.gpu.warn_minutes * 60
        return views.view(lease, self._rounds.place(lease), warn, self._now())
