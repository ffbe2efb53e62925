"""Runs a submission's notebooks so that hidden tests never meet what the pupil will see.

Called by `autograding` with an open sandbox, without any lock and without nbgrader. All cells up to
the first hidden test run in one process. A copy of it waits there while the process goes on without
hidden tests: that is what feedback shows. Only then the copies run them: that gives the points.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution

from technopark_grading.belief.examination import Belief, Examination
from technopark_grading.notebooks import outputs as made
from technopark_grading.notebooks import reasons
from technopark_grading.notebooks.hidden import has_hidden, without_hidden
from technopark_grading.notebooks.reasons import Reason
from technopark_grading.sandboxes.sandbox import Sandbox


class CancelledError(Exception):
    """Nobody waits for this submission any more."""


@dataclass(frozen=True)
class Limits:
    """What running a notebook may take; times in seconds."""

    cell: float = 30
    notebook: float = 180
    controls: float = 540
    """For all repetitions of a notebook's tests together."""
    output: int = 50_000
    """Characters that are kept of each cell."""


@dataclass
class Played:
    """What running a notebook brought."""

    graded: dict[int, list[NotebookNode]] = field(default_factory=dict)
    """Outputs by the cell's number, from the run with hidden tests: they give the points."""
    shown: dict[int, list[NotebookNode]] = field(default_factory=dict)
    """Outputs from the run that met no hidden test: the only ones that the pupil may see."""
    noted: list[tuple[Reason, str]] = field(default_factory=list)

    @classmethod
    def nothing(cls, book: NotebookNode, *noted: Reason) -> "Played":
        """What a notebook brings that did not run: no point, and a sentence under each cell."""
        places = [place for place, cell in enumerate(book.cells) if _is_to_run(cell)]
        return cls(
            graded={place: made.not_run() for place in places},
            shown={place: made.not_run() for place in places},
            noted=[(reason, "") for reason in noted],
        )


@dataclass(frozen=True)
class _Pace:
    """How far a run has come, so that its copy goes on from there."""

    spent: float = 0.0
    stopped: bool = False


def play(
    sandbox: Sandbox,
    books: Sequence[NotebookNode],
    limits: Limits,
    examination: Callable[[int], Examination],
    cancelled: Callable[[], bool],
) -> list[Played]:
    """Run the notebooks of one submission, in their order.

    Args:
        sandbox: a fresh one, with the submission's files in it.
        books: as nbgrader has cleaned them: with hidden tests, without outputs.
        limits: for each notebook.
        examination: makes what repeats the tests of one notebook, given how many it has.
        cancelled: asked before each cell.

    Raises:
        SandboxLostError: the sandbox went away.
        CancelledError: `cancelled` said so.
    """
    plays = [
        _Play(sandbox, number, book, limits, examination(_tests(book)), cancelled)
        for number, book in enumerate(books)
    ]
    for one in plays:
        one.seen_by_the_pupil()
    for one in plays:
        one.with_hidden_tests()
    return [one.result() for one in plays]


