"""The due date that a teacher wrote into nbgrader's gradebook.

Called by `release_assignment` and `collect`, so that the gradebook stays the one place where a
deadline is set.
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
