"""Of what the hub tells about its loop, only what happened while the crowd came counts."""

import time
from pathlib import Path

import pytest

from technopark.admission.report import HubReport
from technopark.bench import hold_ups as watched
from technopark.looplag import HoldUp
from technopark.settings import Settings


def told(monkeypatch: pytest.MonkeyPatch, report: HubReport | None) -> None:
    monkeypatch.setattr(watched, "EVERY", 0.001)
    monkeypatch.setattr(watched, "read_report", lambda _settings: report)


def test_the_worst_of_what_happened_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.time() + 60
    kept = [
        HoldUp(3.0, 2.0, "starting up", at=1.0),
        HoldUp(0.4, 0.0701, "signing in", at=later),
        HoldUp(0.9, 0.06, "waiting for a processor", at=later),
    ]
    told(monkeypatch, HubReport(pid=1, worst=kept[0], hold_ups=kept))
    with watched.hold_ups(Settings(data=Path("nowhere"))) as found:
        pass
    assert found.worst_ms == 70.1


def test_a_hub_that_told_nothing_was_not_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, None)
    with watched.hold_ups(Settings(data=Path("nowhere"))) as found:
        pass
    assert found.worst_ms == 0
