"""How much of the machine's memory a bench uses at its peak.

Called by benches that fill the machine; looks at /proc/meminfo now and then and changes nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from technopark.host import memory

_LOOK_S = 0.5


@dataclass
class Gauge:
    """Bytes that were free when the bench began, and the least that were free since."""

    began: int
    least: int

    @property
    def used_gb(self) -> float:
        """Gigabytes (2^30 bytes) that were taken at the peak."""
        return round((self.began - self.least) / (1 << 30), 2)


@contextmanager
def memory_gauge() -> Iterator[Gauge]:
    """Watches the machine's memory while the block runs; what others take meanwhile counts too."""
    free = memory().available
    gauge, ended = Gauge(free, free), Event()

    def look() -> None:
        while not ended.wait(_LOOK_S):
            gauge.least = min(gauge.least, memory().available)

    thread = Thread(target=look)
    thread.start()
    try:
        yield gauge
    finally:
        ended.set()
        thread.join()
