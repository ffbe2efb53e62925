"""What processes cost while the bench `hub` runs: CPU and memory.

Called by `bench.hub`; only reads /proc.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU that the process `pid` has used."""
    tail = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    user, system = tail.split()[11:13]
    return (int(user) + int(system)) / _TICK


def memory_mb(pid: int) -> float:
    """Megabytes of memory that the process `pid` holds (RSS)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


class Meter:
    """CPU of several processes over a span of time."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._since = time.monotonic()
        self._before = {name: cpu_seconds(pid) for name, pid in pids.items()}

    def cores(self) -> dict[str, float]:
        """How many cores each has kept busy since the meter was made."""
        seconds = time.monotonic() - self._since
        return {
            name: round((cpu_seconds(pid) - self._before[name]) / seconds, 3)
            for name, pid in self._pids.items()
        }
