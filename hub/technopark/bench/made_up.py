"""Made-up classrooms for the benches `bell` and `city`: a class and its teacher at each site.

`own_park` brings them into the bench's park as it does the demo people; they are in no other. Their
names are those of the made-up city, but for what they sign in with: that is short, and sorts.
"""

from collections.abc import Mapping, Sequence
from random import Random

from technopark.bench.pupil import Seat
from technopark.made_up import names as made_up_names
from technopark.people.demo import DemoClassroom, DemoFile, DemoPerson

HEAD = "head"
"""The admin of a bench's park."""


def made_up(pupils: int, sites: Sequence[str], courses: Sequence[str]) -> DemoFile:
    """One classroom at each of `sites`, with `pupils` dealt out evenly and `courses` in turn."""
    rng = Random(1)  # noqa: S311  # no secret
    people = [DemoPerson(name=HEAD, full_name=HEAD, site=sites[0], role="admin")]
    rooms = []
    for number, site in enumerate(sites):
        teacher = f"teacher-{number:02}"
        names = [f"pupil-{each:03}" for each in range(number, pupils, len(sites))]
        called = made_up_names.adult(rng)
        people.append(DemoPerson(name=teacher, full_name=called, site=site, role="teacher"))
        people += [
            DemoPerson(name=name, full_name=made_up_names.child(rng), site=site) for name in names
        ]
        rooms.append(
            DemoClassroom(
                id=f"class-{number:02}",
                title=f"Class at {site}",
                site=site,
                course=courses[number % len(courses)],
                teachers=[teacher],
                pupils=names,
            )
        )
    return DemoFile(people=people, classrooms=rooms)


def seats_of(people: DemoFile, words: Mapping[str, str]) -> list[Seat]:
    """Where each pupil goes, in the order of their names; `words` are everybody's passphrases."""
    seats = [Seat(name, words[name], room.id) for room in people.classrooms for name in room.pupils]
    return sorted(seats, key=lambda seat: seat.name)
