"""Telling the person at the terminal what is going on, with seconds once it takes more than two.

Called by whatever in `machine`, `catalogue` and `bench` may take long. On a terminal one line is
rewritten; into a file or a CI log a line is added now and then.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

QUIET = 2.0
"""Seconds that a step may take without a word."""

AGAIN = 20.0
"""Seconds between two lines about one step, where lines cannot be rewritten."""


class Step:
    """One thing being done; `note` is what its last line will say."""

    def __init__(self, title: str, stream: TextIO) -> None:
        self.title = title
        self.note = ""
        self._stream = stream
        self._started = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """How long the step has taken so far."""
        return time.monotonic() - self._started

    def end(self) -> None:
        """Stops the counting and writes the last line."""
        self._ended.set()
        self._thread.join()
        seconds = self.seconds
        took = f" ({seconds:.0f} s)" if seconds >= QUIET else ""
        if self.note or took:
            self._write(f"{self.title}: {self.note or 'done'}{took}", "\n")

    def drop(self) -> None:
        """Stops the counting without a last line: an error is about to be told."""
        self._ended.set()
        self._thread.join()
        if self._stream.isatty():
            self._write("", "")

    def _tell(self) -> None:
        lively = self._stream.isatty()
        wait = QUIET
        while not self._ended.wait(wait):
            self._write(f"{self.title} ... {self.seconds:.0f} s", "" if lively else "\n")
            wait = 1.0 if lively else AGAIN

    def _write(self, text: str, end: str) -> None:
        start = "\r\033[K" if self._stream.isatty() else ""
        self._stream.write(f"{start}{text}{end}")
        self._stream.flush()


@contextmanager
def step(title: str, stream: TextIO | None = None) -> Iterator[Step]:
    """Shows `title` on `stream` (default: stderr) while the block runs, and its note at the end."""
    shown = Step(title, stream or sys.stderr)
    try:
        yield shown
    except BaseException:
        shown.drop()
        raise
    shown.end()


def say(text: str) -> None:
    """One line to the person at the terminal."""
    print(text, file=sys.stderr, flush=True)
