"""The real hub and proxy before stand-ins for engine and servers, as the bench `hub` has them.

For tests of what the hub itself does while many come: no containers, no images.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from support.park import Park
from support.proxy import take_the_proxy_along
from support.visitor import Visitor
from technopark.bench.hub.people import WORDS, Visit
from technopark.bench.hub.place import Place, hub_place
from technopark.settings import Settings, load

TEACHER = "teacher-"
"""A classroom's teacher is `teacher-<classroom>`."""


class ParkOfStandIns(Park):
    """A park whose servers are played."""

    def server_logs(self, lines: int = 15) -> str:
        del lines
        return "stand-ins keep no logs"


@contextmanager
def hub_with_stand_ins(
    folder: Path, coming: list[Visit], **changes: Any
) -> Iterator[tuple[Park, Place]]:
    """A hub that knows `coming`; each classroom is of a site of its own.

    Args:
        folder: where its data may be.
        coming: who will come.
        changes: sections of settings that are not as usual.
    """
    settings = settings_in(folder)
    with hub_place(settings, coming, **changes) as place:
        words = place.settings.data / "secrets" / "demo.yaml"
        rooms = {visit.classroom for visit in coming}
        names = [visit.name for visit in coming] + [f"{TEACHER}{room}" for room in rooms]
        words.write_text(yaml.safe_dump(dict.fromkeys(names, WORDS)), encoding="utf-8")
        yield ParkOfStandIns(place.settings.data.parent / "technopark.yaml", place.settings), place


def settings_in(folder: Path) -> Settings:
    """The project's own settings, with data in `folder`; the proxy is installed once for all."""
    take_the_proxy_along(folder)
    return load().model_copy(update={"data": folder})


@contextmanager
def signed_in(park: Park, *names: str) -> Iterator[list[Visitor]]:
    """Visitors who have signed in."""
    visitors = [Visitor(park, name) for name in names]
    try:
        for visitor in visitors:
            visitor.sign_in().raise_for_status()
        yield visitors
    finally:
        for visitor in visitors:
            visitor.close()
