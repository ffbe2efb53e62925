"""What happened to a class while it was graded, kept so that no crash loses or repeats work.

Written by one `run` at a time, read by the grading server's pages at any moment. Lines are only
ever added; a line that was being written when the machine stopped is passed over.
"""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any


class What(StrEnum):
    """The kinds of events."""

    RUN = "run"
    """Somebody asked for the class to be graded."""
    TAKEN_UP = "taken-up"
    """A process works at the run; again, where an earlier one left it unfinished."""
    PLANNED = "planned"
    """What is handed in was looked through, and the run knows whom it grades."""
    BEGUN = "begun"
    """A pupil's work is in a sandbox."""
    GRADED = "graded"
    """The marks are in the gradebook; `reason` says why a teacher should look all the same."""
    BROKEN = "broken"
    """There are no new marks; `reason` says why."""
    STALLED = "stalled"
    """Nobody can be graded for the moment, as `reason` says; the run waits."""
    ENDED = "ended"
    """The run is over; `reason` is a `Why`, or a sentence where it could not go on."""


class Why(StrEnum):
    """How a run ends that does not fail."""

    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Event:
    """One line of the journal."""

    what: What
    run: str
    """Which run it belongs to."""
    at: float
    """Seconds since 1970, by this machine's clock."""
    pupil: str = ""
    key: str = ""
    """What was graded and by which version of the assignment; see `handed_in`."""
    points: float | None = None
    of: float | None = None
    reason: str = ""
    lease: str = ""
    """`BEGUN`: the broker's name of the sandbox."""
    again: bool = False
    """`RUN`: whether also those are graded anew whose work has not changed."""
    collect: bool = False
    """`RUN`: whether what is handed in is collected first."""
    names: Mapping[str, str] = field(default_factory=dict)
    """`PLANNED`: whom the run grades, with their full names."""
    before: Mapping[str, str] = field(default_factory=dict)
    """`PLANNED`: who was graded before and is left alone, with their full names."""


def place(course: Path, assignment: str) -> Path:
    """The folder in which everything about grading an assignment's class is kept.

    Args:
        course: the root of the course directory.
        assignment: its name.
    """
    return course / ".grading" / assignment


class Journal:
    """The journal of one assignment of a classroom."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal.jsonl"
        self._one_at_a_time = threading.Lock()

    def add(self, event: Event) -> None:
        """Write an event; when this returns, a power cut no longer loses it."""
        told = {name: value for name, value in asdict(event).items() if value != _UNSAID.get(name)}
        line = json.dumps(told, ensure_ascii=False)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._one_at_a_time, self.path.open("ab+") as file:
            if file.tell() and not _ends_whole(file):
                line = f"\n{line}"
            file.write(f"{line}\n".encode())
            file.flush()
            os.fsync(file.fileno())

    def events(self) -> list[Event]:
        """All that is known, oldest first; nothing where nobody was ever graded."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        whole, _, _ = content.rpartition(b"\n")
        return [event for line in whole.split(b"\n") if (event := _event(line))]


_FIELDS = {field.name for field in fields(Event)}
_UNSAID = {
    name: value
    for name, value in asdict(Event(What.RUN, run="", at=0)).items()
    if name not in ("what", "run", "at")
}
"""What a line need not say."""


def _ends_whole(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")


def _event(line: bytes) -> Event | None:
    try:
        content = json.loads(line)
        known = {name: value for name, value in content.items() if name in _FIELDS}
        return Event(**(known | {"what": What(content["what"])}))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
