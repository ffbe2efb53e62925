"""A classroom whose pupils hand in everything that can go wrong, graded once by real nbgrader."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import nbformat
import pytest
import requests
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from technopark_grading.nbgrader_settings import configure
from technopark_grading.sandboxes import channels

ASSIGNMENT = "sums"
NOTEBOOK = "sums"
HANDED_IN_AT = "2026-11-20 08:00:00.000000 UTC"

SOURCE = [
    ("markdown", "# Sums", None),
    ("code", "start = 10", {"grade_id": "setup", "locked": True}),
    (
        "code",
        "def add(a, b):\n    ### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION",
        {"grade_id": "add", "solution": True},
    ),
    (
        "code",
        "assert add(start, 2) == 12\n### BEGIN HIDDEN TESTS\nassert add(-1, 1) == 0\n"
        "### END HIDDEN TESTS",
        {"grade_id": "test-add", "grade": True, "locked": True, "points": 3},
    ),
    (
        "code",
        "def double(a):\n    ### BEGIN SOLUTION\n    return a * 2\n    ### END SOLUTION",
        {"grade_id": "double", "solution": True},
    ),
    (
        "code",
        "assert double(4) == 8",
        {"grade_id": "test-double", "grade": True, "locked": True, "points": 2},
    ),
    ("markdown", "Why?", {"grade_id": "why", "grade": True, "solution": True, "points": 1}),
]

RIGHT = {"add": "def add(a, b):\n    return a + b", "double": "def double(a):\n    return a * 2"}


def source_notebook(rows: Sequence[tuple[str, str, Any]] = SOURCE) -> NotebookNode:
    cells = []
    for kind, text, marks in rows:
        cell = getattr(nbformat.v4, f"new_{kind}_cell")(text)
        if marks:
            plain = {"grade": False, "solution": False, "locked": False, "schema_version": 3}
            cell.metadata["nbgrader"] = {**plain, "task": False, **marks}
        cells.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@dataclass
class Classroom:
    """A course directory on disk, with what was seen of grading each pupil."""

    root: Path
    api: NbGraderAPI
    seconds: dict[str, float] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)
    outcome: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def db_url(self) -> str:
        return str(self.api.coursedir.db_url)

    def released(self) -> NotebookNode:
        return nbformat.read(self.root / "release" / ASSIGNMENT / f"{NOTEBOOK}.ipynb", 4)

    def cell(self, nb: NotebookNode, grade_id: str) -> NotebookNode:
        return next(
            c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id
        )

    def solved_with(self, before: str, code: str) -> NotebookNode:
        """The solved notebook with a cell of the pupil's own before the cell of that id."""
        nb = self.solved()
        place = nb.cells.index(self.cell(nb, before))
        nb.cells.insert(place, nbformat.v4.new_code_cell(code))
        return nb

    def solved(self) -> NotebookNode:
        """The released notebook as a diligent pupil hands it in."""
        nb = self.released()
        for grade_id, text in RIGHT.items():
            self.cell(nb, grade_id).source = text
        self.cell(nb, "why").source = "Because two and two is four."
        return nb

    def hand_in(self, pupil: str, content: NotebookNode | str | None, name: str = NOTEBOOK) -> Path:
        folder = self.root / "submitted" / pupil / ASSIGNMENT
        folder.mkdir(parents=True)
        (folder / "timestamp.txt").write_text(HANDED_IN_AT)
        path = folder / f"{name}.ipynb"
        if content is not None:
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            path.write_text(text, encoding="utf-8")
        return path

    def grade(self, pupil: str) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # the peak below counts from here
        before, start = _memory_mb("VmRSS"), monotonic()
        self.outcome[pupil] = self.api.autograde(ASSIGNMENT, pupil)
        self.seconds[pupil] = monotonic() - start
        self.peak_mb[pupil] = _memory_mb("VmHWM") - before

    def submission(self, gradebook: Gradebook, pupil: str) -> Any:
        return gradebook.find_submission_notebook(NOTEBOOK, ASSIGNMENT, pupil)

    def marks(self, pupil: str) -> dict[str, float | None]:
        with Gradebook(self.db_url) as gradebook:
            return {g.name: g.auto_score for g in self.submission(gradebook, pupil).grades}

    def waits_for_teacher(self, pupil: str) -> set[str]:
        with Gradebook(self.db_url) as gradebook:
            grades = self.submission(gradebook, pupil).grades
            return {g.name for g in grades if g.needs_manual_grade}

    def comments(self, pupil: str) -> str:
        with Gradebook(self.db_url) as gradebook:
            comments = self.submission(gradebook, pupil).comments
            return " ".join(c.comment for c in comments if c.comment)

    def feedback(self, pupil: str) -> str:
        """The pupil's feedback page, as text without tags."""
        page = self.root / "feedback" / pupil / ASSIGNMENT / f"{NOTEBOOK}.html"
        if not page.exists():
            result = self.api.generate_feedback(ASSIGNMENT, pupil)
            assert result["success"], result
        return re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8"))


