"""Cells that are tried: run in a copy of a session that is gone afterwards, with all it has done.

Called by `keeper`; it saves whoever asks the five requests that it takes otherwise. One cell is
tried at a time, as the work folder is everybody's.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from technopark_sandbox.folder import Folder, FolderError, Kept
from technopark_sandbox.lines import RequestError
from technopark_sandbox.sessions import Sessions
from technopark_sandbox.watched import Answer


@dataclass
class _Attempt:
    """A cell, and what is to be as it was when it has run."""

    answer: Answer
    copy: str
    """The name of the session in which it runs."""
    kept: list[Kept]
    told: dict[str, Any] = field(default_factory=dict)
    """How it ended; nothing until it has."""


class Attempts:
    """The cell that is being tried, if there is one."""

    def __init__(self, sessions: Sessions, folder: Folder, room: Callable[[], int]) -> None:
        """None is under way yet.

        Args:
            sessions: those of this sandbox.
            folder: the work folder.
            room: bytes that remembering it may take.
        """
        self._sessions, self._folder, self._room = sessions, folder, room
        self._attempt: _Attempt | None = None

    def begin(self, answer: Answer, name: str, source: str, seconds: float, limit: int) -> None:
        """Has a cell tried.

        Args:
            answer: gets how it ended, as of any cell, when nothing is left of it.
            name: the session whose copy it runs in.
            source: the cell.
            seconds: after which it is interrupted.
            limit: characters of its output that are kept.

        Raises:
            RequestError: the session is not idle, or another cell is being tried.
            FolderError: there is too much in the work folder.
            OSError: too many files are open.
        """
        if self._attempt:
            raise RequestError("Another cell is being tried.")
        attempt = _Attempt(answer, f"{name}, tried", self._folder.keep(self._room()))

        def copied(**told: Any) -> None:
            if "error" in told:
                attempt.told = told
            else:
                self._sessions.run(ran, attempt.copy, source, seconds, limit)

        def ran(**told: Any) -> None:
            attempt.told = told

        self._sessions.copy(copied, name, attempt.copy, is_brief=True)
        self._attempt = attempt

    def finish(self) -> None:
        """Puts all back where a cell has ended, and answers; called in each round of the loop."""
        attempt = self._attempt
        if not attempt or not attempt.told:
            return
        self._attempt = None
        with suppress(RequestError):  # everything was cleared meanwhile
            self._sessions.stop(attempt.copy)
        try:
            self._folder.restore(attempt.kept)
        except FolderError as error:
            attempt.told = {"error": str(error)}
        attempt.answer(**attempt.told)
