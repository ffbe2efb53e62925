"""What `status` and `doctor` tell an admin of the line, from what the hub last wrote of it."""

import time
from pathlib import Path
from typing import Any

import pytest

from technopark.admission.looks import SHOW_REFUSED
from technopark.admission.report import HubReport
from technopark.cli.status import _line
from technopark.looplag import HoldUp
from technopark.machine import MachineError, doctor, supervisor
from technopark.machine.supervisor import State
from technopark.settings import Settings

HUB = 4711


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of a park whose hub runs."""
    monkeypatch.setattr(
        supervisor, "states", lambda _: [State(name="hub", state="RUNNING", pid=HUB, seconds=5)]
    )
    (tmp_path / "run").mkdir()
    return Settings(data=tmp_path)


def tell(settings: Settings, **told: Any) -> None:
    """The hub writes its report."""
    calm = HoldUp(seconds=0.03, blocked=0.02, doing="")
    report = HubReport(**({"pid": HUB, "worst": calm} | told))
    (settings.data / "run" / "hub.json").write_text(report.model_dump_json(), "utf-8")


def status_says(settings: Settings) -> list[str]:
    return _line(settings, [HUB])


def test_all_is_well_while_the_line_moves(settings: Settings) -> None:
    tell(settings, waiting=7, starting=3, at_a_time=4)
    said = "7 wait, 3 start, its loop was held up for 20 ms at worst"
    assert doctor.CHECKS["Line"](settings) == said
    assert status_says(settings) == [
        "Line: 7 wait for a server, 3 start now, 4 may at a time",
    ]


def test_a_lack_of_memory_is_told_while_pupils_wait_for_it(settings: Settings) -> None:
    tell(settings, waiting=7, is_short=True)
    with pytest.raises(MachineError, match="Memory is too short for more servers: 7 pupils wait"):
        doctor.CHECKS["Line"](settings)
    assert "  They wait for memory (./park doctor)" in status_says(settings)


def test_refusals_are_told_for_a_lesson(settings: Settings) -> None:
    tell(settings, refused=2, refused_at=time.time() - 60)
    with pytest.raises(MachineError, match="2 starts were refused, 0 pupils wait"):
        doctor.CHECKS["Line"](settings)
    assert "  2 were refused for want of memory (./park doctor)" in status_says(settings)

    tell(settings, refused=2, refused_at=time.time() - SHOW_REFUSED - 1)
    assert doctor.CHECKS["Line"](settings).startswith("0 wait")


def test_what_another_hub_wrote_is_not_told(settings: Settings) -> None:
    assert doctor.CHECKS["Line"](settings) == "the hub has not told of it yet"
    tell(settings, pid=HUB + 1, is_short=True)
    assert doctor.CHECKS["Line"](settings) == "the hub has not told of it yet"
    assert status_says(settings) == ["Line: the hub has not told of it yet"]
