"""The output of one image's build: all of it in a file, a line now and then to who waits.

Called by `catalogue.images` alone.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path

SAY_FIRST = 2.0
SAY_AGAIN = 10.0
"""Seconds until the first line about a build, and between two."""

LAST_LINES = 15


class BuildLog:
    """Open while the build runs; `write` takes its output."""

    def __init__(self, name: str, path: Path, report: Callable[[str], None]) -> None:
        self._name = name
        self._path = path
        self._report = report
        self._started = time.monotonic()
        self._step = "starting"
        self._ended = threading.Event()
        self._teller = threading.Thread(target=self._tell, daemon=True)

    @property
    def seconds(self) -> float:
        """How long the build has taken so far."""
        return time.monotonic() - self._started

    def __enter__(self) -> "BuildLog":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("w", encoding="utf-8")
        self._teller.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._teller.join()
        self._file.close()

    def write(self, text: str) -> None:
        """Takes a piece of the output."""
        self._file.write(text)
        self._file.flush()
        if text.startswith(("Step ", "I: ")):
            self._step = " ".join(text.split())[:80]

    def end(self, error: Exception) -> str:
        """The last lines of the output and where the rest is, for the person."""
        lines = self._path.read_text(encoding="utf-8").splitlines()[-LAST_LINES:]
        return "\n".join((*(f"  {line}" for line in lines), str(error), f"Whole log: {self._path}"))

    def _tell(self) -> None:
        wait = SAY_FIRST
        while not self._ended.wait(wait):
            self._report(f"image {self._name}: {self.seconds:.0f} s, {self._step}")
            wait = SAY_AGAIN
