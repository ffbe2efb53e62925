"""A pupil's tasks: which there are, getting one, handing it in, the feedback on it.

Called by `extension`, in a thread: it waits for the exchange. nbgrader's own classes do the work,
those that nbgrader's panel and commands use, too. It never changes what a pupil wrote.
"""

import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError, ExchangeFactory
from traitlets.config import Config

from technopark_lab.words import say

__all__ = ["Desk", "ExchangeError", "TaskError"]

log = logging.getLogger(__name__)

_MARK = re.compile(r"\(Score: (?P<score>[\d.]+) / (?P<most>[\d.]+)\)")
"""The first heading of nbgrader's feedback page."""


class TaskError(Exception):
    """A task cannot be worked with; the text is a sentence for the pupil."""


class Desk:
    """One pupil's folder of one classroom.

    Args:
        root: the server's folder: paths that are answered start from it.
        config: nbgrader's; by default what its configuration files say.
    """

    def __init__(self, root: Path, config: Config | None = None) -> None:
        self._root = root.absolute()
        self._config = config or _config()

    def tasks(self) -> list[dict[str, Any]]:
        """All tasks, those with the nearest deadline first; those without one come last.

        Raises:
            ExchangeError: the exchange refused, or is away; in its words.
        """
        released = self._list(cached=False)
        works = {entry["assignment_id"]: entry["submissions"] for entry in self._list(cached=True)}
        names = {entry["assignment_id"]: entry for entry in released}
        tasks = [
            self._task(name, names.get(name), works.get(name, ()))
            for name in sorted({*names, *works})
        ]
        return sorted(tasks, key=lambda task: (task["due"] is None, task["due"] or ""))

    def get(self, task: str) -> None:
        """Fetches a task; a folder that is there already is only completed.

        Raises:
            ExchangeError: the exchange refused, or is away; in its words.
        """
        self._start("FetchAssignment", task, replace_missing_files=True)

    def hand_in(self, task: str) -> dict[str, Any]:
        """Hands a task in; the receipt, where its file lies, and what there was to remark.

        Raises:
            ExchangeError: the exchange refused, or is away; in its words.
        """
        remarks = _Remarks()
        submit = self._start("Submit", task, log=remarks.logger)
        file = submit.receipt_file
        return {
            "receipt": submit.receipt,
            "file": self._path(file) if file else None,
            "remarks": remarks.said,
        }

    def fetch_feedback(self, task: str) -> None:
        """Fetches all feedback on a task.

        Raises:
            ExchangeError: the exchange refused, or is away; in its words.
        """
        self._start("FetchFeedback", task)

    def notebooks(self, task: str) -> list[Path]:
        """The notebooks of a task, which the pupil has.

        Raises:
            TaskError: there is no such task here, or it has none.
        """
        folder = self._root / task
        if Path(task).name != task or not folder.is_dir():
            raise TaskError(say("no-such-task", task=task))
        found = sorted(folder.glob("*.ipynb"))
        if not found:
            raise TaskError(say("nothing-to-check", task=task))
        return found

    def _list(self, *, cached: bool) -> list[dict[str, Any]]:
        lister = ExchangeFactory(config=self._config).List(
            coursedir=self._coursedir(), config=self._config, cached=cached, log=log
        )
        found: list[dict[str, Any]] = lister.start()
        return found

    def _start(self, what: str, task: str, **traits: Any) -> Any:
        one = getattr(ExchangeFactory(config=self._config), what)(
            coursedir=self._coursedir(task), config=self._config, **({"log": log} | traits)
        )
        one.start()
        return one

    def _coursedir(self, task: str = "") -> CourseDirectory:
        coursedir = CourseDirectory(config=self._config)
        if task:
            coursedir.assignment_id = task
        return coursedir

    def _task(self, name: str, released: Any, works: Any) -> dict[str, Any]:
        is_here = released["status"] == "fetched" if released else (self._root / name).is_dir()
        notebooks = released["notebooks"] if released else []
        due = released["due"] if released else None
        return {
            "name": name,
            "due": due,
            # By this clock: those of pupils' PCs may be wrong.
            "over": due is not None and datetime.fromisoformat(due) < datetime.now(UTC),
            "here": is_here,
            "notebooks": [
                {"name": one["notebook_id"], "path": self._path(one["path"])} for one in notebooks
            ]
            if is_here
            else [],
            "works": [self._work(work) for work in reversed(works)],
        }

    def _work(self, work: dict[str, Any]) -> dict[str, Any]:
        folder = work["local_feedback_path"]
        pages = sorted(Path(folder).glob("*.html")) if folder else []
        state = "none"
        if work["has_exchange_feedback"]:
            is_new = not work["has_local_feedback"] or work["feedback_updated"]
            state = "ready" if is_new else "here"
        return {
            "receipt": work["receipt"],
            "received_at": work["received_at"],
            "late": work["late"],
            "feedback": state,
            "pages": [{"name": page.stem, "path": self._path(page)} for page in pages],
            "mark": _mark(pages),
        }

    def _path(self, path: Path | str) -> str:
        return Path(path).absolute().relative_to(self._root).as_posix()


def _mark(pages: list[Path]) -> dict[str, float] | None:
    """The points that stand in the pages of feedback; None: they say nothing of points."""
    found = []
    for page in pages:
        with page.open(encoding="utf-8", errors="replace") as file:
            text = file.read()
        if match := _MARK.search(text):
            found.append((float(match["score"]), float(match["most"])))
    if not found:
        return None
    return {"score": sum(score for score, _ in found), "most": sum(most for _, most in found)}


class _Remarks(logging.Handler):
    """What the exchange's class warns of while it works: sentences for the pupil."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []
        self.logger = logging.Logger("technopark_lab.remarks")  # nobody else's
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps a warning; an error is raised to whoever called, anyway."""
        if record.levelno == logging.WARNING:
            self.said.append(record.getMessage())


def _config() -> Config:
    app = NbGrader()
    app.load_config_file()
    return app.config
