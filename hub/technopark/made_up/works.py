"""Made-up assignments of a school year and what was handed in for them. Pure.

Called by `made_up.city`. Who is diligent hands in nearly everything; some works come twice, some
late, and now and then a pupil had more time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from technopark.made_up import year as school_year
from technopark.made_up.plan import Extended, HandedIn, Room, Task, Work

WORKS = 200_000
"""Of the whole city."""
VARIANTS = 5
"""How many different works there are for an assignment: a pupil hands in no more versions."""
_TASKS = (17, 25)
"""Assignments of a classroom in a year: the least and the most."""
_CORRECTED = 0.05
_LATE = 0.09
_EXTENDED = 0.01
_BACK_TO_THE_FIRST = 0.05
"""Of those who sent several versions: the first one again, at last."""


@dataclass
class Works:
    """Everything that was handed out and in."""

    tasks: list[Task] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    hand_ins: list[HandedIn] = field(default_factory=list)
    extensions: list[Extended] = field(default_factory=list)


def works(rng: Random, scale: float, rooms: Sequence[Room], year: int, timezone: str) -> Works:
    """A year's work of these classrooms: exactly as many works as belong to this scale."""
    found = Works()
    writer = _Writer(found, rng, timezone)
    mondays = school_year.weeks(year)
    diligence = {name: rng.betavariate(9, 1) for room in rooms for name in room.pupils}
    done: list[tuple[_Times, str]] = []
    for room in rooms:
        for times in writer.hand_out(room, mondays):
            done += [(times, name) for name in room.pupils if rng.random() < diligence[name]]
    for (times, name), versions in zip(done, _versions(rng, len(done), scale), strict=True):
        if versions:
            writer.hand_in(times, name, versions)
    found.works.sort(key=lambda work: work.received_at)
    found.hand_ins.sort(key=lambda hand_in: hand_in.received_at)
    return found


def _versions(rng: Random, done: int, scale: float) -> list[int]:
    """How often each of those who did an assignment handed it in."""
    versions = [1] * done
    missing = round(WORKS * scale) - done
    while missing:
        one, step = rng.randrange(done), 1 if missing > 0 else -1
        if 0 <= versions[one] + step <= VARIANTS:
            versions[one] += step
            missing -= step
    return versions


@dataclass(frozen=True)
class _Times:
    """An assignment with its local times."""

    classroom: str
    name: str
    released: datetime
    due: datetime


class _Writer:
    """Writes assignments and works down, with moments of one random source."""

    def __init__(self, found: Works, rng: Random, timezone: str) -> None:
        self._found, self._rng = found, rng
        self._clock = school_year.Clock(rng, timezone)

    def hand_out(self, room: Room, mondays: Sequence[date]) -> list[_Times]:
        """The assignments of a classroom, one in a week at most."""
        rng, clock = self._rng, self._clock
        chosen = sorted(rng.sample(mondays, rng.randint(*_TASKS)))
        handed_out = []
        for number, monday in enumerate(chosen, 1):
            released = clock.released(monday)
            times = _Times(room.id, f"task-{number:02}", released, clock.due(released))
            versions = [released]
            if rng.random() < _CORRECTED:
                versions.append(clock.corrected(released))
            moments = tuple(clock.utc(one) for one in versions)
            self._found.tasks.append(Task(room.id, times.name, clock.utc(times.due), moments))
            handed_out.append(times)
        return handed_out

    def hand_in(self, times: _Times, person: str, versions: int) -> None:
        """What one pupil handed in for one assignment."""
        rng, clock = self._rng, self._clock
        is_late = rng.random() < _LATE
        moment = clock.late(times.due) if is_late else clock.in_time(times.released, times.due)
        if rng.random() < _EXTENDED:
            due = clock.utc(times.due + timedelta(days=rng.randint(3, 7)))
            self._found.extensions.append(Extended(times.classroom, times.name, person, due))
        first, variant = f"{rng.getrandbits(64):016x}", rng.randrange(VARIANTS)
        work = first
        for number in range(versions):
            if number:
                moment = clock.again(moment)
                work = f"{rng.getrandbits(64):016x}"
            self._found.works.append(
                Work(
                    id=work,
                    classroom=times.classroom,
                    task=times.name,
                    person=person,
                    variant=(variant + number) % VARIANTS,
                    received_at=clock.utc(moment),
                )
            )
            self._found.hand_ins.append(HandedIn(work, clock.utc(moment)))
        if versions > 1 and rng.random() < _BACK_TO_THE_FIRST:
            self._found.hand_ins.append(HandedIn(first, clock.utc(clock.again(moment))))
