"""The fair order of those who wait: first between sites, then classrooms, then people.

Called by `devices` for all that the broker grants or shows. No clock, no store, nothing random: the
same arguments give the same order. The rule and its sources are in docs/leases.md, "The line".
"""

import heapq
import math
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from technopark.kernels.line.terms import Ask, Asker, Held, Key, Ledger, Level, Rules, Slot, Usage

LEVELS: tuple[Level, ...] = ("site", "classroom", "person")


def charged(usage: Usage | None, seconds: float, now: float, half_life: float) -> Usage:
    """The use of somebody whose lease ended now, after `seconds` of a whole device."""
    return Usage(decayed(usage, now, half_life) + seconds, now)


def decayed(usage: Usage | None, now: float, half_life: float) -> float:
    """What is left now of somebody's use; nothing grows where a clock goes back."""
    if usage is None:
        return 0.0
    return usage.seconds * math.exp2(-max(0.0, now - usage.at) / half_life)


def charges(ledger: Ledger, held: Held, now: float, rules: Rules) -> dict[Key, Usage]:
    """The lines of the ledger that change when this lease ends now."""
    seconds = max(0.0, now - held.since) / held.slot.shares
    return {key: charged(ledger.get(key), seconds, now, rules.half_life) for key in held.who.keys}


def cost(slots: Sequence[Slot]) -> float:
    """The part of a device's time that a lease on one of these costs on average."""
    return sum(1 / slot.shares for slot in slots) / len(slots) if slots else 1.0


def in_order(
    asks: Iterable[Ask],
    ledger: Ledger,
    running: Iterable[Held],
    now: float,
    rules: Rules,
    cost: float = 1.0,
) -> list[Ask]:
    """All asks, who is next first.

    Args:
        asks: who waits, each once.
        ledger: the use of leases that ended.
        running: the leases that have a slot; each counts for at least a typical lease.
        now: Unix seconds.
        rules: weights, half-life, longest wait.
        cost: the part of a device's time that a lease costs, see `cost`.
    """
    running = list(running)
    use = {key: decayed(usage, now, rules.half_life) for key, usage in ledger.items()}
    for lease in running:
        seconds = max(now - lease.since, rules.typical) / lease.slot.shares
        for key in lease.who.keys:
            use[key] = use.get(key, 0.0) + seconds
    having = {key for lease in running for key in lease.who.keys}
    return _Merge(ledger, use, having, now, rules, rules.typical * cost).of(list(asks), LEVELS)


@dataclass(frozen=True)
class _Merge:
    """The lines of several members become one, level by level."""

    ledger: Ledger
    use: dict[Key, float]
    having: set[Key]
    now: float
    rules: Rules
    expected: float
    """What one more lease is counted for, before anybody knows how long it will be."""

    def of(self, asks: list[Ask], levels: Sequence[Level]) -> list[Ask]:
        """The order within one member, of whose members the first of `levels` tells."""
        if not levels:
            return sorted(asks, key=lambda ask: (ask.since, ask.id))
        level, *below = levels
        members: defaultdict[Key, list[Ask]] = defaultdict(list)
        for ask in asks:
            members[_key(ask.who, level)].append(ask)
        lines = {key: deque(self.of(own, below)) for key, own in members.items()}
        weights = {key: self._weight(own[0].who, level) for key, own in members.items()}
        use = {key: self.use.get(key, 0.0) / weights[key] for key in lines}

        order: list[Ask] = []
        turns = [(*self._turn(key, line, weights[key]), key) for key, line in lines.items()]
        heapq.heapify(turns)
        while turns:
            *_, key = heapq.heappop(turns)
            line = lines[key]
            order.append(line.popleft())
            if line:
                use[key] += self.expected / weights[key]
                heapq.heappush(turns, (True, use[key], line[0].since, key))
        return order

    def _turn(self, key: Key, line: deque[Ask], weight: float) -> tuple[bool, float, float]:
        """How early a member's first ask comes: the overdue, then by use; the least is next."""
        since = min(ask.since for ask in line)
        if key not in self.having:
            # A new ask does not make a long wait of one that was served a moment ago.
            served = self.ledger.get(key)
            without = (self.now - max(since, served.at if served else since)) * weight
            if without > self.rules.longest_wait:
                return False, -without, since
        return True, self.use.get(key, 0.0) / weight, line[0].since

    def _weight(self, who: Asker, level: Level) -> float:
        if level == "site":
            return self.rules.site_weights.get(who.site, 1.0)
        return self.rules.course_weights.get(who.course, 1.0) if level == "classroom" else 1.0


def _key(who: Asker, level: Level) -> Key:
    return who.keys[LEVELS.index(level)]
