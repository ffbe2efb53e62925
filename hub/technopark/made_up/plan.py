"""What a made-up city is: people, classrooms, assignments, works, what goes on. Values only.

Made by `made_up.city`, written by `made_up.fill`, looked at by tests and benches. Names of fields
are those of the store's models where they mean the same.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from technopark.people.sites import PartnerEntry, SiteEntry
from technopark.store import Kind

Role = Literal["teacher", "author", "curator", "site-admin", "admin"]


class Pupil(NamedTuple):
    """A child; the store has no field for grade, class and age: the title of a class shows it."""

    name: str
    full_name: str
    site: str
    grade: int
    letter: str
    age: int
    language: str | None

    @property
    def school_class(self) -> str:
        """Such as `6а`."""
        return f"{self.grade}{self.letter}"


class Adult(NamedTuple):
    """Somebody who works in the park."""

    name: str
    full_name: str
    site: str
    role: Role


class Room(NamedTuple):
    """A classroom: a school class, or a club of pupils of several classes."""

    id: str
    title: str
    site: str
    course: str
    teachers: tuple[str, ...]
    pupils: tuple[str, ...]


class Task(NamedTuple):
    """An assignment of a classroom and the moments at which its versions were handed out."""

    classroom: str
    name: str
    due: datetime
    released_at: tuple[datetime, ...]


class Work(NamedTuple):
    """One version of what a pupil handed in; `variant` says which of the made-up works it is."""

    id: str
    classroom: str
    task: str
    person: str
    variant: int
    received_at: datetime


class HandedIn(NamedTuple):
    """The moment at which a pupil wanted the work graded."""

    work: str
    received_at: datetime


class Extended(NamedTuple):
    """A later deadline of one pupil."""

    classroom: str
    task: str
    person: str
    due: datetime


class Posted(NamedTuple):
    """Something that goes on, and who joined it."""

    kind: Kind
    title: str
    text: str
    site: str
    partner: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    seats: int | None
    age_from: int
    age_to: int
    written_by: str
    joined: tuple[str, ...]
    """In the order in which they came."""


@dataclass(frozen=True)
class City:
    """A made-up city; the same `seed`, `scale`, `year` and sites give the same one."""

    seed: int
    scale: float
    year: int
    """The school year begins in its September."""
    first_day: date
    last_day: date
    timezone: str
    sites: tuple[SiteEntry, ...]
    pupils: tuple[Pupil, ...]
    adults: tuple[Adult, ...]
    rooms: tuple[Room, ...]
    tasks: tuple[Task, ...]
    works: tuple[Work, ...]
    """By the moment at which they came."""
    hand_ins: tuple[HandedIn, ...]
    """By their moment; at least one for each work."""
    extensions: tuple[Extended, ...]
    partners: tuple[PartnerEntry, ...]
    """Those of the project's own sites, with made-up curators."""
    postings: tuple[Posted, ...]

    def of_role(self, role: Role) -> list[Adult]:
        """Who has this role, in order."""
        return [one for one in self.adults if one.role == role]

    @property
    def fingerprint(self) -> str:
        """A hash of all of it, to the byte."""
        digest = hashlib.sha256(repr((self.seed, self.scale, self.year, self.timezone)).encode())
        for site in self.sites:
            digest.update(site.model_dump_json().encode())
        for partner in self.partners:
            digest.update(partner.model_dump_json().encode())
        for rows in (self.pupils, self.adults, self.rooms, self.tasks, self.postings):
            digest.update(repr(rows).encode())
        for row in (*self.works, *self.hand_ins, *self.extensions):
            digest.update(repr(row).encode())
        return digest.hexdigest()