def _memory_mb(field_name: str) -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{field_name}:")[1].split()[0]) / 1024


@pytest.fixture(scope="session")
def released_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course directory with one assignment, generated for the pupils."""
    root = tmp_path_factory.mktemp("course")
    source = root / "source" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(source_notebook(), source)
    result = open_course(root).generate_assignment(ASSIGNMENT)
    assert result["success"], result
    return root


@pytest.fixture(scope="module")
def classroom(
    released_course: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Classroom]:
    """A classroom of its own for each module; cells may take two seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TECHNOPARK_LANGUAGE", "ru")
        patch.setenv("TZ", "Europe/Moscow")
        root = tmp_path_factory.mktemp("classroom") / "robots-5"
        shutil.copytree(released_course, root)
        yield Classroom(root, open_course(root))


def open_course(root: Path) -> NbGraderAPI:
    """nbgrader over a course directory, set as in the grader image but less patient."""
    c = Config()
    configure(c)
    c.CourseDirectory.root = str(root)
    c.CourseDirectory.course_id = "robots-5"
    c.SteadyAutograde.cell_seconds = 2
    c.SteadyAutograde.open_sandbox = channels.local()
    c.SteadyAutograde.notebook_seconds = 5
    c.Exchange.root = str(root / "exchange")
    return NbGraderAPI(coursedir=CourseDirectory(config=c), config=c)


class GradingServer:
    """A real Jupyter Server over a classroom's course directory; sandboxes are of this machine."""

    def __init__(self, classroom: Classroom, folder: Path) -> None:
        self.classroom, self.folder = classroom, folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}/user/grading-robots-5/robots-5"
        self.process: subprocess.Popen[bytes] | None = None
        (folder / "nbgrader_config.py").write_text(
            "from technopark_grading.sandboxes import channels\n"
            "from technopark_grading.nbgrader_settings import configure\n"
            "configure(c)\n"
            f"c.CourseDirectory.root = {str(classroom.root)!r}\n"
            "c.CourseDirectory.course_id = 'robots-5'\n"
            "c.SteadyAutograde.open_sandbox = channels.local()\n"
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {
            "ip": "127.0.0.1",
            "port": self.port,
            "root_dir": self.classroom.root,
            "jpserver_extensions": "technopark_grading=True",
            "disable_check_xsrf": True,
            "base_url": "/user/grading-robots-5/robots-5/",
        }
        command = [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"]
        command.append("--ServerApp.jpserver_extensions=nbgrader.server_extensions.formgrader=True")
        command += [f"--ServerApp.{name}={value}" for name, value in options.items()]
        environment = {"JUPYTER_CONFIG_DIR": str(self.folder), "JUPYTER_TOKEN": "secret"}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env=os.environ | environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        for _ in range(240):
            with suppress(requests.RequestException):
                if self.ask("GET", "api").ok:
                    return
            sleep(0.25)
        self.stop()
        pytest.fail((self.folder / "log").read_text())

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call it as somebody who has signed in."""
        return requests.request(
            method,
            f"{self.address}/{path}",
            headers={"Authorization": "token secret"},
            timeout=30,
            **options,
        )

    def stop(self) -> None:
        """End it as the hub does."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def _end(self, by: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(by)
            self.process.wait(timeout=20)
            self.process = None


@pytest.fixture(scope="session")
def make_grading_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Classroom], GradingServer]:
    """Grading servers, to be started and ended by whoever makes them."""
    return lambda classroom: GradingServer(classroom, tmp_path_factory.mktemp("server"))
