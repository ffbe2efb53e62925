"""`nbgrader autograde` for the whole class at once, and deadlines that a receipt promised."""

import json
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

pytestmark = [
    pytest.mark.slow,
    # nbgrader 0.9.6 makes objects before it puts them into SQLAlchemy's session
    pytest.mark.filterwarnings(
        r"ignore:Object of type <Submitted\w+> not in session:sqlalchemy.exc.SAWarning"
    ),
]

GRACE = {"due": "2026-11-21T18:00:00+03:00", "received_at": "2026-11-20T08:00:00+00:00"}


@pytest.fixture(scope="module")
def graded_at_once(classroom: Any) -> Any:
    """Three pupils after the deadline: one damaged the file, one has longer time, one is late."""
    with Gradebook(classroom.db_url, "robots-5") as book:
        book.update_or_create_assignment("sums", duedate="2026-11-19 15:00:00")
    classroom.hand_in("broken", '{"cells": [')
    receipt = classroom.hand_in("has-longer", "").with_name("receipt.json")
    receipt.write_text(json.dumps(GRACE))
    classroom.hand_in("late", classroom.solved())
    classroom.outcome["*"] = classroom.api.autograde("sums", "*")
    return classroom


def test_one_damaged_file_stops_nobody(graded_at_once: Any) -> None:
    assert graded_at_once.outcome["*"]["success"], graded_at_once.outcome["*"]
    assert graded_at_once.marks("broken")["test-add"] == 0
    assert graded_at_once.marks("late")["test-add"] == 3


@pytest.mark.parametrize(("pupil", "is_late"), [("has-longer", False), ("late", True)])
def test_late_is_who_missed_the_deadline_they_were_given(
    graded_at_once: Any, pupil: str, is_late: bool
) -> None:
    with Gradebook(graded_at_once.db_url) as book:
        assert (book.find_submission("sums", pupil).total_seconds_late > 0) == is_late


def test_what_pupils_got_is_needed_to_compare_with(graded_at_once: Any) -> None:
    released: Path = graded_at_once.root / "release" / "sums" / "sums.ipynb"
    content = released.read_bytes()
    released.unlink()
    outcome = graded_at_once.api.autograde("sums", "late")
    released.write_bytes(content)
    assert not outcome["success"]
    assert "press Generate for this assignment again" in outcome["log"]
