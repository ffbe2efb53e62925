"""Which machine for how many pupils: the figures of `capacity`, put together for an admin.

Called by `technopark capacity`. Pure; asks no machine, and promises nothing that docs/capacity.md
does not show a measurement for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from technopark import capacity
from technopark.capacity import GIGABYTE, MEGABYTE, Way


@dataclass(frozen=True)
class Machine:
    """What somebody has, or thinks of buying."""

    cores: float
    memory: int
    """Bytes."""


@dataclass(frozen=True)
class Class:
    """What pupils do there."""

    image: str
    """Of their course; the largest where they have several."""
    way: Way
    bell: int
    """So many come at once."""


@dataclass(frozen=True)
class Step:
    """What has to change before a park grows past a number of pupils at once."""

    beyond: int
    what: str


STEPS = (
    Step(100, "kernel limits: `./park doctor` names those that are too low"),
    Step(300, "PostgreSQL instead of SQLite; homes on a disk of their own, with quotas"),
    Step(1000, "timetables for all classes: one hub signs in and starts some 7 pupils a second"),
    Step(1000, "a machine more: a Linux bridge holds 1,023 containers, whatever the memory"),
    Step(1000, "nodes of a Swarm for leased kernels; homes on NFS where pupils change machines"),
    Step(3000, "several parks, by district, each with a hub of its own: a hub is one process"),
)
"""In the order in which they come; docs/capacity.md explains each."""


@dataclass(frozen=True)
class Plan:
    """What a machine carries."""

    machine: Machine
    by_memory: int
    """Pupils at work at a time."""
    by_cores: int
    bell_seconds: float
    """Until the last of those who come at once has a running cell."""

    @property
    def carries(self) -> int:
        """Pupils at work at a time."""
        return min(self.by_memory, self.by_cores, capacity.MOST_SERVERS)


def plan(machine: Machine, lesson: Class) -> Plan:
    """What `machine` carries of pupils in such a lesson."""
    return Plan(
        machine=machine,
        by_memory=capacity.servers_in_memory(machine.memory, lesson.image, lesson.way),
        by_cores=int(machine.cores / capacity.LESSON_CPU),
        bell_seconds=capacity.bell_seconds(lesson.bell, machine.cores, lesson.way),
    )


def parks_needed(found: Plan, pupils: int) -> int:
    """How many such machines `pupils` at once need, each with an own park; 0: none will do."""
    return ceil(pupils / found.carries) if found.carries else 0


def memory_needed(pupils: int, lesson: Class) -> int:
    """Bytes of the one machine that carries `pupils` at once."""
    servers = pupils * capacity.server_memory(lesson.image, lesson.way)
    return ceil((servers + capacity.PARK_MEMORY) / (1 - capacity.CACHE_SHARE))


def in_words(found: Plan, lesson: Class, pupils: int | None) -> Iterator[str]:
    """The plan, line by line, for the admin who asked."""
    each = capacity.server_memory(lesson.image, lesson.way) / MEGABYTE
    memory = found.machine.memory / GIGABYTE
    machine = f"{found.machine.cores:g} cores, {memory:.3g} GB"
    yield f"{machine}; image {lesson.image}, {lesson.way} servers"
    yield (
        f"  memory      {found.by_memory:6} pupils at work, {each:.0f} MB each; "
        f"{capacity.PARK_MEMORY / GIGABYTE:.1f} GB for the park, a tenth for cached files"
    )
    yield (
        f"  processors  {found.by_cores:6} pupils at work, {capacity.LESSON_CPU:g} cores each on "
        "average"
    )
    yield (
        f"  the bell    {lesson.bell:6} at once: the last has a running cell after "
        f"{found.bell_seconds:.0f} s at best; with a timetable their servers run before"
    )
    yield f"  so it carries {found.carries} pupils at a time."
    for step in STEPS:
        if step.beyond < (pupils or found.carries):
            yield f"  beyond {step.beyond}: {step.what}"
    if pupils:
        yield ""
        yield _for_so_many(found, lesson, pupils)


def _for_so_many(found: Plan, lesson: Class, pupils: int) -> str:
    if pupils <= found.carries:
        return f"{pupils} pupils fit: {found.carries - pupils} places are left."
    wanted = memory_needed(pupils, lesson) / GIGABYTE
    cores = ceil(pupils * capacity.LESSON_CPU)
    ways = [f"one machine with {wanted:.0f} GB and {cores} cores"]
    if pupils > capacity.MOST_SERVERS:
        ways = []
    if parks := parks_needed(found, pupils):
        ways.append(f"{parks} such machines, each with a park of its own")
    return f"{pupils} pupils do not fit. They need {', or '.join(ways) or 'larger machines'}."
