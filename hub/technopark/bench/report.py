"""What a bench measured: medians over its runs, ratios to the peer, JSON and a table.

Called by `technopark bench`; the form of the JSON is fixed in docs/architecture.md.
"""

import json
import os
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from technopark.catalogue.recipe import revision

Figures = Mapping[str, float]
"""Key -> figure of one run; a key's unit is its ending, such as `_s` or `_mb`."""


@dataclass(frozen=True)
class Measured:
    """The figures of all runs; a bench without a peer leaves `peer` empty."""

    ours: Sequence[Figures]
    peer: Sequence[Figures] = field(default_factory=list)
    words: Mapping[str, str] = field(default_factory=dict)
    """What ours has to say beside its figures."""
    growth: Sequence[Figures] = field(default_factory=list)
    """Of a bench that is run with several numbers of clients: the figures of each."""


def report(name: str, measured: Measured) -> dict[str, object]:
    """What is written about a bench: medians over the runs, ratio = ours / peer for every key."""
    ours, peer = medians(measured.ours), medians(measured.peer)
    return {
        "bench": name,
        "revision": revision(),
        "machine": machine(),
        "runs": len(measured.ours),
        "peer": peer,
        "ours": {**ours, **measured.words},
        "ratio": {key: round(ours[key] / peer[key], 3) for key in ours if peer.get(key)},
    } | ({"growth": list(measured.growth)} if measured.growth else {})


def medians(runs: Sequence[Figures]) -> dict[str, float]:
    """The median of every key that all `runs` have; what is true or false holds in all or not."""
    keys = [key for key in runs[0] if all(key in run for run in runs)] if runs else []
    return {key: _median([run[key] for run in runs]) for key in keys}


def _median(figures: Sequence[float]) -> float:
    if all(isinstance(figure, bool) for figure in figures):
        return all(figures)
    return round(statistics.median(figures), 3)


def table(written: Mapping[str, object]) -> str:
    """The report for a person."""
    columns = [written[column] for column in ("peer", "ours", "ratio")]
    figures = [column if isinstance(column, dict) else {} for column in columns]
    keys = dict.fromkeys(key for column in figures for key in column)
    head = f"{written['bench']:14}{'peer':>12}{'ours':>12}{'ours/peer':>12}"
    rows = [
        f"{key:14}" + "".join(f"{column.get(key, '')!s:>12}" for column in figures) for key in keys
    ]
    return "\n".join([head, *rows, *_growth_rows(written.get("growth"))])


def _growth_rows(growth: object) -> list[str]:
    """A column for each number of clients, where there are several."""
    if not isinstance(growth, list) or len(growth) < 2:
        return []
    return [
        "",
        *(
            f"{key:18}" + "".join(f"{each.get(key, '')!s:>10}" for each in growth)
            for key in growth[0]
        ),
    ]


def write(written: Mapping[str, object], path: Path) -> None:
    """The report as one JSON object."""
    path.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    kilobytes = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(encoding="ascii"))
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(int(kilobytes[1]) / (1 << 20), 1) if kilobytes else None,
        "cpu": model[1].strip() if model else "unknown",
    }
