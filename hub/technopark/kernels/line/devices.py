"""Which free share of which device goes to whom now, and in which order all others stand.

Called by the broker whenever something changed: an ask, an end, a node, the time of a reservation.
Never starts or ends anything itself, and never takes back what was granted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from technopark.kernels.line.order import cost, in_order
from technopark.kernels.line.reserved import Earmark, On, earmarks, may_last
from technopark.kernels.line.terms import Ask, Held, Ledger, Reservation, Rules, Slot


@dataclass(frozen=True)
class Grant:
    """A lease to start now."""

    ask: Ask
    slot: Slot
    ends: float
    """Its time limit: that of the rules, or sooner where a reservation needs the device."""


def in_line(
    asks: Sequence[Ask],
    slots: Sequence[Slot],
    held: Sequence[Held],
    reservations: Sequence[Reservation],
    ledger: Ledger,
    now: float,
    rules: Rules,
) -> list[Ask]:
    """All asks, who is next first: a place in line is the position here.

    Those come first for whom a reservation holds, as many as its devices have shares; then all
    others in the fair order. Arguments are those of `grants`.
    """
    fair = in_order(asks, ledger, held, now, rules, cost(slots))
    marks = earmarks(slots, held, reservations, now, rules)
    rooms = _room_left(marks, slots, held, now)
    first: list[Ask] = []
    rest: list[Ask] = []
    for ask in fair:
        if rooms[ask.who.classroom] > 0:
            rooms[ask.who.classroom] -= 1
            first.append(ask)
        else:
            rest.append(ask)
    return first + rest


def grants(
    asks: Sequence[Ask],
    slots: Sequence[Slot],
    held: Sequence[Held],
    reservations: Sequence[Reservation],
    ledger: Ledger,
    now: float,
    rules: Rules,
) -> list[Grant]:
    """What is to start now.

    Args:
        asks: who waits, each once, all of one flavour.
        slots: all that are usable now, also those that are held.
        held: the leases of this flavour that have a slot, also on nodes that are not usable.
        reservations: also those that are over or far off; none for sandboxes.
        ledger: the use of leases of this flavour that ended.
        now: Unix seconds.
        rules: weights and times.

    Returns:
        Each ask at most once and each slot at most once, in the order of the line. No device gets
        more leases than it has slots, whatever the shares of those that run already.
    """
    marks = earmarks(slots, held, reservations, now, rules)
    load = Counter(lease.slot.on for lease in held)
    free = _free(slots, held, load)
    made: list[Grant] = []
    for ask in in_line(asks, slots, held, reservations, ledger, now, rules):
        if not free:
            break
        slot = min(free, key=lambda slot: _suits(slot, ask, marks, load, now, rules))
        ends = may_last(marks, ask.who.classroom, slot, now, rules)
        if ends > now:
            made.append(Grant(ask, slot, ends))
            free.remove(slot)
            load[slot.on] += 1
    return made


def _suits(
    slot: Slot, ask: Ask, marks: Sequence[Earmark], load: Counter[On], now: float, rules: Rules
) -> tuple[float, bool, float, On, int]:
    """How well a slot suits an ask; the least is best.

    The longest time; a device of one's own reservation; the one that fewest others compute on.
    """
    classroom = ask.who.classroom
    ends = may_last(marks, classroom, slot, now, rules)
    is_own = any(
        slot.on in mark.devices and mark.reservation.classroom == classroom for mark in marks
    )
    return -ends, not is_own, load[slot.on] / slot.shares, slot.on, slot.share


def _free(slots: Sequence[Slot], held: Sequence[Held], load: Counter[On]) -> list[Slot]:
    """The slots nobody has; fewer where a device has leases from when it had more shares."""
    taken = {(*lease.slot.on, lease.slot.share) for lease in held}
    room = Counter(slot.on for slot in set(slots))
    room.subtract(load)
    free: list[Slot] = []
    for slot in sorted(set(slots), key=lambda slot: (slot.on, slot.share)):
        if (*slot.on, slot.share) not in taken and room[slot.on] > 0:
            room[slot.on] -= 1
            free.append(slot)
    return free


def _room_left(
    marks: Sequence[Earmark], slots: Sequence[Slot], held: Sequence[Held], now: float
) -> Counter[str]:
    """How many more leases each classroom may have at once by its reservations that hold now."""
    rooms: Counter[str] = Counter()
    for mark in marks:
        if mark.holds(now):
            rooms[mark.reservation.classroom] += sum(slot.on in mark.devices for slot in set(slots))
    rooms.subtract(lease.who.classroom for lease in held if lease.who.classroom in rooms)
    return rooms
