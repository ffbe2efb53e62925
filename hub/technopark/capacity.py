"""What a pupil costs a machine: the planning figures, and how many pupils that makes.

Read by the bell's forecast, by `technopark capacity`, and by the parent of servers for its limit.
Pure: knows no part of the park, asks no machine. Where each figure comes from: docs/capacity.md.
"""

from dataclasses import dataclass
from typing import Literal

MEGABYTE = 1_000_000
GIGABYTE = 1 << 30

Way = Literal["ordinary", "forked"]
"""How a server starts; the values of the setting `servers.way`."""


@dataclass(frozen=True)
class Cost:
    """What one server with one kernel costs, before its notebook imports anything."""

    start_cpu: float
    """Seconds of CPU until the server answers, the engine's work included."""
    kernel_cpu: float
    """Seconds of CPU until its kernel has run a first cell."""
    memory: int
    """Bytes charged to the container (server, an idle kernel, what it forks from) and to the parent
    for it."""


@dataclass(frozen=True)
class Libraries:
    """What a course's usual imports add to one pupil's server."""

    memory: int
    """Bytes more that its container is charged with: of the kernel and what that is forked from."""
    import_cpu: float
    """Seconds of CPU."""


COSTS: dict[Way, Cost] = {
    "ordinary": Cost(start_cpu=0.87, kernel_cpu=0.6, memory=145 * MEGABYTE),
    "forked": Cost(start_cpu=0.36, kernel_cpu=0.2, memory=45 * MEGABYTE),
}
"""By `./park bench spawn`; memory of the ordinary way as containers were charged in the soak."""

LIBRARIES: dict[str, Libraries] = {
    "base": Libraries(memory=0, import_cpu=0.0),
    "robotics": Libraries(memory=33 * MEGABYTE, import_cpu=0.23),
    "bio": Libraries(memory=42 * MEGABYTE, import_cpu=0.63),
    "data": Libraries(memory=66 * MEGABYTE, import_cpu=0.78),
}
"""The imports of the courses that come with the park, by the name of their image."""

SHIM_MEMORY = 10 * MEGABYTE
"""Bytes of the engine's own process beside each container, with the kernel's records of it."""

WORK_MEMORY = 25 * MEGABYTE
"""Bytes that a pupil's own work takes: data, pictures, outputs of a lesson."""

PARK_MEMORY = 1200 * MEGABYTE
"""Bytes of hub, proxy, services, engine, the parent of forked servers and the system."""

CACHE_SHARE = 0.1
"""Part of a machine's memory left to the cache of files, without which every start reads disks."""

LESSON_CPU = 0.01
"""Cores that one pupil keeps busy on average while a lesson is on."""

MOST_SERVERS = 1000
"""Of one machine: a Linux bridge holds 1023 containers (BR_MAX_PORTS), the leased ones included."""


def libraries(image: str) -> Libraries:
    """What the course image `image` adds; of an unknown one, as much as the largest known."""
    return LIBRARIES.get(image) or max(LIBRARIES.values(), key=lambda known: known.memory)


def server_memory(image: str, way: Way) -> int:
    """Bytes of the machine's memory to reckon for one pupil at work: server, kernel, libraries."""
    return COSTS[way].memory + libraries(image).memory + WORK_MEMORY + SHIM_MEMORY


def memory_for_servers(total: int) -> int:
    """Bytes that servers may take together on a machine with `total` bytes, the park on it."""
    return max(0, int(total * (1 - CACHE_SHARE)) - PARK_MEMORY)


def servers_in_memory(total: int, image: str, way: Way) -> int:
    """How many pupils at work a machine with `total` bytes of memory carries."""
    return memory_for_servers(total) // server_memory(image, way)


def bell_seconds(pupils: int, cores: float, way: Way) -> float:
    """Seconds until the last of `pupils` who come at once has a running first cell, at best."""
    cost = COSTS[way]
    return pupils * (cost.start_cpu + cost.kernel_cpu) / cores
