"""Asking the hub to end all sessions of somebody, in every browser.

Called by whoever changes what a person signs in with; the hub (`signin.roster`) looks within
seconds, does it, and takes the request away. It is in the store, so that no restart forgets it.
"""

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from technopark.people.changes import note_change
from technopark.store import SignOut


def end_sessions(session: Session, name: str) -> None:
    """All sessions of the person `name` that began before now are to end."""
    asked = session.get(SignOut, name) or SignOut(person_name=name)
    asked.asked_at = datetime.now(UTC)
    session.add(asked)
    note_change(session)


def to_sign_out(session: Session) -> dict[str, datetime]:
    """Whose sessions are to end, and when that was asked."""
    rows = session.execute(select(SignOut.person_name, SignOut.asked_at)).all()
    return {name: asked_at for name, asked_at in rows}  # noqa: C416  # rows are not pairs to mypy


def signed_out(session: Session, done: dict[str, datetime]) -> None:
    """What `to_sign_out` said has been done; what was asked since stays."""
    for name, asked_at in done.items():
        session.execute(
            delete(SignOut).where(SignOut.person_name == name, SignOut.asked_at <= asked_at)
        )
