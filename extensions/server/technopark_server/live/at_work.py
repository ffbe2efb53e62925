"""What the pupil works at, as it follows from which cells ran and how they ended. Pure.

Fed by `watching`, read by `reporting`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from technopark_server.live.tasks import NONE, Tasks

STOPPED = "KeyboardInterrupt"
"""The pupil pressed Stop; that is no mistake."""
_LONGEST_WORDS, _LONGEST_CLASS = 120, 60


@dataclass
class _Notebook:
    tasks: Tasks = NONE
    task: str = ""
    passed: set[str] = field(default_factory=set)
    error: str = ""
    error_cell: str = ""
    error_task: str = ""
    error_at: float = 0.0


class AtWork:
    """The pupil's notebooks; one of them is the one that was used last.

    Args:
        clock: seconds that never go back.
        hand_number: a number that is another one each time a hand is raised.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        hand_number: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._clock, self._hand_number = clock, hand_number
        self._notebooks: dict[str, _Notebook] = {}
        self._open: list[str] = []
        self._hand = 0
        self.visitors: tuple[str, ...] = ()
        """Who else is in this server now."""

    @property
    def is_hand_up(self) -> bool:
        """Whether the pupil's hand is raised."""
        return self._hand != 0

    def raise_hand(self) -> None:
        """The pupil wants somebody to come."""
        self._hand = self._hand or self._hand_number()

    def lower_hand(self) -> None:
        """The pupil does not any more, or somebody was there."""
        self._hand = 0

    def opened(self, path: str, tasks: Tasks) -> None:
        """A notebook is open in a page."""
        self._notebooks.setdefault(path, _Notebook()).tasks = tasks
        self._open.append(path)

    def closed(self, path: str) -> None:
        """A page with it is closed; the same notebook may be open in another one."""
        if path in self._open:
            self._open.remove(path)

    def ran(self, path: str, tasks: Tasks, cell: str, error: str) -> None:
        """A cell has run.

        Args:
            path: of the notebook.
            tasks: what its file says now.
            cell: the cell's id.
            error: the class of the error it ended with; empty: none.
        """
        book = self._notebooks.setdefault(path, _Notebook())
        book.tasks = tasks
        if path in self._open:
            self._open.remove(path)
            self._open.append(path)  # the one used last
        task = tasks.of_cells.get(cell, "")
        book.task = task or book.task
        if error == STOPPED:
            return
        if error:
            book.passed.discard(cell)
            if (error, book.task) != (book.error, book.error_task):
                book.error_at = self._clock()
            book.error, book.error_cell, book.error_task = error, cell, book.task
            return
        if cell in tasks.tests:
            book.passed.add(cell)
        if cell == book.error_cell or (task and task != book.error_task):
            book.error = book.error_cell = book.error_task = ""

    def report(self) -> dict[str, Any]:
        """What the park is told; see the portal's `Report`."""
        told: dict[str, Any] = {"hand": self._hand} if self._hand else {}
        if self.visitors:
            told["visitors"] = list(self.visitors)
        if not self._open:
            return told
        path = self._open[-1]
        book = self._notebooks[path]
        told |= {
            "notebook": _words(path),
            "task": _words(book.task),
            "passed": len(book.passed & book.tasks.tests),
            "tests": len(book.tasks.tests),
        }
        if book.error:
            is_name = book.error.replace("_", "").isalnum()
            told["error"] = book.error[:_LONGEST_CLASS] if is_name else "Error"
        return told

    @property
    def error_seconds(self) -> float:
        """How long the error of `report` has been the same."""
        book = self._notebooks[self._open[-1]] if self._open else None
        return self._clock() - book.error_at if book and book.error else 0.0


def _words(text: str) -> str:
    """No longer than the park takes: the end of a path says more than its beginning."""
    return "".join(letter for letter in text if letter.isprintable())[-_LONGEST_WORDS:]
