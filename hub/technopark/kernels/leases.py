"""The lives of leases: their states, and every step from one to the next, as rows of the store.

Called by all parts of the broker within a transaction. Nothing here talks to an engine: `tending`
brings containers in line with what stands in the rows.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from technopark.engine.leased import Started
from technopark.kernels.line.terms import Slot
from technopark.store import Flavour, Lease

log = logging.getLogger("technopark.kernels")

_REMEMBERED = timedelta(days=1)


class State(StrEnum):
    """Where a lease is in its life."""

    WAITING = "waiting"
    """In the line."""
    STARTING = "starting"
    """It has a place; its container comes up."""
    RUNNING = "running"
    STOPPED = "stopped"
    """The kernel ended; the place is held for a restart."""
    ENDED = "ended"


class Reason(StrEnum):
    """Why a lease ended."""

    RELEASED = "released"
    CANCELLED = "cancelled"
    """Given up while it waited."""
    ABANDONED = "abandoned"
    """Nobody asked for it any more."""
    TIME_LIMIT = "time-limit"
    IDLE = "idle"
    RIGHTS = "rights"
    """Its holder is no longer a member of the classroom."""
    NODE_LOST = "node-lost"
    FAILED = "failed"
    """Its container did not start, or (a sandbox) ended by itself."""
    ADMIN = "admin"


ACTIVE = (State.WAITING, State.STARTING, State.RUNNING, State.STOPPED)
"""All states but the last one."""


def utc(seconds: float) -> datetime:
    """A moment of `terms` (Unix seconds) as the store keeps it."""
    return datetime.fromtimestamp(seconds, UTC)


def find(session: Session, lease_id: str) -> Lease | None:
    """The lease, for a change: nobody else changes it until the transaction's end."""
    return session.get(Lease, lease_id, with_for_update=True)


def active(session: Session, *states: State) -> Sequence[Lease]:
    """All leases in these states (default: all that have not ended), the oldest first."""
    query = select(Lease).where(Lease.state.in_(states or ACTIVE))
    return session.scalars(query.order_by(Lease.asked_at, Lease.id)).all()


def holding(session: Session, flavour: Flavour | None = None) -> Sequence[Lease]:
    """All leases that hold a share of a device, also those that end."""
    query = select(Lease).where(Lease.holds)
    if flavour:
        query = query.where(Lease.flavour == flavour)
    return session.scalars(query.order_by(Lease.granted_at, Lease.id)).all()


def grant(lease: Lease, slot: Slot, ends: float, now: float) -> None:
    """It has a place: this one, until `ends`."""
    lease.holds = True
    lease.node, lease.device = slot.node, slot.device
    lease.share, lease.shares = slot.share, slot.shares
    lease.granted_at, lease.ends_at = utc(now), utc(ends)
    lease.box = lease.id
    _become(lease, State.STARTING)


def run(lease: Lease, started: Started, server: str) -> None:
    """Its kernel listens; the keys of its connection are needed no more."""
    lease.container = started.container
    lease.address, lease.first_port = started.address, started.first_port
    lease.server_address = server
    lease.connection, lease.exit_code = None, None
    _become(lease, State.RUNNING)


def stop(lease: Lease, exit_code: int | None, held_until: float) -> None:
    """Its kernel ended (`exit_code`) or is to end (None); the place is held for a restart."""
    lease.exit_code = exit_code
    lease.held_until = utc(held_until)
    lease.connection = None
    _become(lease, State.STOPPED)


def start_again(lease: Lease) -> None:
    """A new kernel in the same place."""
    lease.exit_code, lease.held_until = None, None
    _become(lease, State.STARTING)


def end(lease: Lease, reason: Reason, now: float) -> None:
    """It is over. A place that it has becomes free when its container is gone: see `free`."""
    if lease.state == State.ENDED:
        return
    lease.reason, lease.ended_at = reason, utc(now)
    lease.connection, lease.held_until = None, None
    _become(lease, State.ENDED)


def free(lease: Lease) -> None:
    """The container of an ended lease is gone: others may have the place."""
    lease.holds, lease.container = False, ""


def move(lease: Lease) -> None:
    """Something that its holder is to be told changed, such as its place in line."""
    lease.version += 1


def forget_old(session: Session, now: float) -> None:
    """Deletes what ended so long ago that nobody asks for it."""
    session.execute(
        delete(Lease).where(
            Lease.state == State.ENDED,
            Lease.holds.is_(False),
            or_(Lease.ended_at.is_(None), Lease.ended_at < utc(now) - _REMEMBERED),
        )
    )


def _become(lease: Lease, state: State) -> None:
    lease.state = state
    move(lease)
    who = f"{lease.person_name}, {lease.classroom_id}"
    where = f" on {lease.node} {lease.device}".rstrip() if lease.node else ""
    why = f" ({lease.reason})" if lease.reason else ""
    log.info("lease %s of %s%s: %s%s", lease.id, who, where, state, why)
