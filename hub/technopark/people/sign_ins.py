"""The log of sign-ins: who came when, from where, and how it ended. For admins.

Written by authenticators in their threads, never on the hub's loop; read by `technopark signins`.
It never holds a name that nobody has: children type their words there, too.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from technopark.store import Person, SignInEnd, SignInRecord

_REFUSED = (SignInEnd.NAME_WAITS, SignInEnd.ADDRESS_WAITS)
_ONE_LINE = timedelta(minutes=1)
"""Who is refused again within this time gets no further line: nobody may fill the disk."""


def pseudonym(typed: str, key: bytes) -> str:
    """Stands for a name that nobody has; the same for the same name, as long as `key` is."""
    return f"unknown-{hmac.new(key, typed.encode(), hashlib.sha256).hexdigest()[:8]}"


def name_or_pseudonym(session: Session, typed: str, key: bytes) -> str:
    """What the log calls whoever typed this name."""
    return typed if session.get(Person, typed) else pseudonym(typed, key)


def note_sign_in(session: Session, record: SignInRecord, keep_days: int) -> None:
    """Adds a line, and drops those that are older than `keep_days`."""
    session.execute(
        delete(SignInRecord).where(SignInRecord.at < record.at - timedelta(days=keep_days))
    )
    if record.ended not in _REFUSED or not _stands_already(session, record):
        session.add(record)


def _stands_already(session: Session, record: SignInRecord) -> bool:
    query = select(SignInRecord.id).where(
        SignInRecord.name == record.name,
        SignInRecord.address == record.address,
        SignInRecord.ended == record.ended,
        SignInRecord.at > record.at - _ONE_LINE,
    )
    return session.scalar(query.limit(1)) is not None


def sign_ins(
    session: Session, since: datetime, name: str | None = None, limit: int = 1000
) -> list[SignInRecord]:
    """The log since `since`, the newest line first; of one `name` where one is given."""
    query = select(SignInRecord).where(SignInRecord.at >= since)
    if name is not None:
        query = query.where(SignInRecord.name == name)
    newest_first = query.order_by(SignInRecord.at.desc(), SignInRecord.id.desc())
    return list(session.scalars(newest_first.limit(limit)))
