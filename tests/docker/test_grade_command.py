"""Three pupils hand in, and an admin grades their class with one command: in sandboxes only.

The broker is killed in the middle; nobody loses a mark and nobody is graded twice.
"""

import json
import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from support.park import Park
from support.visitor import Visitor
from support.waiting import eventually

from technopark.engine.client import open_engine
from technopark.engine.leased import LEASE_LABEL
from technopark.engine.networks import PARK_LABEL
from technopark.machine import supervisor
from technopark.settings import SOURCE

pytestmark = pytest.mark.docker
Arrive = Callable[[str], Visitor]

CLASS, ASSIGNMENT = "data-6a", "penguins"
GRADER = f"grading-{CLASS}"
PUPILS = ("masha", "petya", "lena")
SLOW = "import time\ntime.sleep(12)"
MINUTES = 60


@pytest.fixture(scope="module")
def handed_in(park: Park) -> None:
    """The author's answers from all three; before them some cells take their time."""
    with closing(Visitor(park, "anna-pavlovna")) as teacher:
        teacher.sign_in()
        teacher.start(CLASS, GRADER)
    call(park, GRADER, f"nbgrader generate_assignment {ASSIGNMENT}")
    call(park, GRADER, f"nbgrader release_assignment {ASSIGNMENT}")
    for name in PUPILS:
        with closing(Visitor(park, name)) as pupil:
            pupil.sign_in()
            pupil.start(CLASS)
            hand_in(park, name, slow=name != "masha")
            pupil.hub("DELETE", f"/users/{name}/servers/{CLASS}")


def hand_in(park: Park, name: str, *, slow: bool) -> None:
    call(park, name, f"nbgrader fetch_assignment {ASSIGNMENT}")
    notebook = Path(ASSIGNMENT, f"{ASSIGNMENT}.ipynb")
    solve(park.settings.homes / name / CLASS / notebook, slow)
    call(park, name, f"nbgrader submit {ASSIGNMENT}")


def call(park: Park, name: str, command: str) -> None:
    path = "PATH=/opt/server/bin:$PATH"
    code, said = park.run_inside(name, CLASS, "sh", "-c", f"cd ~/{CLASS} && {path} {command}")
    assert code == 0, said


def solve(notebook: Path, slow: bool) -> None:
    """Writes the author's answers over the cells that a pupil fills in."""
    source = SOURCE / "courses" / "data-start" / "source" / ASSIGNMENT / notebook.name
    answers = {
        grade_id(cell): "".join(cell["source"])
        for cell in cells(json.loads(source.read_text("utf-8")))
    }
    book = json.loads(notebook.read_text("utf-8"))
    for cell in cells(book):
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            answer = answers[grade_id(cell)]
            cell["source"] = re.sub(r"^\s*### (BEGIN|END).*\n?", "", answer, flags=re.MULTILINE)
    if slow:
        first = next(cell for cell in cells(book) if cell["cell_type"] == "code")
        pause = {**first, "id": "pause", "source": SLOW, "metadata": {}}
        book["cells"].insert(book["cells"].index(first), pause)
    notebook.write_text(json.dumps(book), encoding="utf-8")


