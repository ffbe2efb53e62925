"""The tasks of a notebook: which cell belongs to which, and which cells are tests.

Called by `at_work`. Of the file it takes ids and nbgrader's metadata, never a cell's text.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LARGEST = 16 << 20
"""Bytes; a larger file is all pictures, and reading it would keep the server busy."""


@dataclass(frozen=True)
class Tasks:
    """What is known of a notebook's cells, by their ids."""

    of_cells: dict[str, str] = field(default_factory=dict)
    """nbgrader's name of the task that a cell belongs to."""
    tests: frozenset[str] = frozenset()
    """Cells that are graded by running them."""


NONE = Tasks()


def tasks_of(notebook: Any) -> Tasks:
    """The tasks of a notebook as it stands in its file.

    A task begins at the cell in which the pupil writes the answer, and goes on to the next one: its
    tests come below it.
    """
    of_cells, tests, task = {}, set(), ""
    for cell in notebook["cells"]:
        found = cell.get("metadata", {}).get("nbgrader", {})
        if found.get("solution") or found.get("task"):
            task = str(found.get("grade_id", ""))
        name = cell.get("id")
        if not isinstance(name, str):
            continue
        if task:
            of_cells[name] = task
        if found.get("grade") and not found.get("solution") and cell["cell_type"] == "code":
            tests.add(name)
    return Tasks(of_cells, frozenset(tests))


class TaskFiles:
    """Reads notebooks' tasks, and again only where a file has changed.

    Args:
        root: the folder that notebooks' paths start from.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, tuple[tuple[int, int], Tasks]] = {}

    def read(self, path: str) -> Tasks:
        """The tasks of the notebook `path`; none, where it is no notebook that can be read."""
        file = self._root / path
        try:
            state = file.stat()
            mark = (state.st_mtime_ns, state.st_size)
            known = self._known.get(path)
            if known and known[0] == mark:
                return known[1]
            if state.st_size > LARGEST:
                return known[1] if known else NONE
            found = tasks_of(json.loads(file.read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return NONE
        self._known[path] = (mark, found)
        return found
