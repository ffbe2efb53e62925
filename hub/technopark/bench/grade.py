"""The bench `grade`: a class graded by nbgrader as it is installed, and by ours in sandboxes.

Called by `technopark bench grade`. Both grade the same submissions in the same grading server of a
park of the bench's own, in turn; theirs with local kernels, ours with the park's broker.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import docker

from technopark.bench.charges import commands_beside, machine_cpu
from technopark.bench.own_park import BenchPark, own_park
from technopark.bench.report import Figures, Measured
from technopark.engine.client import open_engine
from technopark.people.rights import grading_user
from technopark.problem import Problem
from technopark.progress import step
from technopark.settings import Settings

NAME = "tpbgrade"
TEACHER, CLASSROOM = "anna-pavlovna", "data-6a"
GRADER = grading_user(CLASSROOM)
THEIRS = "peer"
"""The folder of the course that nbgrader grades as installed, beside ours."""

ASSIGNMENT = "ps1"
CLASS_OF_PUPILS = Path(__file__).with_name("class_of_pupils.py")
"""A program for the grading server, which has nbgrader; this machine need not have it."""

PYTHON = "/opt/server/bin/python"
KERNELS = "/opt/course"
"""Pupils' code runs in this environment's Python, and nothing else does."""

REST_S = 5.0
SETTLE_S = 60.0
"""The machine has so long to come to rest after the park's start."""
CALM = 0.05
"""Cores: two looks that differ by less are of a machine at rest."""
LOOK_S = 0.5


class GradeError(Problem):
    """A class was not graded as it must; says what was printed."""


@dataclass(frozen=True)
class Desk:
    """The classroom's grading server, and the folder that is its home."""

    client: docker.APIClient
    container: str
    pid: int
    home: Path

    def call(self, *words: str, classroom: str = CLASSROOM, role: str = "grader") -> None:
        """Runs a program of the server environment in a course's folder.

        Raises:
            GradeError: it failed.
        """
        job = self.client.exec_create(
            self.container,
            [PYTHON, *words],
            environment={"TECHNOPARK_CLASSROOM": classroom, "TECHNOPARK_ROLE": role},
            workdir=f"/home/pupil/{classroom}",
        )
        said = self.client.exec_start(job["Id"]).decode(errors="replace")
        if self.client.exec_inspect(job["Id"])["ExitCode"]:
            raise GradeError(f"{' '.join(words)[:100]} failed:\n{said[-3000:]}")

    def graded(self, classroom: str) -> int:
        """How many submissions of a course have been graded."""
        pattern = f"autograded/*/{ASSIGNMENT}/problem2.ipynb"
        return len(list((self.home / classroom).glob(pattern)))


def run(settings: Settings, runs: int = 5, submissions: int = 30) -> Measured:
    """Grades the class `runs` times each way, in turn.

    Args:
        settings: of the park whose engine, images and disk are used.
        runs: how often.
        submissions: of two notebooks each.

    Raises:
        GradeError: a submission was not graded.
    """
    cores = len(os.sched_getaffinity(0))
    servers = {"cpu": float(cores), "grading_memory": "4G"}
    peer: list[Figures] = []
    ours: list[Figures] = []
    with (
        own_park(settings, NAME, {"servers": servers}) as park,
        closing(park.client(TEACHER)) as teacher,
    ):
        park.start_server(teacher, GRADER, CLASSROOM)
        desk = _desk(park)
        with step(f"{submissions} pupils hand in"):
            _hand_in(desk, submissions)
        with step("the machine comes to rest"):
            _settle()
        for number in range(runs):
            for title, grade, figures in (("peer", _theirs, peer), ("ours", _ours, ours)):
                with step(f"run {number + 1} of {runs}, {title}"):
                    figures.append(_measure(desk, grade, submissions))
    return Measured(ours=ours, peer=peer)


def _theirs(desk: Desk, submissions: int) -> dict[str, float]:
    # In this role the image's configuration changes nothing about grading.
    words = ("-m", "nbgrader", "autograde", ASSIGNMENT, "--force")
    desk.call(*words, classroom=THEIRS, role="pupil")
    _all_graded(desk, THEIRS, submissions)
    return {}


def _ours(desk: Desk, submissions: int) -> dict[str, float]:
    with _looking_for_kernels(desk) as seen:
        desk.call("-m", "technopark_grading.class_run", ASSIGNMENT, "--again")
    _all_graded(desk, CLASSROOM, submissions)
    return {"isolated": not seen and len(_sandboxes(desk)) == submissions}


def _measure(
    desk: Desk, grade: Callable[[Desk, int], dict[str, float]], submissions: int
) -> Figures:
    """Figures of one run; what the machine does at rest is not counted."""
    idle = _cores_in_use()
    before, began = machine_cpu(), time.monotonic()
    found = grade(desk, submissions)
    seconds = time.monotonic() - began
    cpu = machine_cpu() - before
    # Whatever comes to its end before or after is no part of what goes on all the time.
    idle = min(idle, _cores_in_use())
    return {
        "submissions": submissions,
        "per_s": submissions / seconds,
        "cpu_s_each": (cpu - idle * seconds) / submissions,
        **found,
    }


def _settle() -> None:
    """Waits until the machine does no more than it does all the time, or SETTLE_S are over."""
    until, last = time.monotonic() + SETTLE_S, float("inf")
    while time.monotonic() < until:
        now = _cores_in_use()
        if abs(now - last) < CALM:
            return
        last = now


def _cores_in_use() -> float:
    """How many of the machine's cores are busy, over REST_S."""
    before, began = machine_cpu(), time.monotonic()
    time.sleep(REST_S)
    return (machine_cpu() - before) / (time.monotonic() - began)


def _desk(park: BenchPark) -> Desk:
    client = open_engine(park.settings.engine)
    found = client.inspect_container(f"{NAME}-{GRADER}--{CLASSROOM}")
    home = park.settings.homes / GRADER
    return Desk(client, str(found["Id"]), int(found["State"]["Pid"]), home)


def _hand_in(desk: Desk, submissions: int) -> None:
    program = CLASS_OF_PUPILS.read_text(encoding="utf-8")
    desk.call("-c", f"import os; os.mkdir('../{THEIRS}')")
    for classroom, role in ((THEIRS, "pupil"), (CLASSROOM, "grader")):
        place = f"/home/pupil/{classroom}"
        desk.call("-c", program, place, str(submissions), classroom=classroom, role=role)


def _all_graded(desk: Desk, classroom: str, submissions: int) -> None:
    graded = desk.graded(classroom)
    if graded != submissions:
        raise GradeError(f"{graded} of {submissions} submissions were graded in {classroom}.")


def _sandboxes(desk: Desk) -> set[str]:
    """The leases in which the last run graded, by its journal."""
    folder = desk.home / CLASSROOM / ".grading" / ASSIGNMENT
    found: set[str] = set()
    for line in (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["what"] == "run":
            found.clear()
        elif event["what"] == "begun" and event.get("lease"):
            found.add(event["lease"])
    return found


@contextmanager
def _looking_for_kernels(desk: Desk) -> Iterator[Sequence[str]]:
    """Commands of pupils' Python that are seen in the grading server while the block runs."""
    seen: list[str] = []
    ended = Event()

    def look() -> None:
        while not ended.wait(LOOK_S):
            seen.extend(one for one in commands_beside(desk.pid) if one.startswith(KERNELS))

    watcher = Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()
