"""What ends leases: silence, time, a place held in vain, rights that are gone.

Called by the broker in a transaction, about once a second. Ends them in the store; `tending`
takes their containers away.
"""

from sqlalchemy.orm import Session

from technopark.kernels import leases
from technopark.kernels.asking import lesson_of
from technopark.kernels.leases import Reason, State
from technopark.settings import Settings
from technopark.store import Lease


class Presence:
    """When each holder was heard of last. In memory: after a restart all have time afresh."""

    def __init__(self) -> None:
        self._heard: dict[str, float] = {}

    def hear(self, lease: str, now: float) -> None:
        """The holder has just asked for it."""
        self._heard[lease] = now

    def silence(self, lease: str, now: float) -> float:
        """Seconds since the holder was heard of; who never was counts from now on."""
        return now - self._heard.setdefault(lease, now)

    def keep_only(self, ids: set[str]) -> None:
        """Forgets all others."""
        self._heard = {lease: at for lease, at in self._heard.items() if lease in ids}


def end_due(
    session: Session,
    presence: Presence,
    settings: Settings,
    now: float,
    *,
    rights_changed: bool,
) -> list[str]:
    """Ends the leases whose time has come; their ids.

    Args:
        session: a transaction.
        presence: when holders were heard of.
        settings: the limits.
        now: Unix seconds.
        rights_changed: people changed since the last call, so that rights are looked at again.
    """
    found = leases.active(session)
    presence.keep_only({lease.id for lease in found})
    ended = []
    for lease in found:
        reason = _reason(session, lease, presence, settings, now, rights_changed=rights_changed)
        if reason:
            leases.end(lease, reason, now)
            ended.append(lease.id)
    return ended


def _reason(
    session: Session,
    lease: Lease,
    presence: Presence,
    settings: Settings,
    now: float,
    *,
    rights_changed: bool,
) -> Reason | None:
    if rights_changed and lesson_of(session, lease, settings) is None:
        return Reason.RIGHTS
    if lease.ends_at and lease.ends_at.timestamp() <= now:
        return Reason.TIME_LIMIT
    if lease.held_until and lease.state == State.STOPPED and lease.held_until.timestamp() <= now:
        return Reason.RELEASED
    if presence.silence(lease.id, now) > settings.leases.silence_seconds:
        return Reason.ABANDONED
    return None
