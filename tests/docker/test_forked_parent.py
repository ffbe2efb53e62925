"""The parent of servers: who may ask it, what it keeps of a request, how another follows it."""

import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker.errors import APIError
from support.forked import PACKAGES, Forking, Server, derived
from support.waiting import eventually

from technopark.engine.containers import PUPIL
from technopark.engine.forks import PROGRAMS, NoForkError, fork, idle_program, programs
from technopark.engine.parent import MEMORY, ensure_parent, find_parent
from technopark.engine.short_lived import Running, running
from technopark.settings import Servers

pytestmark = pytest.mark.docker

Fork = Callable[..., Server]


@pytest.fixture
def idle(forking: Forking) -> Iterator[Running]:
    """A container that waits for its server."""
    limits = Servers()
    with running(forking.client, forking.image, limits=limits, **idle_program()) as container:
        yield container


def parents(forking: Forking) -> dict[str, int]:
    """The processes that programs are forked from, by the program's name."""
    top = forking.client.top(f"{forking.settings.network.name}-parent", ps_args="-eo pid,args")
    rows = [
        (int(pid), words.partition(" technopark_forked.servers "))
        for pid, words in top["Processes"] or ()  # none while it is started anew
    ]
    # One that has just been started may not be the program yet.
    return {words.split()[1]: pid for pid, (_, is_it, words) in rows if is_it}


@pytest.mark.parametrize("program", PROGRAMS)
def test_root_alone_may_ask(forking: Forking, program: str) -> None:
    door = forking.folder / program
    assert (door.stat().st_mode & 0o777, door.stat().st_uid) == (0o600, 0)
    assert forking.folder.stat().st_mode & 0o777 == 0o700
    os.seteuid(PUPIL)
    try:
        with socket.socket(socket.AF_UNIX) as asking, pytest.raises(PermissionError):
            asking.connect(str(door))
    finally:
        os.seteuid(0)


def test_it_is_locked_down_but_for_what_it_needs(forking: Forking) -> None:
    attrs = forking.client.inspect_container(f"{forking.settings.network.name}-parent")
    host = attrs["HostConfig"]
    assert (host["NetworkMode"], host["PidMode"], host["ReadonlyRootfs"]) == ("none", "host", True)
    assert (host["Privileged"], host["CapDrop"]) == (False, ["ALL"])
    assert host["Memory"] == host["MemorySwap"] == MEMORY
    assert {mount["Destination"] for mount in attrs["Mounts"]} == {
        "/run/technopark",
        "/host/cgroup",
    }


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (b"what?\n", "one line of JSON"),
        (b'{"container": {"pid": 1, "id": ""}, "program": "server"}\n', "no container's process"),
        (b'{"container": {"pid": 999999, "id": "../x"}, "program": "server"}\n', "container's id"),
        (b'{"container": {"pid": true, "id": ""}, "program": 7}\n', "no container's process"),
    ],
)
def test_what_is_no_request_is_refused_in_a_sentence(
    forking: Forking, request_: bytes, why: str
) -> None:
    for program in PROGRAMS:
        assert why in refusal(forking, program, request_)


def test_no_program_but_its_own(forking: Forking, idle: Running) -> None:
    for program, asked in (("server", "/bin/sh"), ("server", "kernels"), ("kernels", "server")):
        request = {"container": {"pid": idle.pid, "id": idle.id}, "program": asked}
        said = refusal(forking, program, json.dumps(request).encode() + b"\n")
        assert said == f"There is no program {asked!r}; there is {program}."
    assert programs(forking.folder) == [*PROGRAMS]


def refusal(forking: Forking, program: str, request: bytes) -> str:
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(forking.folder / program))
        door.sendall(request)
        return str(json.loads(door.recv(4096))["error"])


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_process_must_be_the_containers(forking: Forking, idle: Running, program: str) -> None:
    for pid in (os.getpid(), *parents(forking).values()):
        with pytest.raises(NoForkError, match="is not in container"):
            fork(forking.folder, idle.id, pid, program)
    with pytest.raises(NoForkError, match="is not in container"):
        fork(forking.folder, "0" * 64, idle.pid, program)


def test_a_container_that_may_more_than_the_parent_is_refused(forking: Forking) -> None:
    more = Servers(open_files=2 * forking.settings.servers.open_files)
    with (
        running(forking.client, forking.image, limits=more, **idle_program()) as container,
        pytest.raises(NoForkError, match="Limit 7 cannot become 8192"),
    ):
        fork(forking.folder, container.id, container.pid, "server")


def test_nothing_of_a_request_is_kept(forking: Forking, fork_one: Fork) -> None:
    first = fork_one(JUPYTERHUB_API_TOKEN="bench-token", TECHNOPARK_MARK="first-9f31c2a7")
    second = fork_one(TECHNOPARK_MARK="second-51be08dd")
    assert b"first-9f31c2a7" in memory(first.pid)
    assert b"second-51be08dd" in memory(second.pid)
    assert b"first-9f31c2a7" not in memory(second.pid)
    for pid in parents(forking).values():
        held = memory(pid)
        assert b"first-9f31c2a7" not in held
        assert b"second-51be08dd" not in held
        assert b"bench-token" not in held


@pytest.mark.parametrize("program", PROGRAMS)
def test_killed_it_comes_back_by_itself(forking: Forking, fork_one: Fork, program: str) -> None:
    before, server = parents(forking), fork_one()
    os.kill(before[program], signal.SIGKILL)
    eventually(lambda: is_there_again(forking, before), 60, "the parent is there again")
    assert server.run("print(2 + 3)").strip() == "5"  # the one that it forked did not notice
    assert fork_one().run("print(3 + 4)").strip() == "7"


def test_a_new_base_image_replaces_it_and_touches_no_server(
    forking: Forking, fork_one: Fork
) -> None:
    server, before = fork_one(), parents(forking)
    assert not ensure_parent(forking.client, forking.image, forking.settings)
    newer = derived(forking.client, forking.image, [f"RUN touch {PACKAGES}/newer"])
    assert ensure_parent(forking.client, newer, forking.settings)
    found = find_parent(forking.client, forking.settings.network.name)
    assert found is not None
    assert (found.image, parents(forking) != before) == (newer, True)
    assert server.run("print(2 + 3)").strip() == "5"
    assert fork_one().run("print(3 + 4)").strip() == "7"
    server.container.client.stop(server.container.id)
    assert server.exit_code() == 0


def is_there_again(forking: Forking, before: dict[str, int]) -> bool:
    try:
        now = parents(forking)
        answers = programs(forking.folder) == [*PROGRAMS]
    except (APIError, NoForkError):
        return False
    return answers and not set(now.values()) & set(before.values())


def memory(pid: int) -> bytes:
    """All that a process can write to: what it holds of its own and what it shares with others."""
    held = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as file:  # noqa: PTH123  # no ordinary file
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            borders, rights = line.split()[:2]
            if rights.startswith("rw"):
                first, last = (int(border, 16) for border in borders.split("-"))
                file.seek(first)
                held.append(file.read(last - first))
    return b"".join(held)
