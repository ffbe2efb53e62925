"""What answers the pupil's panel: tasks, getting, checking, handing in, feedback, the GPU line.

Jupyter Server loads it; grading servers have no panel. nbgrader is imported by the first question,
as a whole class starts at the bell. A raised hand is `technopark_server.live`'s.
"""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from technopark_lab.gpu_line import has_gpus, standings
from technopark_lab.words import say

if TYPE_CHECKING:
    from technopark_lab.desk import Desk

_KEPT = "technopark_lab"
_REFUSED = 409
"""The status of a refusal; the sentence comes with it."""


class Panel:
    """What the handlers share. One thing at a time: the pupil has one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._desk: Desk | None = None
        self._turn = asyncio.Lock()
        self._check_turn = asyncio.Lock()

    async def ask(self, what: Callable[["Desk"], Any]) -> Any:
        """What `what` answers, called in a thread."""
        async with self._turn:
            return await asyncio.to_thread(lambda: what(self._open()))

    async def check(self, task: str) -> list[dict[str, Any]]:
        """What a check of all notebooks of a task finds; one runs at a time.

        Raises:
            TaskError, CheckError: a sentence for the pupil.
        """
        from technopark_lab.checking import check

        notebooks = await self.ask(lambda desk: desk.notebooks(task))
        async with self._check_turn:
            return [await check(notebook) for notebook in notebooks]

    def _open(self) -> "Desk":
        from technopark_lab.desk import Desk

        if self._desk is None:
            self._desk = Desk(self.root)
        return self._desk


class _Handler(APIHandler):
    @property
    def panel(self) -> Panel:
        """What all handlers share."""
        panel: Panel = self.settings[_KEPT]
        return panel

    async def answer(self, asked: Any) -> None:
        """Finishes with what `asked` gives, or with the sentence of its refusal."""
        try:
            found = await asked
        except Exception as error:  # noqa: BLE001  # whatever it was, the pupil reads a sentence
            self.set_status(_REFUSED)
            self.finish(json.dumps({"message": self._sentence(error)}))
        else:
            self.finish(json.dumps(found))

    def _sentence(self, error: Exception) -> str:
        from technopark_lab.checking import CheckError
        from technopark_lab.desk import ExchangeError, TaskError

        if isinstance(error, CheckError | ExchangeError | TaskError):
            return str(error)
        self.log.error("The panel's question failed", exc_info=error)
        return say("mishap")


class TasksHandler(_Handler):
    """`technopark/tasks`: the classroom's tasks, and how the pupil stands with each."""

    @web.authenticated
    async def get(self) -> None:
        """`{"timezone", "gpu", "tasks"}`; see `Desk.tasks`."""
        await self.answer(self._tasks())

    async def _tasks(self) -> dict[str, Any]:
        return {
            "timezone": os.environ.get("TZ") or "UTC",
            "gpu": has_gpus(),
            "tasks": await self.panel.ask(lambda desk: desk.tasks()),
        }


class ActionHandler(_Handler):
    """`technopark/tasks/<action>`: the pupil does something with the task `{"task": "..."}`."""

    @web.authenticated
    async def post(self, action: str) -> None:
        """What came of it."""
        asked = self.get_json_body()
        task = asked.get("task") if isinstance(asked, dict) else None
        if not isinstance(task, str) or not task:
            raise web.HTTPError(400, 'Send {"task": "its name"}.')
        panel = self.panel
        actions: dict[str, Callable[[], Any]] = {
            "get": lambda: panel.ask(lambda desk: desk.get(task)),
            "check": lambda: panel.check(task),
            "hand-in": lambda: panel.ask(lambda desk: desk.hand_in(task)),
            "feedback": lambda: panel.ask(lambda desk: desk.fetch_feedback(task)),
        }
        await self.answer(actions[action]())


class GpuHandler(_Handler):
    """`technopark/gpu`: the pupil's kernels on GPUs, and how they stand in line."""

    @web.authenticated
    def get(self) -> None:
        """See `gpu_line.standings`."""
        self.finish(json.dumps(standings(self.kernel_manager)))


def _load_jupyter_server_extension(server: Any) -> None:
    if os.environ.get("TECHNOPARK_ROLE", "pupil") != "pupil":
        return
    server.web_app.settings[_KEPT] = Panel(Path(server.root_dir))
    pages = {
        "technopark/tasks": TasksHandler,
        "technopark/tasks/(get|check|hand-in|feedback)": ActionHandler,
        "technopark/gpu": GpuHandler,
    }
    server.web_app.add_handlers(
        ".*$", [(url_path_join(server.base_url, path), handler) for path, handler in pages.items()]
    )
