"""Grades one submission: what a run over a whole class calls, from as many threads as it likes.

Only waiting for the sandbox goes on at once; nbgrader and its gradebook are used by one thread at a
time. Points, reasons and the graded notebook are in their places when it answers.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from technopark_grading.gradebook.gradebooks import opened, to_disk
from technopark_grading.notebooks import reasons
from technopark_grading.sandboxes.sandbox import OpenSandbox
from technopark_grading.submission.autograding import SteadyAutograde
from technopark_grading.submission.turns import nbgraders_turn


class NotGradedError(Exception):
    """The submission stays as it was, to be graded another time; the text says why."""


@dataclass(frozen=True)
class Outcome:
    """What a submission got."""

    points: float
    most: float
    reasons: tuple[str, ...]
    """Sentences in the classroom's language, also on the notebooks; none if all went as usual."""
    needs_attention: bool
    """Whether the mark may be unjust, so that the teacher should look at it."""


def grade_submission(
    config: Config,
    assignment: str,
    pupil: str,
    open_sandbox: OpenSandbox,
    cancelled: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Grade what a pupil handed in, also if it was graded before.

    Args:
        config: nbgrader's, as its configuration files and `configure` made it.
        assignment: which one.
        pupil: whose.
        open_sandbox: answers a sandbox for this submission; what it raises is raised here, and
            the submission stays ungraded. Where a sandbox is lost, it is asked once more.
        cancelled: asked before each cell.

    Raises:
        CancelledError: `cancelled` said so; the submission stays ungraded.
        NotGradedError: nbgrader or its gradebook cannot go on.
    """
    course = CourseDirectory(config=config)
    course.assignment_id, course.student_id = assignment, pupil
    converter = SteadyAutograde(coursedir=course, config=config)
    converter.log = logging.getLogger(f"{__name__}.{pupil}")
    converter.force = True
    converter.open_sandbox = open_sandbox
    converter.cancelled = cancelled
    last_words = _LastWords()
    converter.log.addHandler(last_words)
    try:
        converter.start()
    except NbGraderException as problem:
        if converter.stopped_by is not None:
            raise converter.stopped_by from None
        raise NotGradedError(last_words.cause or str(problem)) from problem
    finally:
        converter.log.removeHandler(last_words)
    with nbgraders_turn():
        to_disk(course.db_url, course.course_id)
        return _outcome(course, assignment, pupil)


class _LastWords(logging.Handler):
    """Keeps why nbgrader could not go on: it says so in its log alone, as a traceback."""

    cause = ""

    def emit(self, record: logging.LogRecord) -> None:
        told = record.getMessage().strip()
        if told.startswith("Traceback"):
            self.cause = told.splitlines()[-1]


def _outcome(course: CourseDirectory, assignment: str, pupil: str) -> Outcome:
    noted: list[str] = []
    unjust = False
    folder = Path(course.format_path(course.autograded_directory, pupil, assignment))
    for path in sorted(folder.glob("*.ipynb")):
        book = nbformat.read(path, as_version=4)
        noted += reasons.sentences(book)
        unjust = unjust or not reasons.TEACHER_LOOKS.isdisjoint(reasons.of(book))
    with opened(course.db_url, course.course_id) as gradebook:
        submission = gradebook.find_submission(assignment, pupil)
        return Outcome(submission.score, submission.max_score, tuple(noted), unjust)
