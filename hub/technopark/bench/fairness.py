"""How fair the line is, how long one waits in it, and what stands idle meanwhile.

Called by `technopark bench lease` and by the tests of the line; lets simulated school days
(`school_day`) go by the broker's own rules, and measures. Takes a few seconds, and no GPU.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from technopark.bench.school_day import Day, Decide, Record, live_through
from technopark.kernels.line.devices import grants

DAYS = tuple(
    Day(seed, gpus, shares, load)
    for seed in range(3)
    for gpus, shares in ((2, 1), (3, 1), (4, 1), (2, 4), (3, 2))
    for load in (1.5, 2.5)
)
"""2-4 GPUs, for one lease at a time or shared; more is wanted than there is, or far more."""


@dataclass(frozen=True)
class Outcome:
    """The figures of one day, or the worst of several days."""

    jain: float
    """See `fairness`; 1 is wholly fair."""
    longest_wait_s: float
    """Of any one ask, until it was granted or given up. Mostly for a turn within its own site."""
    longest_without_s: float
    """The longest that a site stood in line and had no lease at all."""
    starved: int
    """Sites for which that was more than twice the longest wait of the rules."""
    idle_while_waiting: float
    """The part of the shares' time, while somebody waited, in which nothing computed on them:
    containers that start, kernels that restart, laptops that were closed."""


def rehearse(days: Sequence[Day] = DAYS, decide: Decide = grants) -> Outcome:
    """The worst figures of these days."""
    outcomes = [outcome(day, live_through(day, decide)) for day in days]
    return Outcome(
        jain=min(one.jain for one in outcomes),
        longest_wait_s=max(one.longest_wait_s for one in outcomes),
        longest_without_s=max(one.longest_without_s for one in outcomes),
        starved=sum(one.starved for one in outcomes),
        idle_while_waiting=max(one.idle_while_waiting for one in outcomes),
    )


def outcome(day: Day, record: Record) -> Outcome:
    """The figures of a day that went by."""
    without = record.longest_without.values()
    return Outcome(
        jain=fairness(record.wanted, record.got),
        longest_wait_s=record.longest_wait,
        longest_without_s=max(without, default=0.0),
        starved=sum(seconds > 2 * day.rules.longest_wait for seconds in without),
        idle_while_waiting=record.idle / record.usable if record.usable else 0.0,
    )


def fairness(wanted: Mapping[str, float], got: Mapping[str, float]) -> float:
    """Jain's index of what sites got, each in parts of what was fairly its own.

    The fair part of a site is its max-min share of all GPU time that was used: the same for all,
    except that nobody's is more than they wanted. So a site that wanted little counts by how much
    of that it got, and one that wanted much by how near it came to an equal share; who got more
    than the fair part, even as nobody else wanted it just then, counts as unfair. What was given
    up in the line counts as wanted.
    """
    fair = max_min(wanted, sum(got.values()))
    return jain(got.get(site, 0.0) / share for site, share in fair.items() if share > 0)


def max_min(wanted: Mapping[str, float], total: float) -> dict[str, float]:
    """`total`, divided equally, but to nobody more than is wanted."""
    shares: dict[str, float] = {}
    left = total
    for site in sorted(wanted, key=lambda site: (wanted[site], site)):
        shares[site] = min(wanted[site], left / (len(wanted) - len(shares)))
        left -= shares[site]
    return shares


def jain(values: Iterable[float]) -> float:
    """Jain's index: 1 if all are equal, 1/n if one of n has everything."""
    values = list(values)
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 1.0
