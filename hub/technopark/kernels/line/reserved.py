"""Which devices are set aside for which lesson, and until when others may have them.

Called by `devices` and `outlook`. Pure: from what is held and reserved, the same devices every
time, so that nothing about them needs to be remembered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from technopark.kernels.line.terms import Held, Reservation, Rules, Slot

On = tuple[str, str]
"""A node and a device."""


@dataclass(frozen=True)
class Earmark:
    """The devices set aside for one reservation."""

    reservation: Reservation
    devices: frozenset[On]
    rules: Rules

    @property
    def from_(self) -> float:
        """When the devices are to be free of others."""
        return self.reservation.starts - self.rules.lead

    @property
    def opened_at(self) -> float:
        """From when on others may have what the lesson leaves unused."""
        return self.reservation.starts + self.rules.unused

    def holds(self, now: float) -> bool:
        """Whether the classroom comes first now."""
        return self.from_ <= now < self.reservation.ends

    def keeps_out(self, classroom: str, slot: Slot) -> bool:
        """Whether this concerns a lease of `classroom` there."""
        return slot.on in self.devices and classroom != self.reservation.classroom


def earmarks(
    slots: Iterable[Slot],
    held: Sequence[Held],
    reservations: Iterable[Reservation],
    now: float,
    rules: Rules,
) -> list[Earmark]:
    """The devices of every reservation that is not over.

    Two reservations share a device only one after the other; where there are too few devices, the
    earlier reservation has them.
    """
    devices = {slot.on for slot in slots if slot.device}
    coming = sorted(
        (one for one in reservations if now < one.ends),
        key=lambda one: (one.starts, one.ends, one.classroom),
    )
    marks: list[Earmark] = []
    for reservation in coming:
        begins = reservation.starts - rules.lead
        taken = {
            device
            for mark in marks
            if mark.from_ < reservation.ends and begins < mark.reservation.ends
            for device in mark.devices
        }
        best = sorted(devices - taken, key=lambda on: _suits(on, held, reservation, begins, now))
        marks.append(Earmark(reservation, frozenset(best[: reservation.devices]), rules))
    return marks


def _suits(
    on: On, held: Sequence[Held], reservation: Reservation, begins: float, now: float
) -> tuple[int, float, float, On]:
    """How well a device suits a reservation; the least is best.

    Where the classroom's own leases are; then what is free soonest after the start; then, of those
    free in time, the one with a lease that was cut short for it already, so that the choice stays.
    """
    own = sum(
        lease.slot.on == on and lease.who.classroom == reservation.classroom for lease in held
    )
    others = max(
        (
            lease.ends
            for lease in held
            if lease.slot.on == on and lease.who.classroom != reservation.classroom
        ),
        default=0.0,
    )
    return -own, max(0.0, others - max(begins, now)), -others, on


def may_last(
    marks: Sequence[Earmark], classroom: str, slot: Slot, now: float, rules: Rules
) -> float:
    """Until when a lease of `classroom` that starts now may have this slot; `now`: not at all."""
    ends = now + rules.limit
    for mark in marks:
        if not mark.keeps_out(classroom, slot):
            continue
        if now < mark.from_:
            ends = min(ends, mark.from_)
        elif now < mark.opened_at:
            return now
    return ends if ends - now >= min(rules.least, rules.limit) else now
