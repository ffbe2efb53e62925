"""Grades a whole class at one click: formgrader itself has only a button for each pupil.

`extension` mounts the handler; the button stands in `templates/manage_submissions.tpl`, and the
park's `technopark grade` calls it too. The work is done by `class_run`, in a process of its own.
"""

import asyncio
import json
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, STDOUT, Process
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from nbgrader.coursedir import CourseDirectory
from tornado import web

from technopark_grading.class_run import journal, run_lock, run_orders, run_state
from technopark_grading.class_run.journal import Journal

_LOOK_S = 0.5
"""How often one looks whether a run's process is still there."""
_CANCEL_S = 10.0
"""What a process may take to give its sandboxes back."""


@dataclass
class ClassGrading:
    """The runs of this course directory: one at a time for each assignment."""

    course: CourseDirectory
    processes: dict[str, Process] = field(default_factory=dict)
    keepers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    one_start: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Two clicks at once must not start two processes."""

    def assignments(self) -> list[str]:
        """The names of the course's assignments."""
        source = Path(self.course.format_path(self.course.source_directory, ".", "."))
        return sorted(folder.name for folder in source.iterdir() if folder.is_dir())

    async def start(self, assignment: str, *, again: bool = False, collect: bool = False) -> None:
        """Grade the class, unless that is being done already.

        Args:
            assignment: its name.
            again: also those whose work has not changed since it was graded.
            collect: bring in first what is handed in.
        """
        async with self.one_start:
            while self._is_alive(assignment):
                if self.state(assignment).is_unfinished:
                    return
                await asyncio.sleep(_LOOK_S)  # the last run is over, its process is about to be
            with suppress(run_lock.HeldError), run_lock.held(self._place(assignment) / "lock"):
                run_orders.ask(Path(self.course.root), assignment, again=again, collect=collect)
            await self._spawn(assignment)
            self._keep(assignment)

    async def cancel(self, assignment: str) -> None:
        """End the run at once: sandboxes are given back, what is graded stays."""
        if keeper := self.keepers.pop(assignment, None):
            keeper.cancel()
        deadline = time.monotonic() + _CANCEL_S
        while self._is_alive(assignment):
            late = time.monotonic() > deadline
            self._signal(assignment, signal.SIGKILL if late else signal.SIGINT)
            await asyncio.sleep(_LOOK_S)
        run_orders.call_off(Path(self.course.root), assignment)

    def resume(self) -> None:
        """Go on with what a crash has left unfinished; called once, when the server starts."""
        for folder in Path(self.course.root, ".grading").glob("*/"):
            if self.state(folder.name).is_unfinished:
                self._keep(folder.name)

    def state(self, assignment: str) -> run_state.ClassState:
        """How far grading is."""
        events = Journal(self._place(assignment)).events()
        return run_state.read(events, is_alive=self._is_alive(assignment))

    def _keep(self, assignment: str) -> None:
        if assignment not in self.keepers or self.keepers[assignment].done():
            self.keepers[assignment] = asyncio.create_task(self._keep_going(assignment))

    async def _keep_going(self, assignment: str) -> None:
        """Start a process again that was killed, as long as that brings the run on."""
        while (state := self.state(assignment)).is_unfinished:
            if not state.is_alive:
                if state.fruitless >= run_state.MOST_TRIES:
                    return
                await self._spawn(assignment)
            await asyncio.sleep(_LOOK_S)

    async def _spawn(self, assignment: str) -> None:
        with (self._place(assignment) / "log").open("ab") as log:
            self.processes[assignment] = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "technopark_grading.class_run", assignment),
                cwd=self.course.root,
                stdin=DEVNULL,
                stdout=log,
                stderr=STDOUT,
                start_new_session=True,
            )

    def _is_alive(self, assignment: str) -> bool:
        process = self.processes.get(assignment)
        if process is not None and process.returncode is None:
            return True
        return run_lock.holder(self._place(assignment) / "lock") is not None

    def _signal(self, assignment: str, number: signal.Signals) -> None:
        process = self.processes.get(assignment)
        with suppress(ProcessLookupError):
            if process is not None and process.returncode is None:
                process.send_signal(number)
            elif (found := run_lock.holder(self._place(assignment) / "lock")) and found.is_here:
                os.kill(found.pid, number)

    def _place(self, assignment: str) -> Path:
        return journal.place(Path(self.course.root), assignment)


class WholeClassHandler(JupyterHandler):
    """`technopark/autograde/<assignment>`: POST starts, GET says how far it is, DELETE cancels."""

    def initialize(self, grading: ClassGrading) -> None:
        """Take the runs of this server."""
        self.grading = grading

    @web.authenticated
    async def post(self, assignment: str) -> None:
        """Start grading the class, and answer at once; the words are those of `start`."""
        if self._is_known(assignment):
            wanted = self._wanted()
            await self.grading.start(
                assignment,
                again=wanted.get("again") is True,
                collect=wanted.get("collect") is True,
            )
            self._answer(assignment)

    @web.authenticated
    async def get(self, assignment: str) -> None:
        """How far grading is."""
        if self._is_known(assignment):
            self._answer(assignment)

    @web.authenticated
    async def delete(self, assignment: str) -> None:
        """End the run; answers when it is over."""
        if self._is_known(assignment):
            await self.grading.cancel(assignment)
            self._answer(assignment)

    def _answer(self, assignment: str) -> None:
        state = self.grading.state(assignment)
        self.set_header("Cache-Control", "no-store")
        self.finish(run_state.as_answer(state, time.time()))

    def _wanted(self) -> dict[str, Any]:
        try:
            wanted = json.loads(self.request.body or b"{}")
        except ValueError:
            raise web.HTTPError(400, "Expected a JSON object, such as {}.") from None
        return wanted if isinstance(wanted, dict) else {}

    def _is_known(self, assignment: str) -> bool:
        """Whether the course has it; if not, that is the answer already."""
        known = self.grading.assignments()
        if assignment in known:
            return True
        self.set_status(404)
        self.finish({"code": "unknown-assignment", "assignments": known})
        return False
