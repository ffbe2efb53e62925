"""nbgrader's own command-line story through the park's exchange.

Two pupils and a teacher, each in a working directory of their own and with their own token; the
exchange is a real process and nbgrader's commands run unchanged. Only the hub's word who is
asking comes from a stand-in.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import nbformat
import pytest

from technopark import settings as park_settings
from technopark.bench import rehearsal

pytestmark = pytest.mark.slow

CLASSROOM = rehearsal.CLASSROOM

CONFIG = f"""
c = get_config()
import technopark_exchange as ours
c.CourseDirectory.course_id = "{CLASSROOM}"
c.ExchangeFactory.exchange = ours.Exchange
c.ExchangeFactory.fetch_assignment = ours.ExchangeFetchAssignment
c.ExchangeFactory.fetch_feedback = ours.ExchangeFetchFeedback
c.ExchangeFactory.release_assignment = ours.ExchangeReleaseAssignment
c.ExchangeFactory.release_feedback = ours.ExchangeReleaseFeedback
c.ExchangeFactory.list = ours.ExchangeList
c.ExchangeFactory.submit = ours.ExchangeSubmit
c.ExchangeFactory.collect = ours.ExchangeCollect
c.AssignLatePenalties.plugin_class = ours.LateByReceipt
c.LateByReceipt.penalty_method = "zero"
"""


@dataclass
class Desk:
    """Somebody's working directory, and nbgrader's commands in it."""

    name: str
    folder: Path
    home: Path
    url: str

    def __call__(self, *command: str, fails: bool = False) -> str:
        run = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        output = run.stdout + run.stderr
        assert (run.returncode != 0) is fails, output
        return output

    @property
    def environment(self) -> dict[str, str]:
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {
            "PATH": programs,
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "TECHNOPARK_LANGUAGE": "ru",
            "TECHNOPARK_EXCHANGE_URL": self.url,
            "JUPYTERHUB_API_TOKEN": rehearsal.token(self.name),
            "JUPYTERHUB_USER": self.name,
        }

    def configure(self) -> None:
        (self.folder / "nbgrader_config.py").write_text(CONFIG)


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("exchange")
    path = rehearsal.write_settings(folder)
    rehearsal.seed(park_settings.load(path).database_url, ["masha", "petya"])
    with rehearsal.hub() as hub_api_url:
        service = rehearsal.Service(path, hub_api_url)
        service.start()
        yield service.url
        service.stop()


@pytest.fixture(scope="module")
def desks(exchange: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Desk]:
    found = {}
    for name in ("masha", "petya", rehearsal.TEACHER):
        home = tmp_path_factory.mktemp(name)
        desk = Desk(name, home / "work", home, exchange)
        if name == rehearsal.TEACHER:
            desk.folder = home
            desk("quickstart", CLASSROOM)
            desk.folder = home / CLASSROOM
        else:
            desk.folder.mkdir()
        desk.configure()
        found[name] = desk
    return found


def solve(notebook: Path, answer: str) -> None:
    """Writes `answer` where the quickstart's first problem wants the squares."""
    found = nbformat.read(notebook, as_version=4)
    cell = next(c for c in found.cells if "def squares(n):" in c.source)
    cell.source = f"def squares(n):\n    {answer}"
    nbformat.write(found, notebook)


def test_a_course_from_release_to_feedback(desks: dict[str, Desk]) -> None:
    teacher, masha, petya = desks[rehearsal.TEACHER], desks["masha"], desks["petya"]

    due = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S UTC")
    teacher("generate_assignment", "ps1")
    teacher("db", "assignment", "add", "ps1", f"--duedate={due}")
    assert "версия 1" in teacher("release_assignment", "ps1")

    assert f"{CLASSROOM} ps1" in masha("list")
    for pupil in (masha, petya):
        pupil("fetch_assignment", "ps1")
        assert "уже получено" in pupil("list")

    # Petya's deadline was moved, everybody else's is over.
    extended = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    address = f"{teacher.url}/classrooms/{CLASSROOM}/assignments/ps1/extensions/petya"
    headers = {"Authorization": f"token {rehearsal.token(rehearsal.TEACHER)}"}
    httpx.put(address, json={"due": extended}, headers=headers, trust_env=False).raise_for_status()

    answer = "return [i ** 2 for i in range(1, n + 1)] if n >= 1 else squares_need_a_number()"
    for pupil in (masha, petya):
        solve(pupil.folder / "ps1" / "problem1.ipynb", answer)
    said = masha("submit", "ps1")
    assert "Квитанция №" in said
    assert "позже срока" in said
    assert "позже срока" not in petya("submit", "ps1")
    assert "отзыва нет" in masha("list", "--cached")

    teacher("collect", "ps1")
    timestamp = (teacher.folder / "submitted/masha/ps1/timestamp.txt").read_text()
    assert timestamp.endswith(" UTC")
    assert not (teacher.folder / "submitted/masha/ps1/квитанции").exists()

    teacher("autograde", "ps1")
    marks = scores(teacher)
    assert marks["masha"] == 0, "handed in after the deadline of all"
    assert marks["petya"] > 0, "handed in before a deadline of their own"

    teacher("generate_feedback", "ps1")
    teacher("release_feedback", "ps1", "--student=masha")
    assert "отзыв можно получить" in masha("list", "--cached")
    assert "отзыва нет" in petya("list", "--cached"), "released for one pupil alone"
    masha("fetch_feedback", "ps1")
    pages = list((masha.folder / "ps1" / "feedback").glob("*/problem1.html"))
    assert len(pages) == 1
    assert "squares" in pages[0].read_text()
    assert "отзыв получен" in masha("list", "--cached")


def scores(teacher: Desk) -> dict[str, float]:
    """Everybody's marks for ps1, as nbgrader exports them."""
    teacher("export")
    rows = (teacher.folder / "grades.csv").read_text().splitlines()
    head = rows[0].split(",")
    found = [dict(zip(head, row.split(","), strict=True)) for row in rows[1:]]
    return {row["student_id"]: float(row["score"]) for row in found if row["assignment"] == "ps1"}
