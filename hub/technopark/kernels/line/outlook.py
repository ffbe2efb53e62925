"""How long those in line will wait, as well as anybody can say.

Called by the broker for the estimates it shows. A guess from what is known: it never promises, and
it says nothing where there is nothing to wait for.
"""

from collections.abc import Sequence

from technopark.kernels.line.reserved import Earmark, earmarks
from technopark.kernels.line.terms import Ask, Held, Reservation, Rules, Slot


def estimates(
    order: Sequence[Ask],
    slots: Sequence[Slot],
    held: Sequence[Held],
    reservations: Sequence[Reservation],
    now: float,
    rules: Rules,
) -> dict[str, float | None]:
    """Seconds until each ask's turn, by its id; None while no device is usable.

    Runs are taken to last as long as leases typically do; one that has outlasted that is taken to
    end halfway to its limit. Reserved devices are taken to be used until the lesson's end. Who
    comes later and goes first, having used less, is not foreseen.

    Args:
        order: the line, as `devices.in_line` gives it.
        slots: all usable ones.
        held: the leases that have a slot.
        reservations: as for `devices.grants`.
        now: Unix seconds.
        rules: times, among them the typical length of a lease.
    """
    marks = earmarks(slots, held, reservations, now, rules)
    ends = {(*lease.slot.on, lease.slot.share): _likely_end(lease, now, rules) for lease in held}
    free = {slot: ends.get((*slot.on, slot.share), now) for slot in slots}
    found: dict[str, float | None] = {}
    for ask in order:
        if not free:
            found[ask.id] = None
            continue
        turn, slot = min(
            ((_open_from(marks, ask, slot, at, now, rules), slot) for slot, at in free.items()),
            key=lambda one: (one[0], one[1].on, one[1].share),
        )
        found[ask.id] = turn - now
        free[slot] = _next_end(marks, ask, slot, turn, rules)
    return found


def _likely_end(lease: Held, now: float, rules: Rules) -> float:
    left = max(0.0, lease.ends - now)
    typical = lease.since + rules.typical
    return now + min(left, typical - now if typical > now else left / 2)


def _open_from(
    marks: Sequence[Earmark], ask: Ask, slot: Slot, at: float, now: float, rules: Rules
) -> float:
    """When a slot that is free at `at` can be this ask's, with lessons in between."""
    for mark in marks:  # in the order of their starts
        if mark.keeps_out(ask.who.classroom, slot) and now < mark.opened_at:
            too_late = mark.from_ - min(rules.least, rules.limit)
            if too_late < at < mark.reservation.ends:
                at = mark.reservation.ends
    return at


def _next_end(marks: Sequence[Earmark], ask: Ask, slot: Slot, start: float, rules: Rules) -> float:
    cuts = [
        mark.from_
        for mark in marks
        if mark.keeps_out(ask.who.classroom, slot) and mark.from_ > start
    ]
    return min([start + min(rules.typical, rules.limit), *cuts])
