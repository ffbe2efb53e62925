"""A counter that grows with every change of people, so that the hub notices and keeps in step.

Raised by `people.classrooms`, watched by `signin.roster`; it says that something changed, not what.
"""

from sqlalchemy.orm import Session

from technopark.store import Revision

_SUBJECT = "people"


def note_change(session: Session) -> None:
    """Called in every transaction that changes people, classrooms or rosters."""
    row = session.get(Revision, _SUBJECT) or Revision(subject=_SUBJECT, number=0)
    row.number += 1
    session.add(row)


def revision(session: Session) -> int:
    """The number of changes until now."""
    row = session.get(Revision, _SUBJECT)
    return row.number if row else 0
