"""What control groups let a process use, read from outside, of both versions."""

from dataclasses import dataclass
from pathlib import Path

from technopark.bench import charges

ENDLESS = 1 << 62
"""Bytes. Version 1 writes a number near this one where there is no limit."""


@dataclass(frozen=True)
class GroupLimits:
    """None: as much as there is."""

    memory: int | None
    """Bytes."""
    memory_and_swap: int | None
    """Bytes, both together."""
    cpu: float | None
    """Cores."""
    pids: int | None


def group_limits(pid: int) -> GroupLimits:
    """The limits of the control groups that process `pid` of this machine is in."""
    memory, cpu, pids = (charges.group(pid, each) for each in ("memory", "cpu", "pids"))
    processes = _number(pids / "pids.max")
    if (old := memory / "memory.limit_in_bytes").exists():
        quota, period = (
            int((cpu / f"cpu.cfs_{each}_us").read_text()) for each in ("quota", "period")
        )
        both = memory / "memory.memsw.limit_in_bytes"  # not there where swap is not counted
        return GroupLimits(
            _number(old),
            _number(both) if both.exists() else None,
            quota / period if quota > 0 else None,
            processes,
        )
    limit, swap = _number(memory / "memory.max"), _number(memory / "memory.swap.max")
    word, length = (cpu / "cpu.max").read_text().split()
    return GroupLimits(
        limit,
        None if limit is None or swap is None else limit + swap,
        None if word == "max" else int(word) / int(length),
        processes,
    )


def _number(file: Path) -> int | None:
    word = file.read_text().strip()
    return None if word in ("max", "-1") or int(word) > ENDLESS else int(word)
