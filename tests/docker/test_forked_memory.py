"""What pupils' processes share with the node's parent stays shared when they look at it."""

from collections.abc import Callable

import pytest
from support.forked import Server
from support.immortal import SHARED, look

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
