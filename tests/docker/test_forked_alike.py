"""A forked server and an ordinary one, side by side: what each is, sees and may do."""

import re
from pathlib import Path

import pytest
from support.filters import decisions
from support.forked import Server
from support.group_limits import GroupLimits
from support.looks import LOOKS, STATUS, attempted, mounts, status
from support.waiting import eventually

from technopark.settings import Servers
from technopark_forked.servers import linux

pytestmark = pytest.mark.docker

Both = dict[str, Server]


def test_users_capabilities_and_signals(both_ways: Both) -> None:
    # Both begin to prepare for kernels when they answer, one perhaps a moment before the other.
    eventually(
        lambda: len({status(server)["Threads"] for server in both_ways.values()}) == 1,
        10,
        "both servers have come to rest",
    )
    forked, ordinary = (status(both_ways[way]) for way in ("forked", "ordinary"))
    assert {name: forked[name] for name in STATUS} == {name: ordinary[name] for name in STATUS}
    nothing = "0000000000000000"
    assert {forked[name] for name in STATUS if name.startswith("Cap")} == {nothing}
    assert (forked["NoNewPrivs"], forked["Seccomp"]) == ("1", "2")


def test_the_filter_of_system_calls_is_the_very_same(both_ways: Both) -> None:
    found = {way: linux.filters_of(server.pid) for way, server in both_ways.items()}
    assert found["forked"] == linux.filters_of(both_ways["forked"].container.pid)
    # The engine writes the same rules in another order from one container to the next.
    forked, ordinary = ([decisions(each) for each in found[way]] for way in found)
    assert forked == ordinary
    assert len(set(forked[0].values())) > 1


@pytest.mark.parametrize(
    "file", ["limits", "oom_score_adj", "loginuid", "sessionid", "personality", "timerslack_ns"]
)
def test_files_in_proc(both_ways: Both, file: str) -> None:
    if not Path(f"/proc/self/{file}").exists():
        pytest.skip(f"this kernel has no {file}")
    assert both_ways["forked"].proc(file) == both_ways["ordinary"].proc(file)


def test_control_groups_of_both_versions(both_ways: Both) -> None:
    lines = {
        way: server.proc("cgroup").replace(server.container.id, "CONTAINER")
        for way, server in both_ways.items()
    }
    assert lines["forked"] == lines["ordinary"]
    trees = lines["forked"].splitlines()
    assert any(line.startswith("0::") for line in trees)
    assert all(line.endswith("CONTAINER") for line in trees)


def test_limits_of_control_groups_are_those_of_the_settings(both_ways: Both) -> None:
    wanted = Servers()
    limits = GroupLimits(wanted.memory, wanted.memory, wanted.cpu, wanted.pids)
    assert {way: LOOKS["control groups"](both_ways[way]) for way in both_ways} == {
        "forked": limits,
        "ordinary": limits,
    }


def test_namespaces_are_the_containers(both_ways: Both) -> None:
    for server in both_ways.values():
        first = Path(f"/proc/{server.container.pid}/ns")
        mine = {each.name: each.readlink() for each in Path(f"/proc/{server.pid}/ns").iterdir()}
        assert mine == {each.name: each.readlink() for each in first.iterdir()}


def test_mounts(both_ways: Both) -> None:
    assert mounts(both_ways["forked"]) == mounts(both_ways["ordinary"])


def test_parent_folder_and_root(both_ways: Both) -> None:
    for server in both_ways.values():
        assert status(server)["PPid"] == str(server.container.pid)
        process = Path(f"/proc/{server.pid}")
        assert str((process / "cwd").readlink()) == "/home/pupil"
        assert process.stat().st_uid == 1000
        first = Path(f"/proc/{server.container.pid}/root/.")
        assert (process / "root/.").stat().st_ino == first.stat().st_ino


def test_no_descriptor_comes_from_the_parent(both_ways: Both) -> None:
    for server in both_ways.values():
        server.end_kernels()

    def both() -> list[list[str]]:
        # One more than the ordinary one has: the pipe that tells process 1 of the end.
        forked, ordinary = (descriptors(both_ways[way]) for way in ("forked", "ordinary"))
        return [forked, sorted([*ordinary, "pipe"])]

    # An ordinary server has its line to a parent of kernels only once the machine was calm.
    eventually(lambda: both()[0] == both()[1], 60, "both have the same descriptors")
    last = max(
        int(each.name)
        for each in Path(f"/proc/{both_ways['forked'].pid}/fd").iterdir()
        if str(each.readlink()).startswith("pipe")
    )
    flags = both_ways["forked"].proc(f"fdinfo/{last}")
    close_on_exec = 0o2000000
    assert int(re.findall(r"flags:\s+(\d+)", flags)[0], 8) & close_on_exec


def descriptors(server: Server) -> list[str]:
    found = Path(f"/proc/{server.pid}/fd").iterdir()
    return sorted(str(each.readlink()).partition(":")[0] for each in found)


def test_what_a_hostile_program_gets_done(both_ways: Both) -> None:
    # In kernels: one that the node's parent has at the root of its line, and one that is started.
    forked, ordinary = (attempted(both_ways[way]) for way in ("forked", "ordinary"))
    assert forked == ordinary
    succeeded = {name for name, result in forked.items() if result == "done"}
    assert succeeded <= {"trace process 1", "read memory of process 1"}  # its own user's