class _Play:
    """One notebook on its way through the sandbox."""

    def __init__(
        self,
        sandbox: Sandbox,
        number: int,
        book: NotebookNode,
        limits: Limits,
        examination: Examination,
        cancelled: Callable[[], bool],
    ) -> None:
        self.played = Played.nothing(book)
        self._sandbox = sandbox
        self._limits = limits
        self._examination = examination
        self._cancelled = cancelled
        self._seen, self._waiting = f"seen-{number}", f"waiting-{number}"
        self._cells = [(place, cell) for place, cell in enumerate(book.cells) if _is_to_run(cell)]
        self._runs_at_all = not reasons.nothing_to_run(book)
        self._parting = next(
            (step for step, (_, cell) in enumerate(self._cells) if _keeps_secret(cell)), None
        )
        self._pace_at_parting = _Pace()

    def seen_by_the_pupil(self) -> None:
        """Run all cells without hidden tests; leave a copy where the first of these would be."""
        if not self._runs_at_all:
            return
        self._sandbox.start(self._seen)
        common = self._cells[: self._parting]
        pace = self._go(self._seen, common, _Pace(), (self.played.graded, self.played.shown), True)
        if self._parting is not None:
            self._pace_at_parting = pace
            if not pace.stopped:
                self._sandbox.copy(self._seen, self._waiting)
                self._sandbox.keep(self._waiting)
            self._go(self._seen, self._cells[self._parting :], pace, (self.played.shown,), False)
        self._sandbox.stop(self._seen)

    def with_hidden_tests(self) -> None:
        """Let the copy go on through the hidden tests, from the folder as it was then."""
        if not self._runs_at_all or self._parting is None:
            return
        rest = self._cells[self._parting :]
        if not self._pace_at_parting.stopped:
            self._sandbox.restore(self._waiting)
        self._go(self._waiting, rest, self._pace_at_parting, (self.played.graded,), True)
        if not self._pace_at_parting.stopped:
            self._sandbox.stop(self._waiting)

    def result(self) -> Played:
        """What came out; where one test was doubted, no test of the notebook gives points."""
        if any(reason is Reason.TAMPERED for reason, _ in self.played.noted):
            for place, cell in self._cells:
                outputs = self.played.graded[place]
                if _points(cell) and not made.failed(outputs):
                    self.played.graded[place] = [_not_confirmed(), *outputs]
        return self.played

    def _go(
        self,
        process: str,
        cells: Sequence[tuple[int, NotebookNode]],
        pace: _Pace,
        results: tuple[dict[int, list[NotebookNode]], ...],
        for_points: bool,
    ) -> _Pace:
        for place, cell in cells:
            if self._cancelled():
                raise CancelledError
            if not pace.stopped and pace.spent >= self._limits.notebook:
                self._note(Reason.OUT_OF_TIME, cell)
                pace = _Pace(pace.spent, stopped=True)
            if pace.stopped:
                outputs = made.not_run()
            else:
                outputs, pace = self._step(process, cell, pace, for_points)
            for result in results:
                result[place] = outputs
        return pace

    def _step(
        self, process: str, cell: NotebookNode, pace: _Pace, for_points: bool
    ) -> tuple[list[NotebookNode], _Pace]:
        source = cell.source if for_points or not _keeps_secret(cell) else _visible(cell)
        if not source.strip():
            return [], pace
        seconds = max(1.0, min(self._limits.cell, self._limits.notebook - pace.spent))
        if for_points and (most := _points(cell)):
            found = self._examination.examine(self._sandbox, process, source, seconds, most)
            ran, outputs = found.ran, found.outputs
            if found.belief is not Belief.CONFIRMED:
                doubted = found.belief is Belief.DOUBTED
                self._note(Reason.TAMPERED if doubted else Reason.OUT_OF_TIME, cell)
                outputs = [_not_confirmed(), *outputs]
        else:
            ran = self._sandbox.run(process, source, seconds)
            outputs = made.of(ran)
        if ran.cut:
            self._note(Reason.LONG_OUTPUT, cell)
        if ran.ended == "timeout" or ran.endless:
            self._note(Reason.ENDLESS_CELL, cell)
        elif ran.ended == "died":
            self._note(Reason.KERNEL_DIED, cell)
        return outputs, _Pace(pace.spent + ran.seconds, stopped=ran.ended == "died")

    def _note(self, reason: Reason, cell: NotebookNode) -> None:
        seen = _visible(cell)
        words = seen if seen.strip() else cell.metadata.get("nbgrader", {}).get("grade_id", "")
        self.played.noted.append((reason, reasons.cell_in_words(str(words))))


def _is_to_run(cell: NotebookNode) -> bool:
    return bool(cell.cell_type == "code" and cell.source.strip())


def _not_confirmed() -> NotebookNode:
    """The error that takes a test's points; it stands before any value that would give some."""
    return made.error("NotConfirmed", reasons.phrase("not confirmed"))


def _keeps_secret(cell: NotebookNode) -> bool:
    """Whether the cell has hidden tests; a pupil's own cell has none, whatever it says."""
    return bool(is_locked(cell)) and has_hidden(cell.source)


def _visible(cell: NotebookNode) -> str:
    return without_hidden(cell.source) if _keeps_secret(cell) else str(cell.source)


def _tests(book: NotebookNode) -> int:
    return sum(1 for cell in book.cells if _is_to_run(cell) and _points(cell))


def _points(cell: NotebookNode) -> float:
    """What the cell's tests are worth; 0 for any other cell."""
    if is_grade(cell) and not is_solution(cell):
        return float(cell.metadata.nbgrader["points"])
    return 0.0
