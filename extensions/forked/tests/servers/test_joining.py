"""A fork counts where it runs: it is written into all control groups of its container."""

import os
from pathlib import Path

import pytest

from technopark_forked.servers import joining
from technopark_forked.servers.joining import join_cgroups
from technopark_forked.servers.request import RefusedError

V1 = (("cpu,cpuacct", "/docker/one"), ("memory", "/docker/one"))
V2 = (("", "/system.slice/docker-one.scope"),)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Trees of control groups of both versions, as the parent's container has them."""
    rows = [
        ("cpu,cpuacct", "cgroup", "rw,cpu,cpuacct"),
        ("memory", "cgroup", "rw,memory"),
        ("unified", "cgroup2", "rw"),
    ]
    lines = [
        f"5{number} 40 0:3{number} / {tmp_path}/{folder} rw - {kind} {kind} {options}"
        for number, (folder, kind, options) in enumerate(rows)
    ]
    (tmp_path / "mountinfo").write_text("\n".join(lines) + "\n")
    monkeypatch.setattr(joining, "_MOUNTS", tmp_path / "mountinfo")
    monkeypatch.setattr(joining, "CGROUPS", str(tmp_path))
    for groups, tree in ((V1[:1], "cpu,cpuacct"), (V1[1:], "memory"), (V2, "unified")):
        (tmp_path / f"{tree}{groups[0][1]}").mkdir(parents=True)
    return tmp_path


def joined(machine: Path) -> set[str]:
    """The trees in which this process is where the container is."""
    return {
        str(file.relative_to(machine)).partition("/")[0]
        for file in machine.rglob("cgroup.procs")
        if file.read_text() == str(os.getpid())
    }


def test_version_1_has_a_tree_for_each_controller(machine: Path) -> None:
    join_cgroups(V1)
    assert joined(machine) == {"cpu,cpuacct", "memory"}


def test_version_2_has_one(machine: Path) -> None:
    join_cgroups(V2)
    assert joined(machine) == {"unified"}


def test_both_at_a_time(machine: Path) -> None:
    join_cgroups((*V1, *V2))
    assert joined(machine) == {"cpu,cpuacct", "memory", "unified"}


@pytest.mark.usefixtures("machine")
def test_a_tree_that_is_not_there_is_no_reason_to_go_on_without() -> None:
    with pytest.raises(RefusedError, match="The control groups pids are not mounted"):
        join_cgroups((("pids", "/docker/one"),))


def test_a_group_that_has_gone_is_refused_by_the_kernel(machine: Path) -> None:
    with pytest.raises(FileNotFoundError):
        join_cgroups((("memory", "/docker/another"),))
    assert joined(machine) == set()
