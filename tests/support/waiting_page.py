"""The waiting page of a start, as the browser's script reads it: JupyterHub's progress events."""

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

from support.visitor import Visitor
from support.waiting import eventually


def progress(visitor: Visitor, room: str) -> Iterator[dict[str, Any]]:
    """What the page is told until the server is ready or has failed."""
    path = f"/hub/api/users/{visitor.name}/servers/{room}/progress"
    with visitor.http.stream("GET", path, timeout=60) as stream:
        stream.raise_for_status()
        for line in stream.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def place_of(visitor: Visitor, room: str) -> int:
    """The place that the page is told first; it is closed at once."""
    return next(event["place"] for event in progress(visitor, room) if event.get("place"))


class Wait:
    """A pupil who has clicked and looks at the waiting page, in a thread, until it is over."""

    def __init__(self, visitor: Visitor, room: str) -> None:
        self.visitor, self.room = visitor, room
        self.events: list[dict[str, Any]] = []
        self.over_at = 0.0
        self.page = visitor.http.get(f"/hub/spawn/{visitor.name}/{room}")
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        eventually(lambda: self.events, 60, "the first event")

    def _read(self) -> None:
        for event in progress(self.visitor, self.room):
            self.events.append(event)
        self.over_at = time.monotonic()

    def end(self) -> dict[str, Any]:
        """The last event, once the start is over."""
        self._thread.join(120)
        return self.events[-1]

    @property
    def places(self) -> list[int]:
        """The places that were told."""
        return [event["place"] for event in self.events if event.get("place")]
