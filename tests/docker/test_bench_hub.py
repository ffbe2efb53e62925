"""The bench of the hub plays a city: two of its pupils, to see that nobody is turned away."""

from pathlib import Path

import pytest
from support.park import make_park

from technopark.bench.hub import measure

pytestmark = pytest.mark.docker


def test_pupils_come_in_by_the_real_hub_and_its_figures_are_whole(tmp_path: Path) -> None:
    settings = make_park(tmp_path, "tpbench").settings
    figures = measure(settings, clients=2, seconds=8)
    assert (figures["clients"], figures["errors"]) == (2, 0)
    assert figures["sign_in_p95_ms"] > 0
    assert figures["start_p95_ms"] > figures["sign_in_p50_ms"] > 0
    assert 0 < figures["message_p50_ms"] < 1000
    assert 0 < figures["cpu_cores"] < 1
    assert list(settings.data.iterdir()) == [settings.data / "node"], "the bench's park is gone"
