"""What a pupil's kernels are forked from: of the node's parent, and yet a process of the pupil."""

import re
from pathlib import Path

import pytest
from support.filters import decisions
from support.forked import Server, below, is_at_rest
from support.waiting import eventually

from technopark_forked.servers import linux

pytestmark = pytest.mark.docker

Pids = dict[str, int]

STATUS = (
    *("Umask", "Uid", "Gid", "Groups", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt"),
    *("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters"),
    *("Speculation_Store_Bypass", "SpeculationIndirectBranch", "CoreDumping", "THP_enabled"),
    *("Cpus_allowed", "Mems_allowed", "Threads", "Name"),
)
"""Of `/proc/<pid>/status`; the others are numbers of processes and amounts of memory."""


@pytest.fixture(scope="module")
def parents(both_ways: dict[str, Server]) -> Pids:
    """That of the forked server came with it, that of the ordinary one it has started itself."""
    forked, ordinary = both_ways["forked"], both_ways["ordinary"]
    for each in (forked, ordinary):
        each.end_kernels()  # of other tests; with a kernel, its parent is another or holds more
    found = {
        "forked": eventually(lambda: below(forked, forked.container.pid), 10, "it came with it"),
        "ordinary": eventually(lambda: below(ordinary, ordinary.pid), 60, "it is started"),
    }
    for pid in found.values():
        eventually(lambda pid=pid: has_met_its_server(pid), 60, "the parent is ready")
    return found


def has_met_its_server(pid: int) -> bool:
    """Both then wait for a kernel to be asked for: standard streams, and the line."""
    kinds = descriptors(pid)
    ignores_interrupts = int(status(pid)["SigIgn"], 16) & 2
    return bool(len(kinds) == 4 and "socket" in kinds and ignores_interrupts) and is_at_rest(pid)


def status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def descriptors(pid: int) -> list[str]:
    found = Path(f"/proc/{pid}/fd").iterdir()
    return sorted(str(each.readlink()).partition(":")[0] for each in found)


def test_users_capabilities_and_signals(parents: Pids) -> None:
    forked, ordinary = (status(parents[way]) for way in ("forked", "ordinary"))
    assert {name: forked[name] for name in STATUS} == {name: ordinary[name] for name in STATUS}
    assert {forked[name] for name in STATUS if name.startswith("Cap")} == {"0" * 16}
    assert (forked["NoNewPrivs"], forked["Seccomp"]) == ("1", "2")


def test_the_filter_of_system_calls(parents: Pids) -> None:
    forked, ordinary = (
        [decisions(each) for each in linux.filters_of(parents[way])] for way in parents
    )
    assert forked == ordinary


@pytest.mark.parametrize("file", ["limits", "oom_score_adj", "loginuid", "sessionid"])
def test_files_in_proc(parents: Pids, file: str) -> None:
    if not Path(f"/proc/self/{file}").exists():
        pytest.skip(f"this kernel has no {file}")
    forked, ordinary = (Path(f"/proc/{pid}/{file}").read_text() for pid in parents.values())
    assert forked == ordinary


def test_namespaces_and_control_groups_are_the_servers(
    parents: Pids, both_ways: dict[str, Server]
) -> None:
    for way, pid in parents.items():
        for kind in Path(f"/proc/{both_ways[way].pid}/ns").iterdir():
            assert Path(f"/proc/{pid}/ns/{kind.name}").readlink() == kind.readlink()
        assert Path(f"/proc/{pid}/cgroup").read_text() == both_ways[way].proc("cgroup")


def test_no_descriptor_comes_from_the_nodes_parent(parents: Pids) -> None:
    assert descriptors(parents["forked"]) == descriptors(parents["ordinary"])


def test_its_files_are_its_users_and_it_is_in_the_containers_root(
    parents: Pids, both_ways: dict[str, Server]
) -> None:
    for way, pid in parents.items():
        process = Path(f"/proc/{pid}")
        assert process.stat().st_uid == 1000
        first = Path(f"/proc/{both_ways[way].container.pid}/root/.")
        assert (process / "root/.").stat().st_ino == first.stat().st_ino
        assert str((process / "cwd").readlink()) == "/"


def test_it_does_not_hold_the_container_when_the_server_ends(parents: Pids) -> None:
    """The pipe that tells process 1 of the end is the server's alone."""
    links = {str(each.readlink()) for each in Path(f"/proc/{parents['forked']}/fd").iterdir()}
    first = status(parents["forked"])["PPid"]
    held = {str(each.readlink()) for each in Path(f"/proc/{first}/fd").iterdir()}
    pipes = {link for link in held if re.match("pipe:", link)}
    streams = {str(Path(f"/proc/{first}/fd/{n}").readlink()) for n in (1, 2, 7)}
    assert not links & (pipes - streams)
