"""Made-up schools: classes of pupils, clubs beside them, and who teaches them. Pure.

Called by `made_up.city`. At full scale 7,600 pupils sit in 340 classes of 18 schools, each taking
one course; some of them come to 60 clubs as well, a third of these at the centre.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from technopark.made_up import names
from technopark.made_up.plan import Adult, Pupil, Role, Room
from technopark.people.names import normalise
from technopark.people.sites import SiteEntry

PUPILS, CLASSES, CLUBS = 7600, 340, 60
"""Of the whole city."""
SMALLEST, LARGEST = 15, 30
"""Pupils of a classroom."""
MOST_ROOMS = 8
"""Classrooms of a teacher; the least is three, where a school has so many."""
_ROOMS_OF_A_TEACHER = 5
_CLUBS_AT_CENTRE = 3
"""One of so many."""
_GRADES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 5, 8: 4, 9: 3}
"""How often a class of each grade takes part."""
_CLASS_LETTERS = "абвгдежзиклмнопрстуфхцшэюя"
_CLUB_GRADES = ((1, 3), (3, 5), (5, 7), (6, 8), (7, 9))
_WHO_WORKS_FOR_ALL: dict[Role, int] = {"author": 3, "curator": 6, "admin": 1}
_LANGUAGES = (None,) * 14 + ("ru",) * 5 + ("en",)


@dataclass(frozen=True)
class Course:
    """A course that comes with the project, and who takes it."""

    id: str
    stem: str
    title: str
    grades: range


COURSES = (
    Course("robotics-start", "robots", "Первый робот", range(1, 8)),
    Course("data-start", "data", "Первые данные", range(5, 10)),
    Course("bio-start", "bio", "Читаем геном", range(6, 10)),
)
_SHARES = {
    "biotech": (1, 1, 4),
    "composites": (2, 3, 1),
    "vr-video": (3, 3, 1),
    "aero": (4, 2, 1),
    "robomaster": (5, 1, 1),
}
"""How often a site of this speciality chooses each of `COURSES`; others choose evenly."""


@dataclass
class Schools:
    """Everybody of the city and their classrooms."""

    pupils: list[Pupil] = field(default_factory=list)
    adults: list[Adult] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)


def schools(rng: Random, scale: float, sites: Sequence[SiteEntry]) -> Schools:
    """Everybody of a city of this size at these sites."""
    found = Schools()
    sign_in = names.SignInNames()
    centres = [site for site in sites if site.speciality == "centre"]
    ordinary = [site for site in sites if site.speciality != "centre"] or list(sites)
    _fill_classes(found, rng, sign_in, scale, ordinary)
    _fill_clubs(found, rng, round(CLUBS * scale) or 1, ordinary, centres or ordinary)
    for site in sites:
        _find_teachers(found, rng, sign_in, site.id)
    _find_others(found, rng, sign_in, sites)
    return found


def _fill_classes(
    found: Schools,
    rng: Random,
    sign_in: names.SignInNames,
    scale: float,
    sites: Sequence[SiteEntry],
) -> None:
    seen: Counter[tuple[str, int]] = Counter()
    number = round(CLASSES * scale) or 1
    for place, size in enumerate(_sizes(rng, number, round(PUPILS * scale))):
        # Every school has one class before any has two.
        site = sites[place] if place < len(sites) else rng.choice(sites)
        (grade,) = rng.choices(list(_GRADES), list(_GRADES.values()))
        letter = _CLASS_LETTERS[seen[site.id, grade]]
        seen[site.id, grade] += 1
        pupils = [_pupil(rng, sign_in, site.id, grade, letter) for _ in range(size)]
        course = _course(rng, site, range(grade, grade + 1))
        found.pupils += pupils
        found.rooms.append(
            Room(
                id=f"{site.id}-{course.stem}-{grade}{normalise(letter)}",
                title=f"{grade}{letter.upper()} · {course.title}",
                site=site.id,
                course=course.id,
                teachers=(),
                pupils=tuple(one.name for one in pupils),
            )
        )


def _sizes(rng: Random, classes: int, pupils: int) -> list[int]:
    """Sizes of so many classes that make up so many pupils."""
    mean = pupils // classes
    sizes = [rng.randint(max(SMALLEST, mean - 6), min(LARGEST, mean + 6)) for _ in range(classes)]
    while (missing := pupils - sum(sizes)) != 0:
        one, step = rng.randrange(classes), 1 if missing > 0 else -1
        if SMALLEST <= sizes[one] + step <= LARGEST:
            sizes[one] += step
    return sizes


def _pupil(rng: Random, sign_in: names.SignInNames, site: str, grade: int, letter: str) -> Pupil:
    full_name = names.child(rng)
    return Pupil(
        name=sign_in.of(full_name),
        full_name=full_name,
        site=site,
        grade=grade,
        letter=letter,
        age=grade + 6 + (rng.random() < 1 / 2),
        language=rng.choice(_LANGUAGES),
    )


def _course(rng: Random, site: SiteEntry, grades: range) -> Course:
    """What the site chooses of the courses for somebody of these grades."""
    shares = _SHARES.get(site.speciality, (1,) * len(COURSES))
    fitting = [
        (course, share)
        for course, share in zip(COURSES, shares, strict=True)
        if set(course.grades) & set(grades)
    ]
    (chosen,) = rng.choices([one for one, _ in fitting], [share for _, share in fitting])
    return chosen


def _fill_clubs(
    found: Schools,
    rng: Random,
    number: int,
    ordinary: Sequence[SiteEntry],
    centres: Sequence[SiteEntry],
) -> None:
    seen: Counter[str] = Counter()
    taking_part = sorted({pupil.site for pupil in found.pupils})
    ordinary = [site for site in ordinary if site.id in taking_part]
    for place in range(number):
        at_centre = place % _CLUBS_AT_CENTRE == 0
        site = rng.choice(centres if at_centre else ordinary)
        first, last = rng.choice(_CLUB_GRADES)
        course = _course(rng, site, range(first, last + 1))
        near = found.pupils if at_centre else [one for one in found.pupils if one.site == site.id]
        fitting = [one for one in near if first <= one.grade <= last]
        coming = next(group for group in (fitting, near) if len(group) >= SMALLEST)
        size = rng.randint(SMALLEST, min(LARGEST, len(coming)))
        seen[site.id] += 1
        found.rooms.append(
            Room(
                id=f"{site.id}-{course.stem}-club-{seen[site.id]}",
                title=f"Кружок {seen[site.id]} · {course.title}",
                site=site.id,
                course=course.id,
                teachers=(),
                pupils=tuple(one.name for one in rng.sample(coming, size)),
            )
        )


def _find_teachers(found: Schools, rng: Random, sign_in: names.SignInNames, site: str) -> None:
    """Deals the site's classrooms out to its teachers; one in ten has a second teacher."""
    places = [place for place, room in enumerate(found.rooms) if room.site == site]
    if not places:
        return
    teachers = []
    for _ in range(max(1, round(len(places) / _ROOMS_OF_A_TEACHER))):
        full_name = names.adult(rng)
        teachers.append(Adult(sign_in.of(full_name), full_name, site, "teacher"))
    found.adults += teachers
    busy: Counter[str] = Counter()
    for turn, place in enumerate(places):
        first = teachers[turn % len(teachers)].name
        second = teachers[(turn + 1) % len(teachers)].name
        busy[first] += 1
        both = first != second and busy[second] < MOST_ROOMS - 2 and rng.random() < 0.1
        busy[second] += both
        room = found.rooms[place]
        found.rooms[place] = room._replace(teachers=(first, second) if both else (first,))


def _find_others(
    found: Schools, rng: Random, sign_in: names.SignInNames, sites: Sequence[SiteEntry]
) -> None:
    """An admin of each site, and at the last site who works for the whole park."""
    home = sites[-1].id
    roles: list[tuple[Role, str]] = [("site-admin", site.id) for site in sites]
    for role, number in _WHO_WORKS_FOR_ALL.items():
        roles += [(role, home)] * number
    for role, site in roles:
        full_name = names.adult(rng)
        found.adults.append(Adult(sign_in.of(full_name), full_name, site, role))
