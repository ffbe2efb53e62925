"""Late marks that keep what was promised: a pupil's own, later deadline counts.

Called by `nbgrader autograde` where `AssignLatePenalties.plugin_class` names `LateByReceipt`. The
deadline is the one that the exchange wrote into the collected submission.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.plugins import LateSubmissionPlugin

from technopark_exchange.exchange import RECEIPT_FILE


class LateByReceipt(LateSubmissionPlugin):
    """nbgrader's own penalty methods, for those who are late by their own deadline."""

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """The penalty in points, or None.

        Arguments:
            student_id: the pupil.
            score: what the notebook earned.
            total_seconds_late: counted by nbgrader, which knows only the deadline of all.
        """
        seconds = self._seconds_late(student_id, total_seconds_late)
        if seconds <= 0:
            return None
        penalty: float | None = super().late_submission_penalty(student_id, score, seconds)
        return penalty

    def _seconds_late(self, student_id: str, counted: float) -> float:
        coursedir, assignment = _surroundings(self)
        folder = coursedir.format_path(coursedir.submitted_directory, student_id, assignment)
        try:
            receipt = json.loads(Path(folder, RECEIPT_FILE).read_text(encoding="utf-8"))
            due = receipt["due"] and datetime.fromisoformat(receipt["due"])
            received_at = datetime.fromisoformat(receipt["received_at"])
        except (OSError, ValueError, KeyError, TypeError):
            # Not collected through the exchange: nbgrader's count is all there is.
            return counted
        return (received_at - due).total_seconds() if due else 0.0


def _surroundings(plugin: Any) -> tuple[Any, str]:
    """The course directory and the assignment that are being graded.

    nbgrader tells a plugin neither; both stand on its parents: the preprocessor knows the
    assignment, the converter above it the course directory.
    """
    assignment, here = plugin.parent.assignment_id, plugin.parent
    while not hasattr(here, "coursedir"):
        here = here.parent
    return here.coursedir, assignment
