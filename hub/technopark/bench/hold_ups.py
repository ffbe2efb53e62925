"""How long a park's hub blocked its own loop while a crowd came, by the hub's own word.

Called by the benches `bell` and `city`. A stock hub says nothing of the kind: what can be felt from
outside (`pulse`) is told of both.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from technopark.admission.report import EVERY, read_report
from technopark.settings import Settings


@dataclass
class HoldUps:
    """The worst that the hub has told of."""

    worst_ms: float = 0.0
    """Milliseconds that its loop blocked; 0: nothing that the hub finds worth keeping."""
    doing: str = ""
    """What it was doing then."""


@contextmanager
def hold_ups(settings: Settings) -> Iterator[HoldUps]:
    """Reads the hub's reports while the block runs; only what is in the block counts."""
    found, ended, began = HoldUps(), Event(), time.time()

    def look() -> None:
        is_last = False
        while not is_last:
            is_last = ended.wait(EVERY)
            if is_last:
                time.sleep(2 * EVERY)  # what came at the very end stands in the next report
            report = read_report(settings)
            for each in report.hold_ups if report else []:
                worst_ms = round(each.blocked * 1000, 1)
                if each.at > began and worst_ms > found.worst_ms:
                    found.worst_ms, found.doing = worst_ms, each.doing

    thread = Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()