def cells(book: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = book["cells"]
    return found


def grade_id(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id"))


def park_grade(park: Park, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [SOURCE / "park", "grade", *words],
        env={**os.environ, "TECHNOPARK_CONFIG": str(park.config)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(park: Park, *words: str) -> tuple[int, str]:
    """The exit code and all words of `./park grade`."""
    process = park_grade(park, *words)
    out, err = process.communicate(timeout=6 * MINUTES)
    return process.returncode, out + err


def events(park: Park, what: str) -> Counter[str]:
    """How often something happened to each pupil, by the run's journal."""
    journal = park.settings.homes / GRADER / CLASS / ".grading" / ASSIGNMENT / "journal.jsonl"
    lines = journal.read_text("utf-8").splitlines() if journal.exists() else []
    found = (json.loads(line) for line in lines)
    return Counter(event.get("pupil", "") for event in found if event["what"] == what)


def marks(park: Park) -> dict[str, float]:
    """Everybody's automatic points in the gradebook."""
    path = park.settings.homes / GRADER / CLASS / "gradebook.db"
    engine = create_engine(f"sqlite:///{path}")
    query = (
        "SELECT submitted_assignment.student_id, SUM(grade.auto_score) FROM grade"
        " JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id"
        " JOIN submitted_assignment ON submitted_notebook.assignment_id = submitted_assignment.id"
        " GROUP BY submitted_assignment.student_id"
    )
    with engine.connect() as connection:
        found = {str(name): float(points) for name, points in connection.execute(text(query))}
    engine.dispose()
    return found


def sandboxes(park: Park) -> list[str]:
    """The containers of sandboxes that run now."""
    labels = [LEASE_LABEL, f"{PARK_LABEL}={park.settings.network.name}"]
    found = open_engine(park.settings.engine).containers(filters={"label": labels})
    return [str(container["Id"]) for container in found]


def test_a_wrong_name_is_told_which_there_are(park: Park, handed_in: None) -> None:
    code, words = said(park, "data-6b", ASSIGNMENT)
    assert (code, "there are: bio-7v, data-6a, robots-5b" in words) == (2, True), words
    code, words = said(park, CLASS, "pinguins")
    assert (code, "it has: digits, penguins" in words) == (2, True), words


def test_a_class_is_graded_although_the_broker_is_killed(
    park: Park, handed_in: None, signed_in: Arrive
) -> None:
    # nobody has the grading page open: its server is started by the command
    teacher = signed_in("anna-pavlovna")
    teacher.hub("DELETE", f"/users/{GRADER}/servers/{CLASS}")
    process = park_grade(park, CLASS, ASSIGNMENT)
    try:
        eventually(
            lambda: {"petya", "lena"} <= events(park, "begun").keys(),
            4 * MINUTES,
            "both slow works are in sandboxes",
        )
        assert sandboxes(park)
        broker = next(one for one in supervisor.states(park.settings) if one.name == "broker")
        os.kill(broker.pid, signal.SIGKILL)
        out, err = process.communicate(timeout=6 * MINUTES)
    finally:
        process.kill()
    assert process.returncode in (0, 1), out + err
    assert "Graded: 3 of 3 done" in out
    assert "Снегирёв Петя (petya)" in out
    assert events(park, "graded") == Counter(PUPILS)
    points = marks(park)
    assert points.keys() == set(PUPILS)
    assert len(set(points.values())) == 1, points
    assert points["masha"] > 0


def test_the_grading_server_itself_runs_no_pupils_code(park: Park, handed_in: None) -> None:
    code, processes = park.run_inside(GRADER, CLASS, "sh", "-c", "cat /proc/[0-9]*/cmdline")
    assert code == 0
    assert "ipykernel" not in processes
    assert "technopark_sandbox" not in processes


def test_what_is_graded_is_graded_once(park: Park, handed_in: None) -> None:
    code, words = said(park, CLASS, ASSIGNMENT)
    assert code in (0, 1), words
    assert "Graded: 3 of 3 done" in words
    assert events(park, "graded") == Counter(PUPILS)


def test_a_run_is_seen_and_cancelled_from_elsewhere(park: Park, handed_in: None) -> None:
    first = park_grade(park, CLASS, ASSIGNMENT, "--again", "--no-collect")
    try:
        eventually(
            lambda: "being graded" in said(park, CLASS, ASSIGNMENT, "--status")[1],
            2 * MINUTES,
            "the run is seen",
        )
        code, words = said(park, CLASS, ASSIGNMENT, "--cancel")
        assert (code, "What is graded stays" in words) == (0, True), words
        out, err = first.communicate(timeout=MINUTES)
    finally:
        first.kill()
    assert first.returncode == 2
    assert "Grading was cancelled" in out, out + err
