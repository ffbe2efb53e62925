"""One classroom's grading, asked for, looked at and cancelled over its grading server's API.

Called by `cli.grade`. The run belongs to the grading server: it goes on when nobody looks.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from technopark.grading import GradingError
from technopark.grading.door import Door
from technopark.people.rights import grading_user
from technopark.store import Classroom, Store

LOOK_S = 1.0
PATIENCE_S = 60.0
"""How long the run may be out of sight, as when its server is started again."""

MOST_NAMED = 20


class Pupil(BaseModel):
    """One pupil's work in a run."""

    model_config = ConfigDict(extra="ignore")

    name: str
    full_name: str
    state: Literal["waiting", "grading", "graded", "attention"]
    points: float | None
    of: float | None
    reason: str
    new: bool
    """Whether this run graded it, and not an earlier one."""


class Counts(BaseModel):
    """How many works there are, and how many in each state."""

    all: int
    waiting: int
    grading: int
    graded: int
    attention: int

    @property
    def done(self) -> int:
        """Those that are not waited for any more."""
        return self.graded + self.attention


class Progress(BaseModel):
    """How far the class is."""

    model_config = ConfigDict(extra="ignore")

    state: Literal["never", "collecting", "grading", "broken-off", "cancelled", "failed", "done"]
    running: bool
    counts: Counts
    seconds_left: int | None
    stalled: str
    problem: str
    pupils: list[Pupil]


def known_classroom(store: Store, classroom: str) -> None:
    """Returns if there is such a classroom.

    Raises:
        GradingError: there is none; names those that there are.
    """
    with store.read() as session:
        rooms = list(
            session.scalars(select(Classroom.id).where(Classroom.active).order_by(Classroom.id))
        )
    if classroom not in rooms:
        raise GradingError(f"There is no classroom '{classroom}'; there are: {_named(rooms)}.")


@dataclass
class ClassRun:
    """The grading of one assignment in one classroom."""

    door: Door
    classroom: str
    assignment: str
    look_s: float = LOOK_S
    patience_s: float = PATIENCE_S

    def start(self, *, again: bool, collect: bool) -> Progress:
        """Asks for the class to be graded, or joins the run that goes on.

        Args:
            again: also those whose work has not changed since it was graded.
            collect: bring in first what is handed in.

        Raises:
            GradingError: the server or the assignment is not to be had.
        """
        return self._ask("POST", {"again": again, "collect": collect})

    def progress(self) -> Progress:
        """How far it is. Raises GradingError where nobody can say."""
        return self._ask("GET")

    def cancel(self) -> Progress:
        """Ends the run; what is graded stays. Raises GradingError where it cannot be reached."""
        return self._ask("DELETE")

    def follow(
        self, state: Progress, tick: Callable[[float], None] = time.sleep
    ) -> Iterator[Progress]:
        """The progress from `state` on, again and again, until the run is over.

        Raises:
            GradingError: the run has been out of sight for too long.
        """
        yield state
        moved = time.monotonic()
        while state.running or state.state == "broken-off":
            tick(self.look_s)
            waited = time.monotonic() - moved
            try:
                state = self.progress()
            except GradingError as error:
                if waited > self.patience_s:
                    raise GradingError(f"{error} Grading may go on; look again later.") from None
                continue
            yield state
            if state.running:
                moved = time.monotonic()
            elif waited > self.patience_s:
                return

    def _ask(self, method: str, body: dict[str, Any] | None = None) -> Progress:
        # Each time: a server that was stopped meanwhile goes on with its runs once it is started.
        server = self.door.ensure_server(grading_user(self.classroom), self.classroom)
        path = f"technopark/autograde/{quote(self.assignment, safe='')}"
        answer = self.door.ask(server, method, path, body)
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise GradingError(self._unknown(answer))
        try:
            return Progress.model_validate(answer.json())
        except ValueError:
            raise GradingError(
                f"The grading server of {self.classroom} answers HTTP {answer.status_code} and not "
                "how far it is; was its image built by this version? `./park up` sees to that."
            ) from None

    def _unknown(self, answer: httpx.Response) -> str:
        try:
            there = [str(name) for name in answer.json()["assignments"]]
        except (ValueError, KeyError, TypeError):
            there = []
        return (
            f"The course of {self.classroom} has no assignment '{self.assignment}'; "
            f"it has: {_named(there)}."
        )


def _named(names: list[str]) -> str:
    if len(names) > MOST_NAMED:
        return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"
    return ", ".join(names) or "none"
