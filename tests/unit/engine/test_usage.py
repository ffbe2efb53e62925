"""What containers use is read from their control groups, wherever the engine makes them."""

from pathlib import Path

import pytest

from technopark.engine import usage

V1 = {
    "memory.usage_in_bytes": "90\n",
    "memory.stat": "total_active_file 10\ntotal_inactive_file 5\n",
}
V2 = {"memory.current": "64\n", "memory.stat": "active_file 1\ninactive_file 3\n"}


@pytest.mark.parametrize(
    ("place", "files", "used"),
    [
        ("memory/docker/abc", V1, 75),
        ("memory/system.slice/docker-abc.scope", V1, 75),
        ("docker/abc", V2, 60),
        ("system.slice/docker-abc.scope", V2, 60),
    ],
)
def test_memory_of_a_container(
    place: str, files: dict[str, str], used: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "CGROUPS", tmp_path)
    group = tmp_path / place
    group.mkdir(parents=True)
    for name, text in files.items():
        (group / name).write_text(text)
    assert usage.memory_of(["abc", "of-another-machine"]) == {"abc": used}
