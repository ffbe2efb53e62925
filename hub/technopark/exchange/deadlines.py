"""When a work is late: the server's clock, the site's time zone, and what was promised to a pupil.

Called by every part of the exchange that says or chooses by time. It reads the store only.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.exchange.refusals import Refusal
from technopark.store import Assignment, Extension


def due_of(session: Session, assignment: Assignment, person: str) -> datetime | None:
    """The pupil's own deadline: the assignment's, or a later one if it was extended for them."""
    if assignment.due is None:
        return None
    extension = session.get(Extension, (assignment.id, person))
    return later(assignment.due, extension.due if extension else None)


def later(due: datetime | None, extended: datetime | None) -> datetime | None:
    """The deadline that counts; where nobody has one, an extension means nothing."""
    return max(due, extended) if due and extended else due


def dues(session: Session, assignment: Assignment) -> dict[str, datetime]:
    """The extended deadlines of an assignment, by pupil."""
    rows = session.scalars(select(Extension).where(Extension.assignment_id == assignment.id))
    return {row.person_name: row.due for row in rows}


def is_late(received_at: datetime, due: datetime | None) -> bool:
    """Whether something that came at this moment came after the deadline."""
    return due is not None and received_at > due


def parse(text: str, zone: str) -> datetime:
    """A moment that a person or a program wrote; without a zone of its own it is in `zone`.

    Raises:
        Refusal: it is no time.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Refusal("bad-time", time=text) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(UTC)


def written(moment: datetime) -> str:
    """A moment as the exchange writes it: UTC, to the microsecond, always of one length."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
