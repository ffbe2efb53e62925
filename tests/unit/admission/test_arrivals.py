"""300 pupils arrive within a minute before a real hub: nothing holds up its loop.

Browsers, engine and servers are the stand-ins of the bench `hub`; hub, proxy and database are real.
"""

from pathlib import Path

import pytest
from support.hub_with_stand_ins import settings_in

from technopark.bench.hub import measure

pytestmark = pytest.mark.slow

PUPILS = 300
LONGEST_MS = 100
"""So long may the hub's loop block itself."""


def test_nothing_holds_the_hub_up_while_300_arrive(tmp_path: Path) -> None:
    met = measure(settings_in(tmp_path), PUPILS, seconds=1)
    assert met["errors"] == 0
    assert met["arrival_lag_ms"] < LONGEST_MS
