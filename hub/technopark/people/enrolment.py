"""Pupils of a list come into a classroom: first as a plan that a teacher looks at, then for good.

Called by the portal. `plan` writes nothing, and `enrol` nothing but what such a plan says. A child
with the same name at another school is another child; at this one the teacher says who is meant.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.people import classrooms
from technopark.people.name_lists import Line, Order, read_list, short_name
from technopark.people.refused import Refused
from technopark.people.rights import Standing, is_grading_name
from technopark.people.roster import free_name
from technopark.store import Classroom, Membership, Person

NEW, SKIP = "+", "-"
"""What a teacher may say of a line instead of a name: somebody new; nobody."""


@dataclass(frozen=True)
class Known:
    """Somebody who may be meant by a line."""

    name: str
    full_name: str
    rooms: tuple[str, ...]
    """Titles of the person's classrooms."""
    is_here: bool


@dataclass(frozen=True)
class Planned:
    """What is to become of a line."""

    line: Line
    kind: Literal["new", "known", "here", "skipped", "ask", "wrong"]
    key: str
    """What names the line in a form; it stays the same where other lines are mended."""
    name: str = ""
    """The name to sign in with: that of `new` is made."""
    full_name: str = ""
    new_name: str = ""
    """What somebody new would be called."""
    known: tuple[Known, ...] = ()
    """Whom the teacher can choose."""
    is_again: bool = False
    """Whether the same name stands on an earlier line."""
    problem: Refused | None = None


@dataclass(frozen=True)
class Plan:
    """What is to become of a whole list."""

    lines: tuple[Planned, ...]

    def number(self, *kinds: str) -> int:
        """How many lines are of these kinds."""
        return sum(line.kind in kinds for line in self.lines)

    @property
    def is_ready(self) -> bool:
        """Whether it can be carried out."""
        return not self.number("wrong", "ask")


def plan(
    session: Session,
    who: Standing,
    room: Classroom,
    text: str,
    order: Order,
    choices: Mapping[str, str],
) -> Plan:
    """What `text` would do to the classroom; `choices` are the teacher's, by `Planned.key`.

    Raises:
        Refused: it is empty, or cannot be read at all.
    """
    lines = read_list(text, order)
    people = _People(session, room, who)
    seen: Counter[str] = Counter()
    planned: list[Planned] = []
    for line in lines:
        what = line.full_name or line.login
        seen[what] += 1
        key = f"{what} {seen[what]}"
        planned.append(people.planned(line, key, choices.get(key, ""), is_again=seen[what] > 1))
    return Plan(tuple(planned))


def enrol(session: Session, room: Classroom, ready: Plan) -> list[str]:
    """Carries a plan out; returns who came into the classroom by it."""
    if not ready.is_ready:
        raise Refused("Some lines are not ready yet.", "people")
    for one in ready.lines:
        if one.kind == "new":
            classrooms.ensure_person(session, one.name, one.full_name, room.site_id)
    session.flush()
    names = [one.name for one in ready.lines if one.kind in ("new", "known")]
    classrooms.add_members(session, room.id, "pupil", names)
    return names


class _People:
    """Who may be meant: the people of the classroom's site, and whom a line calls by name."""

    def __init__(self, session: Session, room: Classroom, who: Standing) -> None:
        self._session, self._room, self._who = session, room, who
        self._taken: set[str] = set()
        self._members = {
            one.person_name: one.role
            for one in session.scalars(select(Membership).where(Membership.classroom_id == room.id))
        }
        self._called: defaultdict[str, list[str]] = defaultdict(list)
        here = select(Person.name, Person.full_name).where(
            Person.active,
            (Person.site_id == room.site_id) | Person.name.in_(self._members),
        )
        for name, full_name in session.execute(here.order_by(Person.name)):
            for short in _short_names(full_name):
                self._called[short].append(name)

    def planned(self, line: Line, key: str, choice: str, *, is_again: bool) -> Planned:
        """What is to become of a line."""
        if line.problem:
            return Planned(line, "wrong", key, problem=line.problem)
        try:
            return (
                self._by_login(line, key, is_again=is_again)
                if line.login
                else self._by_name(line, key, choice, is_again=is_again)
            )
        except Refused as problem:
            return Planned(line, "wrong", key, problem=problem)

    def _by_login(self, line: Line, key: str, *, is_again: bool) -> Planned:
        person = self._session.get(Person, line.login)
        if person is None:
            raise Refused(
                "Nobody signs in as “{name}”. Of somebody new write name and surname.",
                name=line.login,
            )
        if not person.active:
            raise Refused(
                "{person} has left the park. An admin of the school can bring them back.",
                person=person.full_name,
            )
        if self._role(person.name) == "teacher":
            raise Refused("{person} teaches this class.", person=person.full_name)
        is_far = person.site_id != self._room.site_id
        if is_far and not self._who.is_admin and person.name not in self._members:
            raise Refused(
                "“{name}” is at another school. Give them a code to join with.", name=line.login
            )
        kind: Literal["here", "known", "skipped"] = (
            "here" if person.name in self._members else "known"
        )
        if is_again or person.name in self._taken:
            kind = "skipped"
        self._taken.add(person.name)
        return Planned(line, kind, key, person.name, person.full_name)

    def _by_name(self, line: Line, key: str, choice: str, *, is_again: bool) -> Planned:
        namesakes = [
            name
            for name in sorted(self._called[line.full_name], key=lambda one: not self._role(one))
            if name not in self._taken and self._role(name) != "teacher"
        ]
        known = tuple(self._known(name) for name in namesakes)
        new_name = self._free(line.full_name)
        if choice not in (NEW, SKIP, *namesakes):
            if is_again or len(known) > 1:
                return Planned(
                    line, "ask", key, "", line.full_name, new_name, known, is_again=is_again
                )
            choice = known[0].name if known else NEW
        kind: Literal["new", "known", "here", "skipped"] = "known"
        if choice == SKIP:
            kind, name = "skipped", ""
        elif choice == NEW:
            kind, name = "new", new_name
        else:
            name = choice
            kind = "here" if self._role(name) else "known"
        self._taken.add(name)
        return Planned(line, kind, key, name, line.full_name, new_name, known, is_again=is_again)

    def _role(self, name: str) -> str:
        return self._members.get(name, "")

    def _free(self, full_name: str) -> str:
        try:
            name = free_name(full_name, self._session, self._taken)
        except ValueError:
            name = ""
        if not name or is_grading_name(name):
            raise Refused("No name to sign in with can be made of “{name}”.", name=full_name)
        return name

    def _known(self, name: str) -> Known:
        person = self._session.get_one(Person, name)
        rooms = [one.classroom for one in person.memberships if one.classroom.active]
        titles = tuple(sorted(room.title for room in rooms))
        return Known(name, person.full_name, titles, is_here=bool(self._role(name)))


def _short_names(full_name: str) -> set[str]:
    """How somebody of the park may stand on a list: the park knows some by their whole names."""
    found = {full_name}
    orders: tuple[Order, ...] = ("surname", "given")
    for order in orders:
        try:
            found.add(short_name(full_name, order)[0])
        except Refused:
            continue
    return found
