"""Who may do what to whom: one pure rule book for the hub, the exchange and the grading servers.

Called by `signin` (which turns it into JupyterHub groups and scopes), `spawner`, `exchange` and
the portal.
It reads the store and never writes; the truth table in `tests/unit/people` names every row.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.store import Classroom, Grant, Membership, PartnerCurator, PartnerSite, Person

GRADING_PREFIX = "grading-"
"""The hub user that owns a classroom's grading server is `grading-<classroom>`."""


class Action(StrEnum):
    """What somebody may want to do in a classroom, most of it to a pupil of it."""

    SEE = "see"
    """Know whether a pupil's server runs."""
    START = "start"
    STOP = "stop"
    ENTER = "enter"
    """Open a server's pages."""
    FETCH = "fetch"
    """Get a released assignment, and one's own feedback."""
    SUBMIT = "submit"
    COLLECT = "collect"
    """Get what pupils handed in."""
    GRADE = "grade"
    """Release assignments and feedback, move deadlines, use the grading server."""


_OWN = frozenset({Action.SEE, Action.START, Action.STOP, Action.ENTER, Action.FETCH, Action.SUBMIT})
_TEACHER = frozenset(Action) - {Action.SUBMIT}
_SITE_ADMIN = frozenset({Action.SEE, Action.START, Action.STOP})
_ADMIN = _SITE_ADMIN | {Action.ENTER}


@dataclass(frozen=True)
class Standing:
    """What a person is in the park."""

    name: str
    pupil_of: frozenset[str] = frozenset()
    teacher_of: frozenset[str] = frozenset()
    admin_of_sites: frozenset[str] = frozenset()
    is_admin: bool = False
    is_author: bool = False
    is_curator: bool = False
    taught: frozenset[str] = frozenset()
    """As `teacher_of`, but closed classrooms too."""
    site: str | None = None
    """Where the person is at home; None: at no site."""
    curates: frozenset[tuple[str, str]] = frozenset()
    """For which partner the person is a curator, and at which site: a pair for each module."""


@dataclass(frozen=True)
class Room:
    """What rights need to know of a classroom."""

    id: str
    site: str
    pupils: frozenset[str]


def allowed(who: Standing, room: Room, whose: str) -> frozenset[Action]:
    """What `who` may do in `room` to the server and the work of the pupil `whose`.

    `whose` may also be the room's grading user (`grading_user`), for the grading server.
    """
    actions: frozenset[Action] = frozenset()
    is_member = whose in room.pupils or whose == grading_user(room.id)
    if whose == who.name and room.id in who.pupil_of | who.teacher_of:
        actions |= _OWN - ({Action.SUBMIT} if room.id not in who.pupil_of else set())
    if not is_member:
        return actions
    if room.id in who.teacher_of:
        actions |= _TEACHER
    if room.site in who.admin_of_sites:
        actions |= _SITE_ADMIN
    if who.is_admin:
        actions |= _ADMIN
    return actions


def may_manage(who: Standing, classroom: str, site: str) -> bool:
    """Whether `who` keeps the classroom `classroom` of `site`, open or closed.

    Who keeps it says who is in it and who teaches it, what it is called, when it begins and ends,
    and moves its deadlines.
    """
    return who.is_admin or site in who.admin_of_sites or classroom in who.taught


def may_see_marks(who: Standing, classroom: str) -> bool:
    """Whether `who` may have the marks of `classroom`, open or closed: who grades, and admins.

    An admin of the site keeps its classrooms, but enters no grading server and grades nobody.
    """
    return who.is_admin or classroom in who.taught


def may_look(who: Standing, place: Room, whose: str) -> bool:
    """Whether `who` may look over the shoulder of the pupil `whose`.

    Only who teaches this very classroom: an admin who may enter servers does so to mend them.
    """
    return place.id in who.teacher_of and whose in place.pupils


def may_make(who: Standing, site: str) -> bool:
    """Whether `who` may make classrooms at `site`: whoever teaches does so at home alone."""
    is_teacher_here = bool(who.taught) and who.site == site
    return who.is_admin or site in who.admin_of_sites or is_teacher_here


def may_post(who: Standing, site: str | None, partner: str | None) -> bool:
    """Whether `who` may post for `site` (None: for the whole park) in the name of `partner`.

    It is also the right to change, publish and withdraw what was posted so, whoever wrote it.
    Curators post in their partner's name and for the modules that it helps, and nowhere else.
    """
    if who.is_admin:
        return True
    return site is not None and (site in who.admin_of_sites or (partner, site) in who.curates)


def may_post_anywhere(who: Standing) -> bool:
    """Whether there is any place that `who` may post for."""
    return who.is_admin or bool(who.admin_of_sites or who.curates)


def may_see_who_joins(who: Standing, site: str | None) -> bool:
    """Whether `who` may see the names of those who take part in something that `site` posts.

    Curators do not: they meet pupils through the admins of the site and the teachers.
    """
    return who.is_admin or (site is not None and site in who.admin_of_sites)


