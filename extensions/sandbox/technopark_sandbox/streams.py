"""`sys.stdout` and `sys.stderr` of a session: what a cell prints goes straight to its pipes.

Programs that the cell runs write to the same pipes, so the order is kept. What is beyond the limit
is dropped here, before it costs anybody anything.
"""

import io
import os
import threading
from collections.abc import Callable
from contextvars import ContextVar

_cell: ContextVar[int] = ContextVar("cell")
"""Which cell the code that now runs belongs to; a thread of its own does not inherit it."""


class Printing:
    """What the two streams of a session have in common."""

    def __init__(self, limit: int, in_step: Callable[[], None]) -> None:
        """Starts without a cell.

        Args:
            limit: characters that each stream lets through for one cell.
            in_step: returns when the keeper has read all that was written so far.
        """
        self.limit = limit
        self.in_step = in_step
        self.cell = 0
        self.last = ""
        self.process = os.getpid()

    def new_cell(self) -> None:
        """Gives room again; what threads of earlier cells print is dropped, as in a notebook."""
        self.cell += 1
        self.last = ""
        _cell.set(self.cell)


class Stream(io.TextIOBase):
    """One of the two."""

    encoding = "UTF-8"
    errors = "replace"

    def __init__(self, name: str, fd: int, printing: Printing) -> None:
        self.name = f"<{name}>"
        self._fd = fd
        self._printing = printing
        self._cell = 0
        self._room = 0

    def write(self, text: str) -> int:
        """Passes text on, as far as there is room for it in this cell."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        printing = self._printing
        if self._cell != printing.cell:
            # one character more than the limit, so that the keeper sees that there was more
            self._cell, self._room = printing.cell, printing.limit + 1
        if not text or self._room <= 0 or _current_cell() not in (None, printing.cell):
            return len(text)
        kept = text[: self._room]
        self._room -= len(kept)
        if printing.last not in ("", self.name) and os.getpid() == printing.process:
            printing.in_step()
        printing.last = self.name
        rest = memoryview(kept.encode("utf-8", "replace"))
        while rest:
            rest = rest[os.write(self._fd, rest) :]
        return len(text)

    def writable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """Where programs that this session starts may write to."""
        return self._fd

    def isatty(self) -> bool:
        """A notebook is no terminal."""
        return False


def remember_cells_of_threads() -> None:
    """From now on a thread's prints belong to the cell that started it."""
    start = threading.Thread.start

    def start_in_cell(thread: threading.Thread) -> None:
        thread._technopark_cell = _current_cell()  # type: ignore[attr-defined]
        start(thread)

    threading.Thread.start = start_in_cell  # type: ignore[method-assign,assignment]


def _current_cell() -> int | None:
    cell = _cell.get(None)
    if cell is None:
        cell = getattr(threading.current_thread(), "_technopark_cell", None)
    return cell
