"""What the bell does for coming days, beside servers: GPUs are reserved, images are looked at.

Called by `rounds` when the timetable changed, and every few minutes, on a thread; `pages` show what
is missing. Where an engine does not answer, it tries again at the next call.
"""

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from technopark.bell import evening, forecast, reservations
from technopark.bell.calendar import Timetable
from technopark.bell.evening import Missing, Needed
from technopark.bell.timetable import rosters
from technopark.engine.client import EngineError
from technopark.engine.node_images import leased_devices, ready_nodes
from technopark.settings import Settings
from technopark.store import Store

log = logging.getLogger("technopark.bell")

_RESERVED_AHEAD = timedelta(days=2)


class Duties:
    """One bell's."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._zone = ZoneInfo(settings.timezone)
        self._looked_for: tuple[datetime, Needed, frozenset[str]] | None = None
        """Of lessons from when on which images were looked for, and on which nodes."""
        self.missing: tuple[Missing, ...] = ()
        """What was not there at the last look."""
        self._had_reservations = True
        """Whether some of its reservations may be there."""

    def keep(self, table: Timetable, now: datetime) -> None:
        """Does what is due."""
        if table.said.is_empty and not self._had_reservations:
            self._looked_for, self.missing = None, ()
            return
        try:
            self._reserve(table, now)
            self._look_at_images(table, now)
        except EngineError as problem:
            log.warning("%s", problem)

    def _reserve(self, table: Timetable, now: datetime) -> None:
        lessons = table.lessons(now, now + _RESERVED_AHEAD)
        devices = leased_devices(self._settings) if lessons else []
        with self._store.write() as session:
            rooms = {lesson.classroom for lesson in lessons}
            sizes = forecast.pupils(rosters(session, rooms))
            reservations.keep_in_step(session, lessons, sizes, devices)
        self._had_reservations = bool(lessons)

    def _look_at_images(self, table: Timetable, now: datetime) -> None:
        first, last = evening.looked_at(now, self._zone)
        with self._store.read() as session:
            images = evening.needed(session, table.lessons(first, last))
        # A node that was off in the evening is looked at when it is back.
        look = first, images, ready_nodes(self._settings)
        is_known = self._looked_for == look
        if is_known and not self.missing:
            return
        found = tuple(evening.missing(self._settings, images))
        if not is_known or found != self.missing:
            for one in found:
                log.warning("%s", evening.in_words(one, {}, "en"))
        if self.missing and not found:
            log.info("All images of the coming lessons are there.")
        self._looked_for, self.missing = look, found
