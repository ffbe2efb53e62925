"""Retention: who left long ago is deleted, first the work, then the person; the log is kept short.

Called once a day by the park's process `safety`, and by `technopark person retention`. `due` only
says what would be done; `apply` asks for the deletions, which `deletion` carries out.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from technopark.people import audit
from technopark.people.audit import THE_PARK, Did
from technopark.safety import deletion, traces
from technopark.settings import Settings
from technopark.store import AuditEntry, Extension, Grant, Person, ShownWork, Submission


@dataclass(frozen=True)
class Due:
    """What the settings say is to go now."""

    people: tuple[str, ...]
    """Names of those who go wholly."""
    work: tuple[str, ...]
    """Names of those whose files and works go."""
    entries: int
    """Entries of the log that go."""


def due(session: Session, settings: Settings, now: datetime) -> Due:
    """What is to go; admins of the park stay until somebody deletes them."""
    kept = settings.safety
    people = _left_before(session, now, kept.people_days)
    work = [
        name
        for name in _left_before(session, now, kept.work_days)
        if name not in people and _has_work(session, settings, name)
    ]
    entries = session.scalar(select(func.count()).where(_is_old(settings, now))) or 0
    return Due(tuple(people), tuple(work), entries)


def apply(session: Session, settings: Settings, now: datetime) -> Due:
    """Asks for the deletions that are due, and shortens the log; what that was."""
    found = due(session, settings, now)
    for names, whole in ((found.people, True), (found.work, False)):
        for name in names:
            deletion.ask(session, THE_PARK, session.get_one(Person, name), whole=whole)
    session.execute(delete(AuditEntry).where(_is_old(settings, now)))
    audit.note(
        session,
        THE_PARK,
        Did.RETENTION,
        people=len(found.people),
        work=len(found.work),
        entries=found.entries,
    )
    return found


def is_time(session: Session, settings: Settings, now: datetime) -> bool:
    """Whether today's run is due and was not yet."""
    local = now.astimezone(ZoneInfo(settings.timezone))
    today = local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    ran = select(AuditEntry.id).where(AuditEntry.did == Did.RETENTION, AuditEntry.at >= today)
    return local.hour >= settings.safety.hour and session.scalar(ran.limit(1)) is None


def _left_before(session: Session, now: datetime, days: int) -> list[str]:
    if not days:
        return []
    is_admin = exists().where(
        Grant.person_name == Person.name, Grant.role == "admin", Grant.site_id.is_(None)
    )
    query = select(Person.name).where(
        Person.active.is_(False), Person.left_at < now - timedelta(days=days), ~is_admin
    )
    return list(session.scalars(query.order_by(Person.name)))


def _has_work(session: Session, settings: Settings, name: str) -> bool:
    handed_in = exists().where(Submission.person_name == name)
    extended = exists().where(Extension.person_name == name)
    shown = exists().where(ShownWork.person_name == name)
    return bool(
        session.scalar(select(or_(handed_in, extended, shown)))
        or traces.home(settings, name).is_dir()
    )


def _is_old(settings: Settings, now: datetime) -> ColumnElement[bool]:
    return AuditEntry.at < now - timedelta(days=settings.safety.log_days)
