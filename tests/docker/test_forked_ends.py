"""How a forked server ends, and its container with it: as an ordinary one does."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from support.forked import Server, processes
from support.waiting import eventually

pytestmark = pytest.mark.docker

Fork = Callable[..., Server]
KILLED = 137


def test_stopping_the_container_ends_the_server_in_good_order(fork_one: Fork) -> None:
    server = fork_one()
    assert server.run("print(6 * 7)").strip() == "42"
    server.container.client.stop(server.container.id, timeout=20)
    assert server.exit_code() == 0
    said = server.container.log()
    assert "received signal 15, stopping" in said
    assert "Shutting down 1 kernel" in said


def test_a_server_that_is_killed_takes_its_container_with_it(fork_one: Fork) -> None:
    server = fork_one()
    server.run("1")  # a kernel, which must not hold the container
    os.kill(server.pid, signal.SIGKILL)
    assert server.exit_code() == KILLED


def test_memory_that_runs_out_ends_it_too(fork_one: Fork) -> None:
    server = fork_one()
    Path(f"/proc/{server.pid}/oom_score_adj").write_text("1000")  # it is to go first
    greedy = "held = []\nwhile True: held.append(b'x' * 10_000_000)"
    server.container.run("python3", "-c", greedy)
    assert server.exit_code() == KILLED
    state = server.container.client.inspect_container(server.container.id)["State"]
    assert state["OOMKilled"]


def test_ended_by_its_own_means_it_gives_its_exit_code(fork_one: Fork) -> None:
    server = fork_one()
    os.kill(server.pid, signal.SIGTERM)
    assert server.exit_code() == 0


def test_whoever_is_left_to_process_1_is_buried(fork_one: Fork) -> None:
    server = fork_one()
    for _ in range(3):
        server.container.run("sh", "-c", "(sleep 0.05 &)")
    eventually(
        lambda: not {"sleep", "sh <defunct>"} & set(processes(server.container).values()),
        30,
        "no zombies are left",
    )


def test_its_log_is_the_containers(fork_one: Fork) -> None:
    assert "Jupyter Server" in fork_one().container.log()
