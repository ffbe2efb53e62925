"""The proxy as this machine has it: parks of tests need not have it from npm each for itself."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from technopark.machine.proxy import ensure_proxy
from technopark.settings import load


def take_the_proxy_along(data: Path) -> None:
    """Gives a park with this data the proxy of the project's own park, installed if need be."""
    ours = load()
    with one_at_a_time(ours.data / "node.lock"):
        ensure_proxy(ours)
    data.mkdir(parents=True, exist_ok=True)
    (data / "node").symlink_to(ours.data / "node")


@contextmanager
def one_at_a_time(file: Path) -> Iterator[None]:
    """Waits for other processes' tests that do the same; `file` stays behind, empty."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
