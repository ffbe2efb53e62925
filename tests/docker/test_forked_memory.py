"""What pupils' processes share with the node's parent stays shared when they look at it."""

from collections.abc import Callable

import pytest
from support.forked import Forking, Server
from support.immortal import SHARED, look

from technopark.bench.charges import container_memory
from technopark.engine.parent import LEFT_BY_EACH, find_parent

pytestmark = pytest.mark.docker

LITTLE = 100
"""Objects that asking itself leaves behind."""


@pytest.mark.parametrize("stack", ["server", "course"])
def test_a_child_that_looks_at_all_shares_it_still(
    fork_one: Callable[..., Server], stack: str
) -> None:
    container = fork_one().container

    def run(*arguments: str) -> str:
        done = container.run(f"/opt/{stack}/bin/python", *arguments)
        assert done.code == 0, done.output
        return done.output

    mortal, immortal = (look(run, how) for how in ("mortal", "immortal"))
    assert immortal.made > 400_000
    assert immortal.again < LITTLE
    assert immortal.written < SHARED * mortal.written
    assert immortal.word == mortal.word == "word 0"


def test_a_server_leaves_little_with_the_parent(
    forking: Forking, fork_one: Callable[..., Server]
) -> None:
    parent = find_parent(forking.client, forking.settings.network.name)
    assert parent
    pid = forking.client.inspect_container(parent.id)["State"]["Pid"]
    fork_one()
    before = container_memory(pid)
    number = 4
    for _ in range(number):
        fork_one()
    assert (container_memory(pid) - before) * 1e6 < number * LEFT_BY_EACH
