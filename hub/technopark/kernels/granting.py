"""Who gets a place now, and how the others stand in line.

Called by the broker in a transaction whenever something may have changed. The rule is `devices`'
and `line`'s; here it meets the store.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from technopark.engine.leased import Node
from technopark.kernels import bookkeeping as books
from technopark.kernels import leases
from technopark.kernels.leases import State
from technopark.kernels.line import devices
from technopark.kernels.line.outlook import estimates
from technopark.kernels.line.rules import rules_for
from technopark.settings import Leases
from technopark.store import Flavour

FLAVOURS: tuple[Flavour, ...] = ("gpu", "sandbox")


@dataclass(frozen=True)
class Place:
    """How somebody stands in line."""

    number: int | None
    """1 is next; None: not in line."""
    line: int
    """How many wait."""
    estimate_s: int | None
    """Seconds until the turn; None: nobody can say."""


@dataclass(frozen=True)
class Given:
    """What was decided."""

    granted: list[str]
    """Leases that are to start."""
    places: dict[str, Place]
    """Of all who still wait."""
    moved: list[str]
    """Those of them who are told another place than before."""


def give(
    session: Session,
    flavour: Flavour,
    nodes: Iterable[Node],
    settings: Leases,
    before: Mapping[str, Place],
    now: float,
) -> Given:
    """Gives out all places of one flavour that are free, by the rule of the line.

    Args:
        session: a transaction.
        flavour: `gpu` or `sandbox`: each has a line of its own.
        nodes: as the engine told last.
        settings: limits, weights.
        before: the places that people were told last.
        now: Unix seconds.
    """
    waiting = {
        lease.id: lease
        for lease in leases.active(session, State.WAITING)
        if lease.flavour == flavour
    }
    if not waiting:
        return Given([], {}, [])
    slots = books.slots(flavour, nodes, settings)
    held = [books.held(lease) for lease in leases.holding(session, flavour)]
    reservations = books.reservations(session, flavour, now)
    ledger = books.ledger(session, flavour)
    rules = rules_for(settings, flavour, books.typical(session, flavour))
    asks = [books.ask(lease) for lease in waiting.values()]

    made = devices.grants(asks, slots, held, reservations, ledger, now, rules)
    for grant in made:
        lease = waiting.pop(grant.ask.id)
        leases.grant(lease, grant.slot, grant.ends, now)
        held.append(books.held(lease))

    left = [ask for ask in asks if ask.id in waiting]
    order = devices.in_line(left, slots, held, reservations, ledger, now, rules)
    waits = estimates(order, slots, held, reservations, now, rules)
    places = {
        ask.id: Place(number, len(order), _rounded(waits[ask.id]))
        for number, ask in enumerate(order, start=1)
    }
    moved = [name for name, place in places.items() if _stood_elsewhere(place, before.get(name))]
    for name in moved:
        leases.move(waiting[name])
    return Given([grant.ask.id for grant in made], places, moved)


def _stood_elsewhere(place: Place, before: Place | None) -> bool:
    return before is None or (place.number, place.line) != (before.number, before.line)


def _rounded(seconds: float | None) -> int | None:
    return None if seconds is None else max(0, round(seconds))
