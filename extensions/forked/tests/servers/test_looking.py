"""What the parent reads of a container in the kernel's own words, of both versions of cgroups."""

import resource

import pytest

from technopark_forked.servers.joining import trees
from technopark_forked.servers.request import RefusedError
from technopark_forked.servers.target import cgroups, inside, limits

ID = "c0ffee" + "0" * 58


def test_limits() -> None:
    text = (
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max cpu time              unlimited            unlimited            seconds   \n"
        "Max open files            4096                 8192                 files     \n"
        "Max nice priority         0                    0                    \n"
        "Max a limit of the future 1                    2                    things    \n"
    )
    endless = resource.RLIM_INFINITY
    assert limits(text) == {
        resource.RLIMIT_CPU: (endless, endless),
        resource.RLIMIT_NOFILE: (4096, 8192),
        resource.RLIMIT_NICE: (0, 0),
    }


def test_this_machines_own_limits_are_all_understood() -> None:
    with open("/proc/self/limits", encoding="ascii") as file:  # noqa: PTH123  # as the kernel has it
        found = limits(file.read())
    assert found == {number: resource.getrlimit(number) for number in found}
    assert len(found) == 15


def test_control_groups_of_version_1_with_a_line_of_version_2() -> None:
    text = f"3:cpu,cpuacct:/docker/{ID}\n2:name=systemd:/docker/{ID}\n1:misc:/\n0::/docker/{ID}\n"
    assert cgroups(text, ID) == (
        ("cpu,cpuacct", f"/docker/{ID}"),
        ("name=systemd", f"/docker/{ID}"),
        ("", f"/docker/{ID}"),
    )


def test_control_groups_of_version_2_alone() -> None:
    path = f"/system.slice/docker-{ID}.scope"
    assert cgroups(f"0::{path}\n", ID) == (("", path),)


@pytest.mark.parametrize("text", ["0::/\n", "", f"1:cpu:/docker/{ID}\n0::/docker/other\n"])
def test_a_process_of_another_container_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="not in container c0ffee"):
        cgroups(text, ID)


def test_where_trees_are_mounted() -> None:
    mounts = (
        "50 40 0:30 / /host/cgroup ro - tmpfs tmpfs rw\n"
        "51 50 0:31 / /host/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct\n"
        "52 50 0:32 / /host/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
        "53 50 0:33 / /host/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw\n"
        "60 40 0:31 /docker/x /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
    )
    found = trees(mounts)
    assert found["cpu"] == found["cpuacct"] == "/host/cgroup/cpu,cpuacct"
    assert found["name=systemd"] == "/host/cgroup/systemd"
    assert found[""] == "/host/cgroup/unified"


def test_users_are_counted_as_the_container_does() -> None:
    assert inside("1000\t1000\t1000\t1000", "0 0 4294967295") == [1000] * 4
    assert inside("101000 5", "0 100000 65536") == [1000]
