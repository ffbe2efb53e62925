"""The made-up city of the bench `hub`: pupils of 18 sites in classrooms of fifteen.

Called by `bench.hub.place`; never in a park. All have the same words, so that the hash of a
passphrase, slow on purpose, is made once.
"""

import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime

from technopark.people import classrooms, passphrases
from technopark.store import CourseVersion, Site, Store

WORDS = "three made-up words"
SITES = 18
CLASS = 15
COURSE = "data-start"
"""One that comes with the park; its limits are read at each start."""


@dataclass(frozen=True)
class Visit:
    """Somebody who comes, and the classroom that is opened."""

    name: str
    classroom: str


def visits(pupils: int) -> list[Visit]:
    """Who comes, in the order in which they do: every site's pupils among the others'."""
    names = [f"pupil-{number:05}" for number in range(pupils)]
    made = [
        Visit(name, f"room-{number:04}")
        for number, members in enumerate(_classes(names))
        for name in members
    ]
    return sorted(made, key=lambda visit: visit.name[::-1])


def seed(store: Store, coming: list[Visit]) -> None:
    """Puts the city into an empty store: sites, classrooms with a teacher each, pupils."""
    rooms: dict[str, list[str]] = {}
    for visit in coming:
        rooms.setdefault(visit.classroom, []).append(visit.name)
    kept = passphrases.hash_passphrase(WORDS)
    with store.write() as session:
        sites = [f"site-{number:02}" for number in range(SITES)]
        for site in sites:
            session.add(Site(id=site, name=site, module="", speciality="", timezone="UTC"))
        course = CourseVersion(
            course=COURSE,
            version="1.0.0",
            title={"ru": COURSE, "en": COURSE},
            image=COURSE,
            grader_image=COURSE,
            content=COURSE,
            published_at=datetime.now(UTC),
        )
        session.add(course)
        session.flush()
        for number, (room, pupils) in enumerate(sorted(rooms.items())):
            site, teacher = sites[number % SITES], f"teacher-{room}"
            for name in (teacher, *pupils):
                person = classrooms.ensure_person(session, name, name, site)
                person.passphrase_hash = kept
            session.flush()
            classrooms.ensure_classroom(session, room, room, site, course)
            session.flush()
            classrooms.add_members(session, room, "teacher", [teacher])
            classrooms.add_members(session, room, "pupil", pupils)


def as_json(coming: list[Visit]) -> str:
    """For the program that plays the browsers."""
    return json.dumps([astuple(visit) for visit in coming])


def _classes(names: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(names), CLASS):
        yield names[first : first + CLASS]
