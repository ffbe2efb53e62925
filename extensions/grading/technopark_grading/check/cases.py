"""Answers with the points they deserve: an author's `tests/<assignment>/*.yaml`.

Read by `course` inside the grader image; it never runs an answer itself.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Fault:
    """What is wrong with a course: where, and what to mend."""

    file: str
    cell: str | None
    message: str


@dataclass(frozen=True)
class Case:
    """One way to answer an assignment."""

    name: str
    describes: str
    total: float
    answers: dict[str, str] = field(default_factory=dict)
    """Code by the grade_id of its solution cell; cells that are not named keep the author's."""
    points: dict[str, float] = field(default_factory=dict)
    """Points by the grade_id of their test cell; cells that are not named are free."""


_KEYS: dict[str, type | tuple[type, ...]] = {
    "describes": str,
    "answers": dict,
    "points": dict,
    "total": (int, float),
}


def read_cases(course: Path, assignment: str) -> tuple[list[Case], list[Fault]]:
    """The cases of an assignment, by name, and what is wrong with their files."""
    cases: list[Case] = []
    faults: list[Fault] = []
    for path in sorted((course / "tests" / assignment).glob("*.yaml")):
        name = path.relative_to(course).as_posix()
        try:
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            faults.append(Fault(name, None, f"is not YAML: {' '.join(str(error).split())}"))
            continue
        wrong = _wrong(data)
        if wrong:
            faults.append(Fault(name, None, wrong))
        else:
            cases.append(Case(name=path.stem, **data))
    return cases, faults


def _wrong(data: Any) -> str | None:
    if not isinstance(data, dict):
        return f"expected the keys {', '.join(_KEYS)}"
    for key, kind in _KEYS.items():
        if key not in data:
            return f"`{key}` is required and not given"
        if not isinstance(data[key], kind):
            return f"`{key}` cannot be {data[key]!r}"
    if unknown := data.keys() - _KEYS.keys():
        return f"there is no key `{sorted(unknown)[0]}`; the keys are {', '.join(_KEYS)}"
    if not all(isinstance(code, str) for code in data["answers"].values()):
        return "`answers` are texts of code by the grade_id of their cells"
    if not all(isinstance(points, (int, float)) for points in data["points"].values()):
        return "`points` are numbers by the grade_id of their cells"
    return None
