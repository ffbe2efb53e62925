"""Grades a whole class, in a process of its own: `python -m technopark_grading.class_run NAME`.

Started by `whole_class`, or by hand in a terminal of the grading server. It takes up the run that
was asked for and left unfinished, or begins one; SIGINT cancels it, SIGTERM leaves it for later.
"""

import argparse
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from technopark_grading.class_run import handed_in, journal, run_lock, run_orders, run_state
from technopark_grading.class_run.crew import Crew, Grade
from technopark_grading.class_run.journal import Event, Journal, What, Why
from technopark_grading.class_run.run_words import say
from technopark_grading.sandboxes.channels import FromBroker
from technopark_grading.sandboxes.sandbox import OpenSandbox
from technopark_grading.submission.autograding import SteadyAutograde
from technopark_grading.submission.grade import grade_submission

_GIVING_BACK_S = 5.0
_log = logging.getLogger(__name__)


@dataclass
class ClassRun:
    """One process' work at the class of an assignment; it holds the lock meanwhile."""

    course: CourseDirectory
    assignment: str
    grade: Grade
    open_sandbox: OpenSandbox
    collect: Callable[[], None]
    """Brings in what is handed in; raises CannotGradeError."""
    hands: int
    leave: Callable[[], None] = lambda: None
    """Gives back all that this process has asked the broker for, also what has not come yet."""
    give_back: Callable[[str], None] = lambda _lease: None
    """Gives back a lease that an earlier process has left behind."""
    journal: Journal = field(init=False)
    crew: Crew = field(init=False)
    is_cancelled: bool = False
    run: str = ""

    def __post_init__(self) -> None:
        self.journal = Journal(journal.place(Path(self.course.root), self.assignment))
        self.crew = Crew(self.grade, self.open_sandbox, self.note, self.hands)

    def note(self, what: What, **fields: Any) -> None:
        """Write an event of this run into the journal."""
        self.journal.add(Event(what, run=self.run, at=time.time(), **fields))

    def cancel(self) -> None:
        """Stop, for good."""
        self.is_cancelled = True
        self.crew.stop()

    def go(self) -> None:
        """Grade what is left of the run that was asked for last."""
        state = self._state()
        self.run = state.run
        self.note(What.TAKEN_UP)
        try:
            self._grade(state)
        except handed_in.CannotGradeError as problem:
            self.note(What.ENDED, reason=str(problem))
        except Exception as problem:  # noqa: BLE001 (whoever looks at the page must read of it)
            _log.exception("The run broke")
            self.note(What.ENDED, reason=say("broken run", problem=repr(problem)[:200]))

    def _grade(self, state: run_state.ClassState) -> None:
        if state.collect and not state.is_planned:
            self.collect()
        keys = handed_in.keys(self.course, self.assignment)
        if not state.is_planned:
            state = self._plan(state, keys)
        for pupil in set(state.left) - keys.keys():
            self.note(What.BROKEN, pupil=pupil, reason=say("gone"))
        if not self.crew.is_stopped:
            for pupil in state.left:
                if lease := state.works[pupil].lease:
                    self.give_back(lease)
            left = {pupil: keys[pupil] for pupil in state.left if pupil in keys}
            self.crew.work(left, {pupil: state.works[pupil].tries for pupil in left})
        self._end()

    def _plan(self, state: run_state.ClassState, keys: Mapping[str, str]) -> run_state.ClassState:
        if not keys:
            raise handed_in.CannotGradeError(say("nothing", assignment=self.assignment))
        marked = {} if state.again else state.marked
        plan = handed_in.plan(self.course, self.assignment, keys, marked)
        self.note(What.PLANNED, names=plan.names, before=plan.before)
        return self._state()

    def _end(self) -> None:
        if self.crew.is_stopped:
            self.crew.give_back(_GIVING_BACK_S)
            self.leave()
        if self.crew.failure:
            self.note(What.ENDED, reason=self.crew.failure)
        elif self.is_cancelled:
            self.note(What.ENDED, reason=Why.CANCELLED)
        elif not self.crew.is_stopped:
            self.note(What.ENDED, reason=Why.DONE)

    def _state(self) -> run_state.ClassState:
        return run_state.read(self.journal.events(), is_alive=True)


HELD = 3
"""Exit code where another process grades the assignment."""


def main(words: Sequence[str] | None = None) -> int:
    """Grade the class that the command line names.

    Args:
        words: those after the command; default: this process' own.

    Returns:
        The exit code: 0, the run is over or left for later; `HELD`.
    """
    wanted = _parser().parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(threadName)s %(message)s")
    config = nbgraders_configuration()
    root = Path(CourseDirectory(config=config).root)
    try:
        with run_lock.held(journal.place(root, wanted.assignment) / "lock"):
            run_orders.ask(root, wanted.assignment, again=wanted.again, collect=wanted.collect)
            run = class_run(config, wanted.assignment)
            signal.signal(signal.SIGINT, lambda _number, _frame: run.cancel())
            signal.signal(signal.SIGTERM, lambda _number, _frame: run.crew.stop())
            run.go()
            if run.crew.is_stopped:
                # nobody waits for those who were in the middle of a cell
                logging.shutdown()
                os._exit(0)
    except run_lock.HeldError:
        _log.error("This assignment is being graded already.")
        return HELD
    return 0


def _hands() -> int:
    """So many ask for sandboxes that one always waits in line: none stands idle meanwhile."""
    return 2 * (os.cpu_count() or 1) + 2


def nbgraders_configuration() -> Config:
    """What nbgrader's configuration files of this server say."""
    app = NbGrader()
    app.load_config_file()
    return app.config


def class_run(config: Config, assignment: str) -> ClassRun:
    """A run with nbgrader as it is configured.

    Args:
        config: nbgrader's.
        assignment: its name.
    """
    course = CourseDirectory(config=config)

    def collect() -> None:
        done = NbGraderAPI(coursedir=CourseDirectory(config=config), config=config).collect(
            assignment
        )
        if not done["success"]:
            told = str(done.get("log") or done.get("error")).strip().splitlines()
            raise handed_in.CannotGradeError(say("not collected", problem=told[-1]))

    run = ClassRun(
        course=course,
        assignment=assignment,
        grade=partial(grade_submission, config, assignment),
        open_sandbox=SteadyAutograde(coursedir=course, config=config).open_sandbox,
        collect=collect,
        hands=int(os.environ.get("TECHNOPARK_GRADING_AT_A_TIME") or _hands()),
    )
    if isinstance(run.open_sandbox, FromBroker):
        run.leave, run.give_back = run.open_sandbox.leave, run.open_sandbox.give_back
    return run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="technopark_grading.class_run", description=__doc__)
    parser.add_argument("assignment")
    parser.add_argument("--again", action="store_true", help="also those graded before")
    parser.add_argument("--collect", action="store_true", help="collect first")
    return parser
