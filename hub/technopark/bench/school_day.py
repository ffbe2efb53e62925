"""A day of 18 schools that share a few GPUs, made up from a number and lived through by events.

Called by `bench.fairness`. It asks the broker's own rules (`kernels.line.devices`) after every
event; nothing runs, no clock is read, and the same `Day` is the same to the second.
"""

import heapq
import itertools
import math
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from technopark.kernels.line import order
from technopark.kernels.line.devices import Grant, grants
from technopark.kernels.line.terms import Ask, Asker, Held, Key, Rules, Slot, Usage

MINUTE = 60.0
HOUR = 60 * MINUTE

START_SECONDS = 2.0
"""From a grant to a kernel that answers: the device waits for a container."""
RESTART_SECONDS = 3.0
"""A kernel that is restarted keeps its place; the device waits so long."""
SILENCE_SECONDS = 60.0
"""A laptop is closed: the broker notices so much later, and the device waits."""
LOST_SECONDS = 20 * MINUTE
"""A node is lost once a day, for so long; its pupils ask again."""
ASK_AGAIN_SECONDS = 30.0

LONGEST_RUN = 38 * MINUTE
TYPICAL_RUN = 12 * MINUTE
"""What the broker would have measured: about the mean of the lengths below."""

Decide = Callable[..., list[Grant]]
"""`kernels.line.devices.grants`, or another rule to compare it with."""


@dataclass(frozen=True)
class Day:
    """What there is, and how much is wanted of it."""

    seed: int
    gpus: int = 4
    shares: int = 1
    load: float = 1.5
    """GPU time that is wanted, in parts of what there is."""
    sites: int = 18
    hours: int = 9
    rules: Rules = field(default_factory=lambda: Rules(typical=TYPICAL_RUN))

    @property
    def seconds(self) -> float:
        """The length of the day."""
        return self.hours * HOUR


@dataclass(frozen=True)
class Wish:
    """What a pupil wants of the day, and how it will go."""

    who: Asker
    at: float
    runs: float
    """Seconds that the kernel would compute."""
    patience: float
    """Seconds after which the pupil gives up waiting."""
    restarts_after: float | None
    """The kernel is restarted after it has run so long."""
    is_left: bool
    """The pupil closes the laptop and releases nothing."""


def _zeros() -> defaultdict[str, float]:
    return defaultdict(float)


@dataclass
class Record:
    """What the day was like."""

    wanted: defaultdict[str, float] = field(default_factory=_zeros)
    """Seconds of whole GPUs that each site asked for, whether it waited for them or gave up."""
    got: defaultdict[str, float] = field(default_factory=_zeros)
    """Seconds of whole GPUs that its kernels computed."""
    longest_wait: float = 0.0
    """Of one ask: until it was granted, given up, or the day ended."""
    longest_without: defaultdict[str, float] = field(default_factory=_zeros)
    """The longest that each site stood in line and had no lease at all."""
    idle: float = 0.0
    """Seconds of shares that computed nothing while somebody waited."""
    usable: float = 0.0
    """Seconds of shares that could have computed while somebody waited."""


