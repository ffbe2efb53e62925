"""What a teacher has sent: files that appear in the folder where the park puts them.

`extension` looks every other second. Looking costs the server a call of the system, and the park
nothing; what was there when the server started is no news.
"""

import os
from pathlib import Path

FOLDERS = ("от учителя", "from the teacher")
"""What the park calls the folder, by the pupil's language."""
_MOST = 500
"""Files of a folder that are looked at."""

_Mark = tuple[int, int]


class Mail:
    """The folders with what was sent.

    Args:
        root: the classroom's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._marks: dict[str, _Mark] = {}
        self._known: set[str] = set()
        self.new()

    def new(self) -> list[str]:
        """Paths, below the root, of what has come since the last call."""
        come: list[str] = []
        for folder in FOLDERS:
            try:
                found = os.stat(self._root / folder)  # noqa: PTH116  # a name that cannot change
                mark = (found.st_ino, found.st_mtime_ns)
                if self._marks.get(folder) == mark:
                    continue
                names = sorted(os.listdir(self._root / folder))[:_MOST]  # noqa: PTH208
            except OSError:
                self._marks.pop(folder, None)
                continue
            self._marks[folder] = mark
            come += [
                f"{folder}/{name}"
                for name in names
                if not name.startswith(".") and f"{folder}/{name}" not in self._known
            ]
            here = {f"{folder}/{name}" for name in names}
            self._known = {one for one in self._known if not one.startswith(f"{folder}/")} | here
        return come
