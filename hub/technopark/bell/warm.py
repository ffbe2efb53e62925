"""Which servers the bell asked for and nobody came to yet, kept over a kill of the bell.

Called by `rounds` on threads. The hub forgets who asked for a start; a server that a pupil started
must never be taken for the bell's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from technopark.bell.plan import Owner, Server
from technopark.store import Classroom, Store, WarmStart

_NEVER_CAME_UP = timedelta(minutes=10)
"""After so long without a server a start has failed."""


@dataclass(frozen=True)
class Warm:
    """A server that the bell asked for."""

    asked_at: datetime
    ready_at: datetime | None = None


class WarmStarts:
    """The bell's own servers; what is said here is in the store when the call returns."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.read() as session:
            self._known = {
                (row.person_name, row.classroom_id): Warm(row.asked_at, row.ready_at)
                for row in session.scalars(select(WarmStart))
            }

    def __len__(self) -> int:
        return len(self._known)

    def mark(self, servers: Iterable[Server]) -> list[Server]:
        """The servers, each with the word whether it is the bell's."""
        return [replace(server, is_warm=self._is_mine(server)) for server in servers]

    def ready_at(self, owner: Owner) -> datetime | None:
        """When the bell saw this server become ready."""
        known = self._known.get(owner)
        return known.ready_at if known else None

    def ask(self, owners: Sequence[Owner], now: datetime) -> None:
        """These are about to be asked for."""
        self._write({owner: Warm(now) for owner in owners})

    def became_ready(self, owners: Iterable[Owner], now: datetime) -> None:
        """These were seen to become ready just now."""
        mine = {owner: self._known[owner] for owner in owners if owner in self._known}
        self._write({owner: replace(warm, ready_at=now) for owner, warm in mine.items()})

    def forget(self, owners: Iterable[Owner]) -> None:
        """These are somebody's now, or gone."""
        gone = [owner for owner in owners if self._known.pop(owner, None)]
        if gone:
            with self._store.write() as session:
                for owner in gone:
                    if row := session.get(WarmStart, owner):
                        session.delete(row)

    def sweep(self, servers: Iterable[Server], now: datetime) -> None:
        """Forgets what was asked for long ago and is not there."""
        there = {server.owner for server in servers}
        self.forget(
            [
                owner
                for owner, warm in self._known.items()
                if owner not in there and abs(now - warm.asked_at) > _NEVER_CAME_UP
            ]
        )

    def forget_closed(self) -> None:
        """Forgets what belongs to classrooms that are closed: the hub ended their servers."""
        with self._store.read() as session:
            active = select(Classroom.id).where(Classroom.active)
            rooms = set(session.scalars(active)) if self._known else set()
        self.forget([owner for owner in self._known if owner[1] not in rooms])

    def _is_mine(self, server: Server) -> bool:
        known = self._known.get(server.owner)
        return bool(known and (server.started is None or known.asked_at <= server.started))

    def _write(self, changed: dict[Owner, Warm]) -> None:
        if not changed:
            return
        with self._store.write() as session:
            for (person, classroom), warm in changed.items():
                session.merge(
                    WarmStart(
                        person_name=person,
                        classroom_id=classroom,
                        asked_at=warm.asked_at,
                        ready_at=warm.ready_at,
                    )
                )
        self._known |= changed
