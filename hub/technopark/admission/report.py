"""What the hub tells other processes of itself: its line, and how long its loop was held up.

Written by the hub every other second where something changed, into `run/hub.json`; read by
`technopark status`, `doctor` and the benches. Nobody but the hub writes it.
"""

import asyncio
import logging
import os
from pathlib import Path

from pydantic import BaseModel

from technopark.admission.line import Line
from technopark.looplag import HoldUp, LoopLag
from technopark.settings import Settings

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two looks."""


class HubReport(BaseModel):
    """The hub, a moment ago."""

    pid: int
    waiting: int = 0
    starting: int = 0
    at_a_time: int = 0
    is_short: bool = False
    """Those who wait do so for want of memory."""
    refused: int = 0
    """Starts that were refused for want of memory since the hub started."""
    refused_at: float | None = None
    """The last of them, in Unix seconds."""
    worst: HoldUp
    """The longest that the hub's loop blocked itself since it started."""
    hold_ups: list[HoldUp] = []
    """The newest ones that are worth a word."""


def read_report(settings: Settings) -> HubReport | None:
    """What the hub wrote last; None: it never did, or another one runs that has not yet."""
    try:
        return HubReport.model_validate_json(_file(settings).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None


async def keep_report(settings: Settings, line: Line, lag: LoopLag) -> None:
    """Writes the report, as long as the hub runs."""
    written: HubReport | None = None
    while True:
        report = _report(line, lag)
        if report != written:
            try:
                await asyncio.to_thread(_write, _file(settings), report)
                written = report
            except OSError:
                log.exception("The hub's report could not be written; the next try is soon")
        await asyncio.sleep(EVERY)


def _report(line: Line, lag: LoopLag) -> HubReport:
    return HubReport(
        pid=os.getpid(),
        waiting=line.waiting,
        starting=line.starting,
        at_a_time=line.at_a_time,
        is_short=line.is_short,
        refused=line.refused,
        refused_at=line.refused_at,
        worst=lag.worst,
        hold_ups=list(lag.kept),
    )


def _write(file: Path, report: HubReport) -> None:
    draft = file.with_suffix(".draft")
    draft.write_text(report.model_dump_json(), encoding="utf-8")
    draft.replace(file)


def _file(settings: Settings) -> Path:
    return settings.data / "run" / "hub.json"
