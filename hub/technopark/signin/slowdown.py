"""Wrong words slow the next attempt down, per name, whether the name exists or not.

Called by `signin.passphrase` around every attempt; state is in the store, so that a restart of
the hub forgives nobody.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from technopark.settings import SignIn
from technopark.store import SignInFailure

_FORGOTTEN_AFTER = timedelta(hours=12)


def seconds_to_wait(session: Session, name: str, now: datetime) -> float:
    """Seconds until the next attempt for `name` is looked at; 0: now."""
    row = session.get(SignInFailure, name)
    return max(0.0, (row.wait_until - now).total_seconds()) if row else 0.0


def note_failure(session: Session, name: str, now: datetime, settings: SignIn) -> None:
    """A wrong attempt: after some free ones each doubles the wait, up to the longest."""
    session.execute(delete(SignInFailure).where(SignInFailure.wait_until < now - _FORGOTTEN_AFTER))
    row = session.get(SignInFailure, name) or SignInFailure(key=name, count=0)
    row.count += 1
    doublings = min(row.count - settings.free_attempts, 30)
    wait = settings.wait_seconds * 2.0**doublings / 2 if doublings > 0 else 0.0
    row.wait_until = now + timedelta(seconds=min(wait, settings.longest_wait_seconds))
    session.add(row)


def note_success(session: Session, name: str) -> None:
    """The right words: earlier failures are forgotten."""
    row = session.get(SignInFailure, name)
    if row:
        session.delete(row)


def now() -> datetime:
    """The server's clock."""
    return datetime.now(UTC)
