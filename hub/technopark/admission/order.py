"""The fair order of those who wait for a server: between sites, between classrooms, then by time.

Called by `line` whenever somebody comes or goes. No clock, nothing random: the same arguments give
the same order.
"""

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Group = tuple[str, ...]
"""Whose turns are counted: a kind and a site, or a kind, a site and a classroom of it."""

_LEVELS = 2

Turns = Mapping[Group, int]
"""The turns that each group has had, or was counted as having had, since the line was empty."""


@dataclass(frozen=True)
class Start:
    """The start of a server that somebody waits for."""

    person: str
    classroom: str
    site: str
    since: float
    is_warm: bool = False
    """Nobody waits for it in person: it is to be ready before the lesson."""

    @property
    def server(self) -> tuple[str, str]:
        """Whose server, for which classroom."""
        return self.person, self.classroom

    @property
    def groups(self) -> tuple[Group, Group]:
        """The groups that it belongs to, the larger one first.

        Warm starts are counted apart: a site whose pupils found their servers ready must not
        stand behind for it.
        """
        kind = "warm" if self.is_warm else "person"
        return (kind, self.site), (kind, self.site, self.classroom)


def in_order(waiting: Iterable[Start], turns: Turns) -> list[Start]:
    """All who wait, who is next first; warm starts behind everybody who waits in person.

    Sites take turns, whichever has had the fewest is next; so do the classrooms of a site. Within
    a classroom, who came first goes first.
    """
    waiting = list(waiting)
    in_person = [start for start in waiting if not start.is_warm]
    warm = [start for start in waiting if start.is_warm]
    return [*_merged(in_person, turns, 0), *_merged(warm, turns, 0)]


def joined(turns: Turns, start: Start, waiting: Sequence[Start]) -> dict[Group, int]:
    """The turns as they count from now on, when `start` comes to those who wait already.

    A group that had nobody waiting is counted as far as the one with the fewest turns: it shares
    what comes, and has no claim to what others got while it asked for nothing.
    """
    counted = dict(turns)
    for level, group in enumerate(start.groups):
        rivals = {
            other.groups[level]
            for other in waiting
            if other.groups[0][0] == group[0] and other.groups[:level] == start.groups[:level]
        }
        if rivals and group not in rivals:
            fewest = min(counted.get(rival, 0) for rival in rivals)
            counted[group] = max(counted.get(group, 0), fewest)
    return counted


def served(turns: Turns, start: Start) -> dict[Group, int]:
    """The turns as they count once `start` has got its own."""
    return {**turns, **{group: turns.get(group, 0) + 1 for group in start.groups}}


def _merged(starts: Sequence[Start], turns: Turns, level: int) -> list[Start]:
    """The order of `starts`, which are all of one group of the level above."""
    if level == _LEVELS:
        return sorted(starts, key=lambda start: (start.since, start.server))
    members: defaultdict[Group, list[Start]] = defaultdict(list)
    for start in starts:
        members[start.groups[level]].append(start)
    lines = {group: deque(_merged(own, turns, level + 1)) for group, own in members.items()}
    heap = [(turns.get(group, 0), line[0].since, group) for group, line in lines.items()]
    heapq.heapify(heap)
    order: list[Start] = []
    while heap:
        had, _, group = heapq.heappop(heap)
        line = lines[group]
        order.append(line.popleft())
        if line:
            heapq.heappush(heap, (had + 1, line[0].since, group))
    return order
