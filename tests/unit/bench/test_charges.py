"""What a container costs is read from cgroups of both versions and from /proc."""

from pathlib import Path

import pytest

from technopark.bench import charges

STAT = "{pid} ({name}) S 1 1 1 0 -1 0 0 0 0 0 {user} {system} {ended} 0 20 0 1 0 5 0 0\n"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty /proc and /sys/fs/cgroup."""
    monkeypatch.setattr(charges, "PROC", tmp_path / "proc")
    monkeypatch.setattr(charges, "CGROUPS", tmp_path / "cgroup")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_cgroups_version_1(machine: Path) -> None:
    write(machine / "proc/7/cgroup", "5:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc\n")
    write(machine / "cgroup/cpuacct/docker/abc/cpuacct.usage", "1500000000\n")
    memory = machine / "cgroup/memory/docker/abc"
    write(memory / "memory.usage_in_bytes", "90000000\n")
    write(memory / "memory.stat", "total_active_file 10000000\ntotal_inactive_file 5000000\n")
    assert charges.container_cpu(7) == 1.5
    assert charges.container_memory(7) == 75


def test_cgroups_version_2(machine: Path) -> None:
    write(machine / "proc/7/cgroup", "0::/system.slice/docker-abc.scope\n")
    group = machine / "cgroup/system.slice/docker-abc.scope"
    write(group / "cpu.stat", "usage_usec 250000\nuser_usec 200000\n")
    write(group / "memory.current", "64000000\n")
    write(group / "memory.stat", "active_file 1000000\ninactive_file 3000000\n")
    assert charges.container_cpu(7) == 0.25
    assert charges.container_memory(7) == 60


def test_the_engines_work_counts_its_processes_and_one_shim(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charges, "_TICK", 100)
    processes = [
        (1, "dockerd", "dockerd", 100, 50, 50),
        (2, "containerd", "containerd", 100, 0, 0),
        (3, "containerd-shim", "containerd-shim-runc-v2\0-id\0abc", 30, 0, 0),
        (4, "containerd-shim", "containerd-shim-runc-v2\0-id\0other", 900, 0, 0),
        (5, "a (strange) name", "python", 900, 0, 0),
    ]
    for pid, name, command, user, system, ended in processes:
        text = STAT.format(pid=pid, name=name, user=user, system=system, ended=ended)
        write(machine / f"proc/{pid}/stat", text)
        write(machine / f"proc/{pid}/cmdline", command)
    assert charges.engine_cpu() == 3.0
    assert charges.engine_cpu("abc") == 3.3


def test_the_whole_machines_work_leaves_out_what_it_waited(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charges, "_TICK", 100)
    write(machine / "proc/stat", "cpu  100 20 30 9000 8000 4 6 0 0 0\ncpu0 1 2 3 4 5 6 7 0 0 0\n")
    assert charges.machine_cpu() == 1.6


def test_a_containers_commands_are_those_of_its_group(machine: Path) -> None:
    write(machine / "proc/7/cgroup", "5:cpu,cpuacct:/docker/abc\n")
    write(machine / "cgroup/cpuacct/docker/abc/cgroup.procs", "7\n8\n9\n")
    write(machine / "proc/7/cmdline", "tini\0--\0technopark-server\0")
    write(machine / "proc/9/cmdline", "/opt/course/bin/python\0-m\0ipykernel\0")
    assert charges.commands_beside(7) == [
        "tini -- technopark-server",
        "/opt/course/bin/python -m ipykernel",
    ]
