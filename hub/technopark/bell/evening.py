"""The evening before: are the images of tomorrow's lessons on the machines that need them?

Called by `rounds` once an evening, and by `technopark bell forecast`. It only says so; images are
built and published by `./park up` and `technopark course publish`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.bell.calendar import Lesson
from technopark.engine import node_images
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


def is_evening(now: datetime, zone: ZoneInfo) -> bool:
    """Whether tomorrow is to be looked at."""
    return now.astimezone(zone).time() >= EVENING


def tomorrow(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when tomorrow is."""
    day = now.astimezone(zone).date() + timedelta(days=1)
    first = datetime.combine(day, time(), tzinfo=zone)
    return first, datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)


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


def problems(settings: Settings, images: Needed) -> list[str]:
    """What is missing, a sentence each; nodes of a Swarm pull what they can meanwhile.

    Raises:
        EngineError: the engine does not answer.
    """
    is_swarm = settings.leases.engine == "swarm"
    here = images.servers if is_swarm else images.servers | images.kernels
    said = [
        f"The image {image} of {_named(here[image])} is not on this machine: `./park up` builds "
        "those that come with the park."
        for image in node_images.missing_here(settings, sorted(here))
    ]
    if is_swarm and node_images.leased_devices(settings):
        for image, rooms in sorted(images.kernels.items()):
            for node, why in node_images.missing_on_nodes(settings, image).items():
                said.append(f"The image {image} of {_named(rooms)} is not on {node}: {why}")
    return said


def _named(rooms: Iterable[str]) -> str:
    return ", ".join(sorted(rooms))
