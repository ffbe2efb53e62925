"""The due date in nbgrader's gradebook: what a teacher wrote there, or moved in the portal.

Called by `release_assignment` and `collect`, so that gradebook and exchange say the same.
"""

from datetime import UTC, datetime
from typing import Any

from nbgrader.api import Gradebook, MissingEntry


class NotInGradebookError(Exception):
    """The gradebook does not know the assignment."""


def due_in_gradebook(coursedir: Any) -> datetime | None:
    """The due date of the course directory's assignment; None where it has none.

    Also None where the gradebook does not know the assignment, as before its first generation.
    """
    try:
        return known_due(coursedir)
    except NotInGradebookError:
        return None


def known_due(coursedir: Any) -> datetime | None:
    """The due date, None where the assignment has none.

    Raises:
        NotInGradebookError: the gradebook does not know the assignment.
    """
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        try:
            due: datetime | None = gradebook.find_assignment(coursedir.assignment_id).duedate
        except MissingEntry:
            raise NotInGradebookError from None
    # nbgrader keeps UTC and drops the zone.
    return due.replace(tzinfo=UTC) if due else None


def follow_due(coursedir: Any, due: datetime | None) -> None:
    """Brings the gradebook in step, where the deadline was moved elsewhere."""
    if due == known_due(coursedir):
        return
    with Gradebook(coursedir.db_url, coursedir.course_id) as gradebook:
        plain = due.astimezone(UTC).replace(tzinfo=None) if due else None
        gradebook.find_assignment(coursedir.assignment_id).duedate = plain
        gradebook.db.commit()
