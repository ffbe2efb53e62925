"""The store's rows as the line wants them, and the use of devices back into rows.

Called by `granting` and `tending` within a transaction. Decides nothing.
"""

from collections.abc import Iterable
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.engine.leased import Node
from technopark.kernels.leases import State, utc
from technopark.kernels.line import order
from technopark.kernels.line.rules import rules_for
from technopark.kernels.line.terms import Ask, Asker, Held, Key, Reservation, Slot, Usage
from technopark.settings import Leases
from technopark.store import Flavour, Lease, LeaseReservation, LeaseUsage

_LATELY = 50
"""Leases that tell how long one typically lasts."""


def asker(lease: Lease) -> Asker:
    """Who holds or wants it."""
    room = lease.classroom
    return Asker(room.site_id, room.id, lease.person_name, room.course_version.course)


def ask(lease: Lease) -> Ask:
    """A waiting lease."""
    return Ask(lease.id, asker(lease), lease.asked_at.timestamp())


def held(lease: Lease) -> Held:
    """A lease that has a place."""
    slot = Slot(lease.node, lease.device, lease.share, lease.shares)
    since = lease.granted_at or lease.asked_at
    return Held(slot, asker(lease), since.timestamp(), (lease.ends_at or since).timestamp())


def slots(flavour: Flavour, nodes: Iterable[Node], settings: Leases) -> list[Slot]:
    """All places of the nodes that are ready: shares of devices, or room for sandboxes."""
    found: list[Slot] = []
    for node in nodes:
        if not node.is_ready:
            continue
        if flavour == "sandbox":
            room = settings.sandbox.at_a_time or max(2, int(2 * node.cores))
            found += [Slot(node.name, "", share, room) for share in range(room)]
        else:
            found += [
                Slot(node.name, device.uuid, share, device.shares)
                for device in node.devices
                for share in range(device.shares)
            ]
    return found


def reservations(session: Session, flavour: Flavour, now: float) -> list[Reservation]:
    """Those that are not over; sandboxes have none."""
    if flavour != "gpu":
        return []
    rows = session.scalars(select(LeaseReservation).where(LeaseReservation.ends > utc(now)))
    return [
        Reservation(row.classroom_id, row.devices, row.starts.timestamp(), row.ends.timestamp())
        for row in rows
    ]


def ledger(session: Session, flavour: Flavour) -> dict[Key, Usage]:
    """What was used until now."""
    rows = session.scalars(select(LeaseUsage).where(LeaseUsage.flavour == flavour))
    return {_key(row): Usage(row.seconds, row.at.timestamp()) for row in rows}


def charge(session: Session, lease: Lease, now: float, settings: Leases) -> None:
    """Counts the use of a lease whose place becomes free now."""
    changed = order.charges(
        ledger(session, lease.flavour), held(lease), now, rules_for(settings, lease.flavour)
    )
    for (level, name), usage in changed.items():
        session.merge(
            LeaseUsage(
                flavour=lease.flavour,
                level=level,
                name=name,
                seconds=usage.seconds,
                at=utc(usage.at),
            )
        )


def typical(session: Session, flavour: Flavour) -> float | None:
    """Seconds that leases lasted lately; None: there were none."""
    rows = session.execute(
        select(Lease.granted_at, Lease.ended_at)
        .where(
            Lease.flavour == flavour,
            Lease.state == State.ENDED,
            Lease.granted_at.is_not(None),
            Lease.ended_at.is_not(None),
        )
        .order_by(Lease.ended_at.desc())
        .limit(_LATELY)
    ).all()
    lengths = [(ended - granted).total_seconds() for granted, ended in rows if granted and ended]
    return max(1.0, median(lengths)) if lengths else None


def _key(row: LeaseUsage) -> Key:
    match row.level:
        case "site" | "classroom" | "person":
            return row.level, row.name
    raise ValueError(f"{row.level} is no level of the line")
