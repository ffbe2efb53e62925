"""Three hundred pupils arrive at a real hub within a minute: it is always there for the next one.

Hub, proxy, database, rights and pages are a park's own; engine and servers are stand-ins, as the
machine that tests run on must not be what is measured.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.park import make_park

from technopark.bench.hub import measure
from technopark.settings import Settings

pytestmark = pytest.mark.docker

LONGEST_MS = 100
"""Nothing may block the hub's loop for longer: the next pupil's page waits meanwhile."""


@pytest.fixture
def settings() -> Iterator[Settings]:
    """Those of a park in memory: a disk that others write to is not the hub's doing."""
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="tparrive-") as folder:
        yield make_park(Path(folder), "tpcome").settings


def test_nothing_blocks_the_hub_while_they_arrive(
    settings: Settings, record_property: Callable[[str, object], None]
) -> None:
    figures = measure(settings, clients=300, seconds=10)
    for name, figure in figures.items():
        record_property(name, figure)
    assert (figures["clients"], figures["errors"]) == (300, 0)
    assert figures["arrival_lag_ms"] < LONGEST_MS
    assert figures["loop_lag_ms"] < LONGEST_MS
