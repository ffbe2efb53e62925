"""The evening before: are the images of tomorrow's lessons on the machines that need them?

Called by `duties`, and by `technopark bell forecast`. Nodes of a Swarm fetch what they lack from
the park's registry; images are built and published by `./park up` and `technopark course publish`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.bell.calendar import Lesson
from technopark.engine import node_images
from technopark.engine.node_images import Lack
from technopark.language import Language, translate
from technopark.settings import Settings
from technopark.store import Classroom

_LONG_ID = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")

EVENING = time(18)
"""From then on tomorrow's images are looked at: somebody is still awake."""


@dataclass(frozen=True)
class Needed:
    """The images of some lessons."""

    servers: dict[str, set[str]]
    """Of pupils' servers and of sandboxes: the classrooms of each image."""
    kernels: dict[str, set[str]]
    """Of kernels on GPUs, likewise."""


@dataclass(frozen=True)
class Missing:
    """An image that is not where lessons need it."""

    image: str
    rooms: tuple[str, ...]
    """The classrooms whose lessons they are."""
    node: str = ""
    """Where leases need it; empty: this machine needs it."""
    lack: Lack = field(default_factory=lambda: Lack(""))
    """What the node said, and whether a registry could not help."""
    stops_lesson: bool = True
    """Whether pupils lack something; else grading does, in sandboxes on that node."""


def looked_at(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when images of lessons are looked at: today, from the evening on tomorrow."""
    here = now.astimezone(zone)
    if here.time() >= EVENING:
        return datetime.combine(here.date(), EVENING, tzinfo=zone), end_of_tomorrow(now, zone)
    return _midnight(now, zone, 0), _midnight(now, zone, 1)


def end_of_tomorrow(now: datetime, zone: ZoneInfo) -> datetime:
    """Midnight in a day."""
    return _midnight(now, zone, 2)


def needed(session: Session, lessons: Iterable[Lesson]) -> Needed:
    """The images that these lessons need."""
    rooms = {lesson.classroom for lesson in lessons}
    found = Needed({}, {})
    for room in session.scalars(select(Classroom).where(Classroom.id.in_(rooms))):
        version = room.course_version
        found.servers.setdefault(version.image, set()).add(room.id)
        if version.gpu_image:
            found.kernels.setdefault(version.gpu_image, set()).add(room.id)
    return found


def missing(settings: Settings, images: Needed) -> list[Missing]:
    """What is missing where; nodes of a Swarm pull what they can meanwhile.

    Raises:
        EngineError: the engine does not answer.
    """
    everything = _joined(images.servers, images.kernels)
    found = [
        Missing(image, tuple(sorted(everything[image])))
        for image in node_images.missing_here(settings, sorted(everything))
    ]
    if settings.leases.engine == "swarm":
        kernels = images.kernels if node_images.leased_devices(settings) else {}
        for image, rooms in sorted(_joined(images.servers, kernels).items()):
            for node, lack in node_images.missing_on_nodes(settings, image).items():
                found.append(Missing(image, tuple(sorted(rooms)), node, lack, image in kernels))
    return found


def in_words(one: Missing, titles: Mapping[str, str], language: Language) -> str:
    """What is missing as a sentence for the admin; classrooms without a title by their ids."""
    classes = ", ".join(titles.get(room, room) for room in one.rooms)
    if one.node:
        return translate(
            _on_a_node(one.lack),
            language,
            image=_short(one.image),
            classes=classes,
            node=one.node,
            registry=one.lack.registry,
            why=_short(one.lack.why).rstrip("."),
        )
    return translate(
        "{classes}: the image {image} is not on this machine. `./park up` builds those that come "
        "with the park.",
        language,
        image=_short(one.image),
        classes=classes,
    )


def _short(text: str) -> str:
    """With as much of an image's id as people and engines need to know it by."""
    return _LONG_ID.sub(r"\1", text)


def _on_a_node(lack: Lack) -> str:
    if not lack.registry:
        return "{classes}: the image {image} is not on {node}: {why}"
    if not lack.is_there:
        return (
            "{classes}: the image {image} is not on {node}, and cannot be brought to the registry "
            "{registry} ({why}). The bell tries again every five minutes."
        )
    return (
        "{classes}: {node} does not have the image {image} from the registry {registry} yet "
        "({why}). The bell tries again every five minutes; the log of the engine on {node} says "
        "more."
    )


def _joined(*parts: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The classrooms of each image in any of `parts`."""
    images = dict.fromkeys(image for part in parts for image in part)
    return {image: set().union(*(part.get(image, ()) for part in parts)) for image in images}


def _midnight(now: datetime, zone: ZoneInfo, days: int) -> datetime:
    """That begins the day so many days from now."""
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(), tzinfo=zone)
