"""The table of marks that a teacher hands on: a row for each pupil, columns for each assignment.

Made from nbgrader's gradebook by `nbgrader export` and by the grading server's `marks.csv`. It only
reads, and never leaves a cell that a spreadsheet would take for a formula.
"""

import csv
import io
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin

from technopark_grading.language import language
from technopark_grading.notebooks import reasons

_WORDS = {
    "ru": {
        "pupil": "Ученик",
        "name": "Имя для входа",
        "points": "{assignment}: баллы (из {most})",
        "handed in": "{assignment}: сдано",
        "due": "{assignment}: срок",
        "late": "{assignment}: опоздание",
        "total": "Всего баллов",
        "most": "Из скольких",
        "comment": "Комментарий",
        "yes": "да",
        "no": "нет",
        "not handed in": "не сдано",
        "to look at": "{assignment}: ждёт проверки учителем.",
        "not graded": "{assignment}: ещё не проверено.",
    },
    "en": {
        "pupil": "Pupil",
        "name": "Sign-in name",
        "points": "{assignment}: points (of {most})",
        "handed in": "{assignment}: handed in",
        "due": "{assignment}: due",
        "late": "{assignment}: late",
        "total": "Points in all",
        "most": "Of",
        "comment": "Comment",
        "yes": "yes",
        "no": "no",
        "not handed in": "not handed in",
        "to look at": "{assignment}: waits for the teacher.",
        "not graded": "{assignment}: not graded yet.",
    },
}

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class MarksExporter(ExportPlugin):
    """`nbgrader export`: writes the table to `--to`, by default `marks.csv`."""

    def export(self, gradebook: Gradebook) -> None:
        """Write the marks of the chosen pupils and assignments, by default all."""
        target = Path(self.to or "marks.csv")
        pupils = {str(name) for name in self.student}
        assignments = {str(name) for name in self.assignment}
        target.write_bytes(as_csv(table(gradebook, pupils=pupils, assignments=assignments)))
        self.log.info("Marks written to %s", target)


def table(
    gradebook: Gradebook,
    pupils: Iterable[str] = (),
    assignments: Iterable[str] = (),
) -> list[list[str]]:
    """The marks as rows of text, the first of them the headings.

    Args:
        gradebook: nbgrader's, open.
        pupils: sign-in names to keep; empty for all.
        assignments: names of assignments to keep; empty for all.
    """
    words = _WORDS[language()]
    wanted_pupils, wanted = set(pupils), set(assignments)
    chosen = [a for a in gradebook.assignments if not wanted or a.name in wanted]
    chosen.sort(key=lambda a: (a.duedate or datetime.max, a.name))  # noqa: DTZ901 (naive UTC)
    rows = [_headings(chosen, words)]
    people = [s for s in gradebook.students if not wanted_pupils or s.id in wanted_pupils]
    by_pupil = {
        (submission.student.id, assignment.name): submission
        for assignment in chosen
        for submission in assignment.submissions
    }
    for person in sorted(people, key=lambda s: (full_name(s).casefold(), s.id)):
        submissions = [by_pupil.get((person.id, assignment.name)) for assignment in chosen]
        rows.append(_row(person, chosen, submissions, words))
    return rows


def as_csv(rows: Iterable[Iterable[str]]) -> bytes:
    """The rows as a file that a Russian spreadsheet opens by itself: UTF-8 with BOM, `;`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([[harmless(cell) for cell in row] for row in rows])
    return text.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """The text with an apostrophe before it, if a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def full_name(student: Any) -> str:
    """The pupil's full name as the roster gave it; the sign-in name where there is none."""
    names = [student.last_name, student.first_name]
    return " ".join(name for name in names if name) or str(student.id)


def _headings(assignments: list[Any], words: dict[str, str]) -> list[str]:
    headings = [words["pupil"], words["name"]]
    for assignment in assignments:
        most = number(assignment.max_score)
        headings += [
            words[column].format(assignment=assignment.name, most=most)
            for column in ("points", "handed in", "due", "late")
        ]
    return [*headings, words["total"], words["most"], words["comment"]]


def _row(
    person: Any, assignments: list[Any], submissions: list[Any], words: dict[str, str]
) -> list[str]:
    row = [full_name(person), person.id]
    total = 0.0
    comments: list[str] = []
    for assignment, submission in zip(assignments, submissions, strict=True):
        due = moment(assignment.duedate)
        if submission is None:
            row += ["", words["not handed in"], due, ""]
            continue
        score = max(0.0, submission.score - (submission.late_submission_penalty or 0.0))
        total += score
        graded = _is_graded(submission)
        late = words["yes"] if submission.total_seconds_late > 0 else words["no"]
        row += [number(score) if graded else "", moment(submission.timestamp), due, late]
        if not graded:
            comments.append(words["not graded"].format(assignment=assignment.name))
        elif submission.needs_manual_grade:
            comments.append(words["to look at"].format(assignment=assignment.name))
        comments += _comments(submission)
    most = sum(assignment.max_score for assignment in assignments)
    return [*row, number(total), number(most), " ".join(comments)]


def _is_graded(submission: Any) -> bool:
    """Whether autograding or the teacher has touched any grade of the submission."""
    grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
    return not grades or any(
        grade.auto_score is not None or grade.manual_score is not None for grade in grades
    )


def _comments(submission: Any) -> list[str]:
    """The teacher's comments and the reasons, on one line each."""
    return [
        f"{submission.assignment.name}: {' '.join(comment.comment.split())}"
        for notebook in submission.notebooks
        for comment in notebook.comments
        if comment.comment and comment.comment != reasons.phrase("no response")
    ]


def number(points: float) -> str:
    """Points as the language writes them (`4,5` in Russian), two digits at most."""
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language() == "ru" else text


def moment(utc: datetime | None) -> str:
    """A time of the gradebook (UTC without a zone) by the clock of the site; empty for none."""
    if utc is None:
        return ""
    return utc.replace(tzinfo=UTC).astimezone(_zone()).strftime("%d.%m.%Y %H:%M")


def _zone() -> ZoneInfo:
    try:
        return ZoneInfo(os.environ.get("TZ", "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
