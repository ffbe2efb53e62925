"""Wrong words or codes slow the next attempt down, per name, whether the name exists or not.

An address is slowed down, too, without locking out the class that shares it: a school is one
address on the internet, so what counts there is how many *different names* failed of late and were
not right since. Children mistype their own, who guesses tries many. Names that signed in there
before are never held up by others.

Called by `signin.passphrase` and (names only) `people.join_codes` around every attempt; state is in
the store, so that a restart of the hub forgives nobody.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from technopark.settings import SignIn
from technopark.store import NameAtAddress, SignInFailure

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


def wait_at_address(
    session: Session, place: str, name: str, now: datetime, settings: SignIn
) -> float:
    """Seconds until `name` is let try at `place`; 0: now.

    Held up is a name that never signed in there and has not failed there of late itself, while
    `address_names` others have: until the oldest of the newest so many failures is forgotten.
    """
    counted_since = _counted_since(now, settings)
    row = session.get(NameAtAddress, (place, name))
    if row and (row.was_in_at or (row.failed_at and row.failed_at > counted_since)):
        return 0.0
    failures = session.scalars(
        select(NameAtAddress.failed_at)
        .where(NameAtAddress.address == place, NameAtAddress.failed_at > counted_since)
        .order_by(NameAtAddress.failed_at.desc())
        .limit(settings.address_names)
    ).all()
    if len(failures) < settings.address_names or failures[-1] is None:
        return 0.0
    return (failures[-1] - counted_since).total_seconds()


def note_failure_at_address(
    session: Session, place: str, name: str, now: datetime, settings: SignIn
) -> None:
    """`name` was not let in at `place`. A second failure does not count longer than the first."""
    _forget_at_addresses(session, now, settings)
    row = _at_address(session, place, name)
    if row.failed_at is None or row.failed_at <= _counted_since(now, settings):
        row.failed_at = now


def note_success_at_address(session: Session, place: str, name: str, now: datetime) -> None:
    """`name` is known at `place` from now on, and its failures are forgotten."""
    row = _at_address(session, place, name)
    row.failed_at, row.was_in_at = None, now


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


def _at_address(session: Session, place: str, name: str) -> NameAtAddress:
    row = session.get(NameAtAddress, (place, name))
    if row is None:
        row = NameAtAddress(address=place, name=name)
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # another attempt made it at the same moment
            row = session.get_one(NameAtAddress, (place, name))
    return row


def _counted_since(now: datetime, settings: SignIn) -> datetime:
    return now - timedelta(minutes=settings.address_minutes)


def _forget_at_addresses(session: Session, now: datetime, settings: SignIn) -> None:
    """Failures that are over, and names that have not come for as long as the log goes back."""
    failed_before = _counted_since(now, settings)
    came_before = now - timedelta(days=settings.log_days)
    session.execute(
        delete(NameAtAddress).where(
            or_(NameAtAddress.failed_at.is_(None), NameAtAddress.failed_at <= failed_before),
            or_(NameAtAddress.was_in_at.is_(None), NameAtAddress.was_in_at <= came_before),
        )
    )
