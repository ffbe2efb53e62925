"""How long a hub lets others wait, felt from outside: its cheapest page, asked again and again.

Called by benches while a crowd comes. The hub's loop does one thing at a time, so whoever asks for
next to nothing waits as long as the loop is held up.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from urllib.parse import urlsplit

EVERY_S = 0.05
_PATIENCE_S = 60.0


@dataclass
class Pulse:
    """Seconds that each question took."""

    beats: list[float] = field(default_factory=list)

    @property
    def worst_ms(self) -> float:
        """The longest of them, in milliseconds."""
        return round(max(self.beats, default=0.0) * 1000, 1)


@contextmanager
def pulse(hub: str) -> Iterator[Pulse]:
    """Feels the pulse of the hub at the address `hub` (ends with `/hub`) while the block runs."""
    felt, ended = Pulse(), Event()
    thread = Thread(target=_feel, args=(hub, felt, ended))
    thread.start()
    try:
        yield felt
    finally:
        ended.set()
        thread.join()


def _feel(hub: str, felt: Pulse, ended: Event) -> None:
    parts = urlsplit(f"{hub}/health")
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_S)
    while not ended.wait(EVERY_S):
        asked = time.monotonic()
        try:
            connection.request("GET", parts.path)
            connection.getresponse().read()
        except (OSError, HTTPException):
            connection.close()  # the next question opens it again
        # An answer that never came counts as long as it was waited for.
        felt.beats.append(time.monotonic() - asked)
    connection.close()