def wishes(day: Day) -> list[Wish]:
    """The wishes of a day, by time.

    Appetites differ by up to ten times (a Pareto law). Each site has lessons in at least six of
    the day's nine hours, in one to four classrooms; the pupils of a lesson ask for 12 minutes in
    the mean, most of them soon after it began. Seven of ten give up when it is over, the others
    stay on.
    """
    chance = random.Random(day.seed)  # noqa: S311  # the same day every time
    there_is = day.gpus * day.shares * day.seconds
    appetites = [min(chance.paretovariate(1.2), 10.0) for _ in range(day.sites)]
    found: list[Wish] = []
    for number, appetite in enumerate(appetites):
        site = f"site-{number:02}"
        hours = chance.sample(range(day.hours), chance.randint(2 * day.hours // 3, day.hours))
        rooms = chance.randint(1, 4)
        asks = day.load * there_is * appetite / sum(appetites) / TYPICAL_RUN
        for hour in hours:
            classroom = f"{site}-{chance.randrange(rooms)}"
            for pupil in range(max(1, round(asks / len(hours)))):
                who = Asker(site, classroom, f"{classroom}-{pupil}", "course")
                found.append(_wish(chance, who, hour * HOUR))
    return sorted(found, key=lambda wish: (wish.at, wish.who.person))


def _wish(chance: random.Random, who: Asker, lesson: float) -> Wish:
    at = lesson + min(chance.expovariate(1 / (5 * MINUTE)), 40 * MINUTE)
    runs = min(max(chance.lognormvariate(math.log(10 * MINUTE), 0.6), MINUTE), LONGEST_RUN)
    stays_on = chance.random() < 0.3
    patience = chance.expovariate(1 / (90 * MINUTE)) if stays_on else lesson + HOUR - at
    restarts = chance.uniform(0, runs) if chance.random() < 0.1 else None
    return Wish(who, at, runs, patience, restarts, is_left=chance.random() < 0.05)


def live_through(day: Day, decide: Decide = grants) -> Record:
    """Lets the day happen, with `decide` to say who gets which slot."""
    return _Course(day, decide).until_the_end()


@dataclass
class _Lease:
    held: Held
    wish: Wish
    computes: bool = False


class _Course:
    """The events of one day, in their order."""

    def __init__(self, day: Day, decide: Decide) -> None:
        self.day = day
        self.decide = decide
        self.now = 0.0
        self.record = Record()
        self.slots = [
            Slot(f"node-{gpu}", f"GPU-{gpu}", share, day.shares)
            for gpu in range(day.gpus)
            for share in range(day.shares)
        ]
        self.waiting: dict[str, tuple[Ask, Wish]] = {}
        self.leases: dict[str, _Lease] = {}
        self.ledger: dict[Key, Usage] = {}
        self.without_since: dict[str, float] = {}
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def until_the_end(self) -> Record:
        for wish in wishes(self.day):
            self.record.wanted[wish.who.site] += wish.runs / self.day.shares
            self._at(wish.at, partial(self._ask, wish))
        self._lose_a_node()
        while self._events and self._events[0][0] < self.day.seconds:
            at, _, happens = heapq.heappop(self._events)
            self._pass_until(at)
            happens()
            self._grant()
        self._pass_until(self.day.seconds)
        for ask, _ in self.waiting.values():
            self._waited(ask)
        return self.record

    def _at(self, when: float, happens: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._numbers), happens))

    def _pass_until(self, when: float) -> None:
        """Counts what goes on between two events."""
        seconds, self.now = when - self.now, when
        computing = [lease for lease in self.leases.values() if lease.computes]
        for lease in computing:
            self.record.got[lease.wish.who.site] += seconds / self.day.shares
        if self.waiting:
            self.record.usable += seconds * len(self.slots)
            self.record.idle += seconds * (len(self.slots) - len(computing))
        having = {lease.wish.who.site for lease in self.leases.values()}
        without = {wish.who.site for _, wish in self.waiting.values()} - having
        self.without_since = {
            site: self.without_since.get(site, when - seconds) for site in without
        }
        for site, since in self.without_since.items():
            longest = self.record.longest_without
            longest[site] = max(longest[site], when - since)

    def _ask(self, wish: Wish) -> None:
        ask = Ask(f"ask-{next(self._numbers)}", wish.who, self.now)
        self.waiting[ask.id] = ask, wish
        self._at(self.now + wish.patience, lambda: self._give_up(ask))

    def _give_up(self, ask: Ask) -> None:
        if self.waiting.pop(ask.id, None):
            self._waited(ask)

    def _waited(self, ask: Ask) -> None:
        self.record.longest_wait = max(self.record.longest_wait, self.now - ask.since)

    def _grant(self) -> None:
        taken = {lease.held.slot for lease in self.leases.values()}
        if not self.waiting or taken.issuperset(self.slots):
            return
        asks = [ask for ask, _ in self.waiting.values()]
        held = [lease.held for lease in self.leases.values()]
        rules = self.day.rules
        for grant in self.decide(asks, self.slots, held, (), self.ledger, self.now, rules):
            self._start(grant)

    def _start(self, grant: Grant) -> None:
        ask, wish = self.waiting.pop(grant.ask.id)
        self._waited(ask)
        self.leases[ask.id] = _Lease(Held(grant.slot, ask.who, self.now, grant.ends), wish)
        runs_from = self.now + START_SECONDS
        ends = runs_from + wish.runs
        self._at(runs_from, lambda: self._computes(ask.id, True))
        if wish.restarts_after is not None:
            stops = runs_from + wish.restarts_after
            self._at(stops, lambda: self._computes(ask.id, False))
            self._at(stops + RESTART_SECONDS, lambda: self._computes(ask.id, True))
            ends += RESTART_SECONDS
        self._at(ends, lambda: self._computes(ask.id, False))
        noticed = ends + SILENCE_SECONDS if wish.is_left else ends
        self._at(min(noticed, grant.ends), lambda: self._end(ask.id))

    def _computes(self, name: str, does: bool) -> None:
        if name in self.leases:
            self.leases[name].computes = does

    def _end(self, name: str) -> None:
        if lease := self.leases.pop(name, None):
            self.ledger.update(order.charges(self.ledger, lease.held, self.now, self.day.rules))

    def _lose_a_node(self) -> None:
        chance = random.Random(self.day.seed)  # noqa: S311  # the same day every time
        node = f"node-{chance.randrange(self.day.gpus)}"
        when = chance.uniform(HOUR, self.day.seconds - HOUR)
        lost = [slot for slot in self.slots if slot.node == node]

        def goes() -> None:
            self.slots = [slot for slot in self.slots if slot.node != node]
            for name, lease in list(self.leases.items()):
                if lease.held.slot.node == node:
                    self._end(name)
                    self._asks_again(lease)

        def comes_back() -> None:
            self.slots = self.slots + lost

        self._at(when, goes)
        self._at(when + LOST_SECONDS, comes_back)

    def _asks_again(self, lease: _Lease) -> None:
        """For what is left of the run; the restart, if there was to be one, it has behind it."""
        left = lease.wish.runs - (self.now - lease.held.since)
        if left > MINUTE:
            rest = replace(lease.wish, runs=left, restarts_after=None)
            self._at(self.now + ASK_AGAIN_SECONDS, lambda: self._ask(rest))
