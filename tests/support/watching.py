"""Watches a park's processes through a lesson: do they hold more and more of anything?

The parent of servers is one of them, with all that its container is charged with.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import linear_regression

from technopark.bench.charges import container_memory
from technopark.bench.hub.watch import memory_mb
from technopark.engine.client import open_engine
from technopark.machine import supervisor
from technopark.machine.parent import find_parent
from technopark.settings import Settings

LOOK_SECONDS = 1.0
PARENT = "parent of servers"


@dataclass(frozen=True)
class Look:
    """What one process held at one moment."""

    at: float
    memory_mb: float
    files: int
    threads: int


@dataclass
class Watch:
    """All looks at each of a park's processes, by its name, one after the other."""

    looks: dict[str, list[Look]] = field(default_factory=dict)
    pids: dict[str, set[int]] = field(default_factory=dict)

    def look(self, settings: Settings) -> None:
        """Looks at all of them once."""
        for state in supervisor.states(settings):
            if state.pid:
                self.pids.setdefault(state.name, set()).add(state.pid)
                self.looks.setdefault(state.name, []).append(look(state.pid))
        if (parent := pid_of_parent(settings)) is not None:
            self.pids.setdefault(PARENT, set()).add(parent)
            charged = replace(look(parent), memory_mb=container_memory(parent))
            self.looks.setdefault(PARENT, []).append(charged)

    def growth(self, name: str, held: str) -> float:
        """By how much `held` of the process grew over the last two thirds of the time.

        The slope of a regression, times its span: single peaks do not count, and neither does the
        first third, in which a program loads what it needs only once.
        """
        looks = self.looks[name]
        return growth([(each.at, getattr(each, held)) for each in looks[len(looks) // 3 :]])


def look(pid: int) -> Look:
    """What the process holds now."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    threads = status.partition("Threads:")[2].split()[0]
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return Look(time.monotonic(), memory_mb(pid), files, int(threads))


def pid_of_parent(settings: Settings) -> int | None:
    """Of process 1 of the parent's container; None: there is none, by the settings or just now."""
    found = find_parent(settings)
    if found is None or not found.runs:
        return None
    with closing(open_engine(settings.engine)) as engine:
        return int(engine.inspect_container(found.id)["State"]["Pid"])


def growth(points: Sequence[tuple[float, float]]) -> float:
    """Growth along the line that lies nearest to all `points` (moment, value)."""
    moments, values = zip(*points, strict=True)
    return linear_regression(moments, values).slope * (moments[-1] - moments[0])


@contextmanager
def watching(settings: Settings) -> Iterator[Watch]:
    """Looks every second while the block runs."""
    watch, ended = Watch(), threading.Event()

    def go_on() -> None:
        while not ended.wait(LOOK_SECONDS):
            watch.look(settings)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()
