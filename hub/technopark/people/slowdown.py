"""Wrong words or codes slow the next attempt down, per name, whether the name exists or not.

Called by `signin.passphrase` and `people.join_codes` around every attempt; state is in the store,
so that a restart of the hub forgives nobody.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from technopark.settings import SignIn
from technopark.store import SignInFailure

_FORGOTTEN_AFTER = timedelta(hours=12)


def begin_attempt(session: Session, name: str, now: datetime, settings: SignIn) -> float:
    """Seconds until an attempt for `name` is looked at; 0: this one is.

    It counts as wrong until `note_success`, so that many at one moment are not all free: others
    for that name stand in line until the transaction is over. After some free ones each doubles
    the wait, up to the longest.
    """
    session.execute(delete(SignInFailure).where(SignInFailure.wait_until < now - _FORGOTTEN_AFTER))
    row = _locked(session, name, now)
    if row.wait_until > now:
        return (row.wait_until - now).total_seconds()
    row.count += 1
    doublings = min(row.count - settings.free_attempts, 30)
    wait = settings.wait_seconds * 2.0**doublings / 2 if doublings > 0 else 0.0
    row.wait_until = now + timedelta(seconds=min(wait, settings.longest_wait_seconds))
    return 0.0


def note_success(session: Session, name: str) -> None:
    """The right words: earlier failures are forgotten."""
    row = session.get(SignInFailure, name)
    if row:
        session.delete(row)


def now() -> datetime:
    """The server's clock."""
    return datetime.now(UTC)


def _locked(session: Session, name: str, now: datetime) -> SignInFailure:
    """The name's row, made where there is none; nobody else changes it meanwhile."""
    row = session.get(SignInFailure, name, with_for_update=True)
    if row is None:
        try:
            with session.begin_nested():
                session.add(SignInFailure(key=name, count=0, wait_until=now))
        except IntegrityError:
            pass  # another attempt made it at the same moment
        row = session.get_one(SignInFailure, name, with_for_update=True)
    return row
