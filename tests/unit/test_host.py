"""How busy the machine is, as /proc says."""

from pathlib import Path

import pytest

from technopark import host
from technopark.host import Load, Work


def test_memory_is_in_bytes() -> None:
    memory = host.memory()
    assert 100 << 20 < memory.available <= memory.total


def test_work_grows() -> None:
    before = host.work(1.0)
    sum(range(3_000_000))
    after = host.work(2.0)
    assert after.busy + after.idle >= before.busy + before.idle


def test_load_is_what_happened_between_two_looks() -> None:
    before = Work(busy=100, idle=100, pressed=1_000_000, at=10_000_000)
    after = Work(busy=130, idle=110, pressed=1_250_000, at=11_000_000)
    assert host.load(before, after) == Load(idle=0.25, pressed=0.25)


def test_a_kernel_without_pressure_is_pressed_where_it_is_not_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stat").write_text("cpu  10 0 20 60 10 0 0 0 0 0\ncpu0 1 2 3\n")
    monkeypatch.setattr(host, "PROC", tmp_path)
    seen = host.work(0.0)
    assert (seen.busy, seen.idle, seen.pressed) == (30, 70, None)
    assert host.load(seen, Work(60, 80, None, 1)) == Load(idle=0.25, pressed=0.75)


def test_no_time_between_two_looks_is_idle() -> None:
    seen = Work(1, 1, 1, 1)
    assert host.load(seen, seen) == Load(idle=1.0, pressed=0.0)
