"""Control groups as the kernel shows them, of both versions, in folders that are made up here.

A machine has one version; what must hold on the other is tried on its tree.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.attacks import MEANS, ON_CONTROL_GROUPS
from support.group_limits import GroupLimits, group_limits

from technopark.bench import charges
from technopark.engine import usage

ID = "c0ffee" * 10 + "beef"
GIB = 1 << 30
NO_LIMIT_V1 = "9223372036854771712"
"""What version 1 writes: the largest number that is a whole page."""
V1 = {
    "memory/memory.usage_in_bytes": "90000000",
    "memory/memory.stat": "cache 1\ntotal_active_file 10000000\ntotal_inactive_file 5000000",
    "memory/memory.limit_in_bytes": f"{GIB}",
    "memory/memory.memsw.limit_in_bytes": f"{GIB}",
    "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2",
    "memory/cgroup.procs": "4711",
    "cpu/cpu.cfs_quota_us": "100000",
    "cpu/cpu.cfs_period_us": "100000",
    "cpuacct/cpuacct.usage": "1500000000",
    "pids/pids.max": "256",
    "pids/pids.current": "21",
    "devices/devices.allow": "",
}
V2 = {
    "memory.current": "90000000",
    "memory.stat": "anon 1\nactive_file 10000000\ninactive_file 5000000",
    "memory.max": f"{GIB}",
    "memory.swap.max": "0",
    "memory.events": "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2",
    "cpu.max": "100000 100000",
    "cpu.stat": "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000",
    "pids.max": "256",
    "pids.current": "21",
    "cgroup.procs": "4711",
    "cgroup.subtree_control": "",
}
LINES = {
    "V1": "\n".join(
        f"{number}:{name}:/docker/{ID}"
        for number, name in enumerate(("cpu,cpuacct", "memory", "pids", "devices"), 2)
    ),
    "V2": f"0::/system.slice/docker-{ID}.scope",
}
"""Of `/proc/<pid>/cgroup`."""
PLACES = {"V1": f"docker/{ID}", "V2": f"system.slice/docker-{ID}.scope"}
TREES: dict[str, Mapping[str, str]] = {"V1": V1, "V2": V2}


def lay(root: Path, version: str, below: str = "", **changes: str) -> Path:
    """The files of a container's group; below a controller's folder, or all in one.

    Args:
        root: where the trees are mounted.
        version: of control groups.
        below: the group's path; that of a container's own view is empty.
        changes: what else stands in a file.
    """
    for name, text in TREES[version].items():
        controller, _, file = name.rpartition("/")
        path = root / controller / below / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changes.get(file.replace(".", "_"), text) + "\n")
    return root


@pytest.fixture(params=["V1", "V2"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders for /proc and /sys/fs/cgroup, where everything here looks."""
    monkeypatch.setattr(charges, "PROC", tmp_path / "proc")
    for reader in (charges, usage):
        monkeypatch.setattr(reader, "CGROUPS", tmp_path / "cgroup")
    return tmp_path


@pytest.fixture
def group(machine: Path, version: str) -> Path:
    """A container with process 4711 and the limits of a pupil's server."""
    (machine / "proc" / "4711").mkdir(parents=True)
    (machine / "proc" / "4711" / "cgroup").write_text(f"{LINES[version]}\n")
    return lay(machine / "cgroup", version, PLACES[version])


@pytest.mark.usefixtures("group")
def test_what_a_container_uses_is_the_same_by_either_version() -> None:
    assert usage.memory_of([ID]) == {ID: 75_000_000}
    assert charges.container_memory(4711) == 75
    assert charges.container_cpu(4711) == 1.5


@pytest.mark.usefixtures("group")
def test_limits_are_the_same_by_either_version() -> None:
    assert group_limits(4711) == GroupLimits(GIB, GIB, 1.0, 256)


def test_no_limits_are_none(group: Path, version: str) -> None:
    lay(
        group,
        version,
        PLACES[version],
        memory_limit_in_bytes=NO_LIMIT_V1,
        memory_memsw_limit_in_bytes=NO_LIMIT_V1,
        cpu_cfs_quota_us="-1",
        memory_max="max",
        memory_swap_max="max",
        cpu_max="max 100000",
        pids_max="max",
    )
    assert group_limits(4711) == GroupLimits(None, None, None, None)


def test_what_a_hostile_program_tries_would_be_seen_to_succeed(
    tmp_path: Path, version: str
) -> None:
    # As the kernel refuses these in a container, they show on a tree that anybody may write to
    # that it is not their own mistakes that keep them from it.
    own = lay(tmp_path, version)
    tried = attempts(own)
    expected = {f"loosen {name}" for name in TREES[version] if writes(name)}
    folders = [own / "mine", *([own / "memory" / "mine"] if version == "V1" else [])]
    expected |= {f"a group of one's own in {folder}" for folder in folders}
    assert {name for name, came in tried.items() if came == "done"} == expected
    assert {tried[name] for name in tried.keys() - expected} == {"ENOENT"}
    looser = {"V1": ("memory/memory.limit_in_bytes", "-1"), "V2": ("memory.max", "max")}
    file, text = looser[version]
    assert (own / file).read_text().startswith(text)


def writes(name: str) -> bool:
    """Whether a file of a group is one that changes it."""
    reads = ("usage", "current", "stat", "events", "period_us")
    return not name.endswith(reads) and "usage_in_bytes" not in name


def attempts(groups: Path) -> dict[str, str]:
    """What comes of the attempts on control groups that are at `groups`."""
    tell = "print(json.dumps({name: outcome(attempt) for name, attempt in tries.items()}))"
    program = f"{MEANS}\ngroups = {str(groups)!r}\n{ON_CONTROL_GROUPS}\n{tell}"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    found: dict[str, str] = json.loads(said.stdout)
    return found