def may_take_part(who: Standing) -> bool:
    """Whether `who` may join what is posted: pupils, and who is in no class yet."""
    works_here = who.is_admin or who.is_author or who.is_curator or who.admin_of_sites or who.taught
    return bool(who.name) and not works_here and not is_grading_name(who.name)


def may_move(who: Standing, whose: Standing) -> bool:
    """Whether `who` may move `whose` up a year or to another school, or let them leave the park.

    Admins of a site do so with its pupils and teachers, admins with everybody; nobody with
    themselves, so that no park is left without an admin by mistake.
    """
    is_special = whose.is_admin or whose.is_author or bool(whose.admin_of_sites)
    is_of_my_site = whose.site is not None and whose.site in who.admin_of_sites
    return who.name != whose.name and (who.is_admin or (is_of_my_site and not is_special))


def answers_for(who: Standing, whose: Standing) -> bool:
    """Whether `who` answers for the pupil `whose` to parents and to curators.

    Who answers for a pupil writes down what the parents agreed to, hides a work that should not be
    seen, and passes letters on: the teachers of the pupil's open classes, and the admins of the
    pupil's site. Nobody does for themselves.
    """
    teaches = bool(who.teacher_of & whose.pupil_of)
    return who.name != whose.name and (
        teaches or who.is_admin or (whose.site is not None and whose.site in who.admin_of_sites)
    )


def may_see_path(who: Standing, whose: Standing) -> bool:
    """Whether `who` sees the path of the pupil `whose`, with all works, the hidden ones too."""
    return who.name == whose.name or answers_for(who, whose)


def may_look_for_works(who: Standing) -> bool:
    """Whether `who` searches works that pupils show with their parents' consent.

    Nothing else of a pupil is a curator's to see, and no pupil who shows nothing.
    """
    return who.is_curator or who.is_admin


def grading_user(classroom: str) -> str:
    """The hub user that owns the classroom's grading server."""
    return f"{GRADING_PREFIX}{classroom}"


def graded_classroom(name: str) -> str | None:
    """The classroom whose grading user `name` is, or None."""
    return name.removeprefix(GRADING_PREFIX) if name.startswith(GRADING_PREFIX) else None


def is_grading_name(name: str) -> bool:
    """Whether `name` is a grading user's: no person may be called so, and none signs in."""
    return name.startswith(GRADING_PREFIX)


def standing(session: Session, name: str, *, left_too: bool = False) -> Standing | None:
    """What the person `name` is now, or None: unknown, or left the park (if not `left_too`).

    A grading user stands as a teacher of its one classroom.
    """
    if classroom := graded_classroom(name):
        room = session.get(Classroom, classroom)
        return Standing(name, teacher_of=frozenset({classroom})) if room and room.active else None
    person = session.get(Person, name)
    if person is None or not (person.active or left_too):
        return None
    memberships = session.execute(
        select(Membership.classroom_id, Membership.role, Classroom.active)
        .join(Classroom)
        .where(Membership.person_name == name)
    ).all()
    grants = session.execute(
        select(Grant.role, Grant.site_id).where(Grant.person_name == name)
    ).all()
    roles = {role for role, site in grants if site is None}
    return Standing(
        name,
        pupil_of=frozenset(
            room for room, role, active in memberships if active and role == "pupil"
        ),
        teacher_of=frozenset(
            room for room, role, active in memberships if active and role == "teacher"
        ),
        admin_of_sites=frozenset(site for role, site in grants if role == "admin" and site),
        is_admin="admin" in roles,
        is_author="author" in roles,
        is_curator="curator" in roles,
        taught=frozenset(room for room, role, _ in memberships if role == "teacher"),
        site=person.site_id,
        curates=_curates(session, name) if "curator" in roles else frozenset(),
    )


def _curates(session: Session, name: str) -> frozenset[tuple[str, str]]:
    query = (
        select(PartnerSite.partner_id, PartnerSite.site_id)
        .join(PartnerCurator, PartnerCurator.partner_id == PartnerSite.partner_id)
        .where(PartnerCurator.person_name == name)
    )
    return frozenset((partner, site) for partner, site in session.execute(query))


def room(session: Session, classroom: str) -> Room | None:
    """The classroom as rights see it, or None: unknown, or closed."""
    found = session.get(Classroom, classroom)
    if found is None or not found.active:
        return None
    pupils = session.scalars(
        select(Membership.person_name)
        .join(Person)
        .where(Membership.classroom_id == classroom, Membership.role == "pupil", Person.active)
    )
    return Room(found.id, found.site_id, frozenset(pupils))


def may(session: Session, who: str, action: Action, classroom: str, whose: str) -> bool:
    """Whether the person `who` may do `action` in `classroom` to the work of `whose`."""
    person, place = standing(session, who), room(session, classroom)
    return bool(person and place and action in allowed(person, place, whose))
