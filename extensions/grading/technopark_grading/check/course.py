"""Proves that a course grades as its author means: `python -m technopark_grading.check FOLDER`.

Runs inside the course's grader image, without a network: `technopark course check` starts it. The
author's solution must get full marks, the released notebook none, each answer in tests/ the points
it names, and pupils must not be handed a solution. It never writes into the course's folder.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import nbformat
import yaml

from technopark_grading.check import released
from technopark_grading.check.cases import Case, Fault, read_cases
from technopark_grading.check.memory import PeakMemory
from technopark_grading.check.trial import Mark, Trial, TrialError

AUTHOR, EMPTY = "author", "empty"


@dataclass(frozen=True)
class Result:
    """How one way to answer was graded."""

    name: str
    describes: str
    points: float
    most: float


@dataclass
class Checked:
    """What was found out about one assignment."""

    id: str
    by_machine: float = 0.0
    by_hand: float = 0.0
    seconds: float = 0.0
    peak_mb: float = 0.0
    results: list[Result] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def check_course(course: Path, root: Path) -> list[Checked]:
    """Checks every assignment of the course in `course`, working below the empty folder `root`."""
    described = yaml.safe_load((course / "course.yaml").read_text(encoding="utf-8"))
    trial = Trial(course, root)
    return [_check_assignment(course, trial, one["id"]) for one in described["assignments"]]


def _check_assignment(course: Path, trial: Trial, assignment: str) -> Checked:
    checked = Checked(assignment)
    started = time.monotonic()
    books, checked.faults = _read_sources(course, assignment)
    if not checked.faults:
        with PeakMemory() as memory:
            try:
                checked.faults = list(_try_answers(course, trial, books, checked))
            except TrialError as error:
                checked.faults = [Fault(f"source/{assignment}", None, str(error))]
        checked.peak_mb = round(memory.megabytes, 1)
    checked.seconds = round(time.monotonic() - started, 1)
    return checked


def _read_sources(
    course: Path, assignment: str
) -> tuple[dict[str, nbformat.NotebookNode], list[Fault]]:
    books: dict[str, nbformat.NotebookNode] = {}
    faults: list[Fault] = []
    for path in sorted((course / "source" / assignment).glob("*.ipynb")):
        name = path.relative_to(course).as_posix()
        try:
            books[name] = released.read_notebook(path)
        except ValueError as error:
            faults.append(Fault(name, None, str(error)))
            continue
        faults += [Fault(name, *wrong) for wrong in released.source_faults(books[name])]
    return books, faults


def _try_answers(
    course: Path, trial: Trial, books: dict[str, nbformat.NotebookNode], checked: Checked
) -> Iterator[Fault]:
    where = f"source/{checked.id}"
    release = trial.release(checked.id)
    hidden = [secret for book in books.values() for secret in released.secrets(book)]
    for file, cell, message in released.leaks(release, hidden):
        yield Fault(f"{where}/{file}", cell, message)

    source = trial.root / where
    marks = trial.grade(AUTHOR, checked.id, source, {})
    checked.by_hand = sum(mark.most for mark in marks if mark.by_hand)
    checked.by_machine = sum(mark.most for mark in marks if not mark.by_hand)
    checked.results.append(_result(AUTHOR, "the author's solution", marks))
    for mark in _by_machine(marks):
        if mark.points != mark.most:
            yield Fault(
                f"{where}/{mark.notebook}",
                mark.cell,
                f"the author's solution gets {mark.points:g} of {mark.most:g} points"
                f"{_because(mark)}: mend the solution or the test",
            )

    marks = trial.grade(EMPTY, checked.id, release, {})
    checked.results.append(_result(EMPTY, "the notebook as it is handed out", marks))
    for mark in _by_machine(marks):
        if mark.points:
            yield Fault(
                f"{where}/{mark.notebook}",
                mark.cell,
                f"the empty notebook gets {mark.points:g} points: let the test fail without answer",
            )

    cases, faults = read_cases(course, checked.id)
    yield from faults
    if not cases and not faults:
        yield Fault(f"tests/{checked.id}", None, "expected one typical mistake at least")
    for case in cases:
        yield from _try_case(case, trial, source, books, checked)


def _try_case(
    case: Case,
    trial: Trial,
    source: Path,
    books: dict[str, nbformat.NotebookNode],
    checked: Checked,
) -> Iterator[Fault]:
    file = f"tests/{checked.id}/{case.name}.yaml"
    cells = {released.grade_id(cell) for book in books.values() for cell in book.cells}
    for name in sorted((case.answers.keys() | case.points.keys()) - cells):
        yield Fault(file, name, "no notebook has a cell with this grade_id")
    marks = trial.grade(f"case-{case.name}", checked.id, source, case.answers)
    checked.results.append(_result(case.name, case.describes, marks))
    for mark in _by_machine(marks):
        expected = case.points.get(mark.cell, mark.points)
        if mark.points != expected:
            yield Fault(
                file,
                mark.cell,
                f"gets {mark.points:g} points{_because(mark)}, and {expected:g} are expected",
            )
    total = checked.results[-1].points
    if total != case.total:
        yield Fault(
            file, None, f"gets {total:g} points together, and `total` expects {case.total:g}"
        )


def _by_machine(marks: list[Mark]) -> Iterator[Mark]:
    return (mark for mark in marks if not mark.by_hand)


def _because(mark: Mark) -> str:
    return f" ({mark.said.splitlines()[0]})" if mark.said else ""


def _result(name: str, describes: str, marks: list[Mark]) -> Result:
    counted = list(_by_machine(marks))
    points, most = sum(mark.points for mark in counted), sum(mark.most for mark in counted)
    return Result(name, describes, points, most)


def main() -> int:
    """Checks the course named on the command line, writes the report; 0 when all is right."""
    parser = argparse.ArgumentParser(
        prog="technopark_grading.check", description="Proves that a course grades as it should."
    )
    parser.add_argument("course", type=Path, help="the course's folder")
    parser.add_argument("--json", required=True, help="a file for the report; - for the terminal")
    arguments = parser.parse_args()
    report = None if arguments.json == "-" else Path(arguments.json).resolve()
    with tempfile.TemporaryDirectory(prefix="course-check-") as root:
        checked = check_course(arguments.course.resolve(), Path(root))
    text = json.dumps({"assignments": [asdict(one) for one in checked]}, ensure_ascii=False)
    if report is None:
        sys.stdout.write(f"{text}\n")
    else:
        report.write_text(text, encoding="utf-8")
    return 1 if any(one.faults for one in checked) else 0
