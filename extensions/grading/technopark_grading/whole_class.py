"""Grades a whole class at one click: formgrader itself has only a button for each pupil.

`server` mounts the handler; the button stands in `templates/manage_submissions.tpl`. Grading runs
as `nbgrader autograde` in a process of its own, so that the pages stay alive meanwhile.
"""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, STDOUT, Process
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from nbgrader.coursedir import CourseDirectory
from tornado import web


@dataclass
class ClassGrading:
    """The runs of this server, by assignment: one at a time each, however often it is clicked."""

    course: CourseDirectory
    runs: dict[str, Process] = field(default_factory=dict)

    async def start(self, assignment: str) -> None:
        """Grade what is collected and not graded yet, unless that is being done already."""
        if self.is_running(assignment):
            return
        log = Path(self.course.root) / ".autograde.log"
        with log.open("wb") as output:
            self.runs[assignment] = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "nbgrader", "autograde", f"--assignment={assignment}"),
                cwd=self.course.root,
                stdin=DEVNULL,
                stdout=output,
                stderr=STDOUT,
            )

    def is_running(self, assignment: str) -> bool:
        """Whether the class is being graded now."""
        run = self.runs.get(assignment)
        return run is not None and run.returncode is None

    def progress(self, assignment: str) -> dict[str, Any]:
        """How many were collected and graded, and whether the last run failed for somebody."""
        run = self.runs.get(assignment)
        return {
            "running": self.is_running(assignment),
            "failed": run is not None and run.returncode not in (None, 0),
            "collected": self._folders(self.course.submitted_directory, assignment),
            "graded": self._folders(self.course.autograded_directory, assignment),
        }

    def _folders(self, step: str, assignment: str) -> int:
        """How many pupils have a folder of the assignment in a step of nbgrader."""
        root = Path(self.course.root)
        pattern = Path(self.course.format_path(step, "*", assignment)).relative_to(root)
        return sum(1 for _ in root.glob(str(pattern)))


class WholeClassHandler(JupyterHandler):
    """`technopark/autograde/<assignment>`: POST starts grading, GET says how far it is."""

    def initialize(self, grading: ClassGrading) -> None:
        """Take the runs of this server."""
        self.grading = grading

    @web.authenticated
    async def post(self, assignment: str) -> None:
        """Start grading the class, and answer at once."""
        if not self._is_known(assignment):
            raise web.HTTPError(404, f"The course has no assignment {assignment}.")
        await self.grading.start(assignment)
        self.finish(self.grading.progress(assignment))

    @web.authenticated
    def get(self, assignment: str) -> None:
        """How far grading is."""
        self.finish(self.grading.progress(assignment))

    def _is_known(self, assignment: str) -> bool:
        course = self.grading.course
        source = Path(course.format_path(course.source_directory, ".", "."))
        return assignment in {folder.name for folder in source.iterdir() if folder.is_dir()}
