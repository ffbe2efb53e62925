"""Who was ended as memory ran out is counted by control groups of both versions."""

from pathlib import Path

import pytest

from technopark_sandbox import linux


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("memory.events", "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 0\n"),
        ("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"),
        ("elsewhere", "oom_kill 2\n"),
    ],
)
def test_who_was_ended_as_memory_ran_out(
    file: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linux, "_GROUPS", tmp_path)
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text)
    assert linux.killed_for_memory() == (0 if file == "elsewhere" else 2)
