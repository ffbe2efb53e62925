"""The stock hub of the benches comes up, and leaves nothing behind."""

from contextlib import closing, suppress
from pathlib import Path

import pytest
from support.park import own_name
from support.waiting import eventually

from technopark.bench.stock_park import PROXY_PID, stock_park
from technopark.engine.client import open_engine
from technopark.settings import load

pytestmark = pytest.mark.docker


def test_hub_and_proxy_end_with_the_bench() -> None:
    settings, name = load(), own_name("tpstock")
    with stock_park(settings, "nobody-starts-a-server", name) as park:
        proxy = int((park.log.parent / PROXY_PID).read_text("ascii"))
        assert is_there(proxy)
    eventually(lambda: not is_there(proxy), 30, "the end of the proxy")
    with closing(open_engine(settings.engine)) as engine:
        assert not engine.networks(names=[name])


def is_there(process: int) -> bool:
    """Whether a process with this number runs; one that has ended and was not asked after has no
    command line any more."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    return False
