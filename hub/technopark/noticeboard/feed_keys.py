"""The secret in the address of somebody's own calendar feed: made, renewed, ended.

Called by the portal. Calendars cannot sign in, so whoever has the address sees what its owner
joined; the store keeps a hash alone, and a new secret ends the old one at once.
"""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.store import FeedKey, Person

_BYTES = 24


def renew(session: Session, name: str, now: datetime) -> str:
    """A new secret of the person; it is told this once."""
    secret = secrets.token_urlsafe(_BYTES)
    session.merge(FeedKey(person_name=name, secret_hash=_hash(secret), made_at=now))
    return secret


def end(session: Session, name: str) -> bool:
    """The person's feed is no more; False: there was none."""
    found = session.get(FeedKey, name)
    if found:
        session.delete(found)
    return found is not None


def made_at(session: Session, name: str) -> datetime | None:
    """Since when the person has a feed; None: there is none."""
    found = session.get(FeedKey, name)
    return found.made_at if found else None


def owner(session: Session, secret: str) -> Person | None:
    """Whose feed this secret opens; None: nobody's, or of somebody who left the park."""
    return session.scalar(
        select(Person)
        .join(FeedKey, FeedKey.person_name == Person.name)
        .where(FeedKey.secret_hash == _hash(secret), Person.active)
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
