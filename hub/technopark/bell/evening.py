"""The evening before: are the images of tomorrow's lessons on the machines that need them?

Called by `duties`, and by `technopark bell forecast`. It only says so; images are built and
published by `./park up` and `technopark course publish`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.bell.calendar import Lesson
from technopark.engine import node_images
from technopark.language import Language, translate
from technopark.settings import Settings
from technopark.store import Classroom

EVENING = time(18)
"""From then on tomorrow's images are looked at: somebody is still awake."""


@dataclass(frozen=True)
class Needed:
    """The images of some lessons."""

    servers: dict[str, set[str]]
    """For this machine: the classrooms of each image."""
    kernels: dict[str, set[str]]
    """Of kernels on GPUs, for the nodes that lease them."""


@dataclass(frozen=True)
class Missing:
    """An image that is not where lessons need it."""

    image: str
    rooms: tuple[str, ...]
    """The classrooms whose lessons they are."""
    node: str = ""
    """Where kernels on GPUs need it; empty: this machine needs it."""
    why: str = ""
    """What the node said, in its engine's words."""


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
    is_swarm = settings.leases.engine == "swarm"
    here = images.servers if is_swarm else images.servers | images.kernels
    found = [
        Missing(image, tuple(sorted(here[image])))
        for image in node_images.missing_here(settings, sorted(here))
    ]
    if is_swarm and node_images.leased_devices(settings):
        for image, rooms in sorted(images.kernels.items()):
            for node, why in node_images.missing_on_nodes(settings, image).items():
                found.append(Missing(image, tuple(sorted(rooms)), node, why))
    return found


def in_words(one: Missing, titles: Mapping[str, str], language: Language) -> str:
    """What is missing as a sentence for the admin; classrooms without a title by their ids."""
    classes = ", ".join(titles.get(room, room) for room in one.rooms)
    if one.node:
        return translate(
            "{classes}: the image {image} is not on {node}: {why}",
            language,
            image=one.image,
            classes=classes,
            node=one.node,
            why=one.why,
        )
    return translate(
        "{classes}: the image {image} is not on this machine. `./park up` builds those that come "
        "with the park.",
        language,
        image=one.image,
        classes=classes,
    )


def _midnight(now: datetime, zone: ZoneInfo, days: int) -> datetime:
    """That begins the day so many days from now."""
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(), tzinfo=zone)
