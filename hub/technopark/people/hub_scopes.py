"""Rights in JupyterHub's words: groups, roles and scopes derived from rosters.

Called by `signin.roster`. Scopes name single servers, never groups: a teacher of one classroom
must not enter the server that the same pupil has for another one.
"""

from dataclasses import dataclass, field

from sqlalchemy import Select, select, union
from sqlalchemy.orm import Session

from technopark.people import rights
from technopark.people.rights import Action, Standing
from technopark.store import Classroom, LessonDay, Membership, Person, WarmStart, WeeklyLesson

GRADING_SERVICE = "grading"
"""The hub's name of the command `technopark grade`."""

BELL_SERVICE = "bell"
"""The hub's name of the bell, which starts servers before lessons and shows the timetable."""

PORTAL_SERVICE = "portal"
"""The hub's name of the portal, which everybody of the park may open."""

SEE_THE_LINE = "custom:technopark:see-the-line"
"""The portal's one right at the hub: to be told where servers stand."""

_OPEN_THE_PORTAL = "open-the-portal"
_SEE_THE_BELL = "see-the-timetable"
_OF_WHO_COMES = ("list:users", "read:tokens")
_OF_WHAT_WAITS = ("read:servers", "start:servers", "delete:servers")
_OF_THE_BELL = _OF_WHO_COMES + _OF_WHAT_WAITS

_SCOPES = {
    Action.SEE: ("read:servers",),
    Action.START: ("start:servers",),
    Action.STOP: ("delete:servers",),
    Action.ENTER: ("access:servers",),
}
# The hub's own start page asks for the whole of `servers`, not for `start:servers` alone.
_ALL_OF_SERVERS = frozenset({Action.SEE, Action.START, Action.STOP})


@dataclass(frozen=True)
class HubRights:
    """What JupyterHub shall know of a person."""

    admin: bool = False
    groups: frozenset[str] = frozenset()
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Role names with their scopes."""


def pupils_group(classroom: str) -> str:
    """The group of a classroom's pupils (nbgrader's own naming)."""
    return f"nbgrader-{classroom}"


def teachers_group(classroom: str) -> str:
    """The group of a classroom's teachers (nbgrader's own naming)."""
    return f"formgrade-{classroom}"


def hub_rights(session: Session, name: str) -> HubRights | None:
    """The rights of the person (or grading user) `name`, or None: nobody of the park."""
    who = rights.standing(session, name)
    if who is None:
        return None
    groups = {pupils_group(room) for room in who.pupil_of}
    groups |= {teachers_group(room) for room in who.teacher_of}
    is_person = rights.graded_classroom(name) is None
    return HubRights(
        admin=who.is_admin,
        groups=frozenset(groups),
        roles=_roles(session, who) if is_person else {},
    )


def grading_service_scopes(session: Session) -> tuple[str, ...]:
    """What `technopark grade` may do: see, start and enter grading servers, and nothing else."""
    actions = frozenset({Action.SEE, Action.START, Action.ENTER})
    rooms = session.scalars(select(Classroom.id).where(Classroom.active).order_by(Classroom.id))
    return tuple(
        scope
        for room in rooms
        for scope in _server_scopes(actions, f"{rights.grading_user(room)}/{room}")
    )


def bell_service_scopes(session: Session) -> tuple[str, ...]:
    """What the bell may do with servers of classrooms that have lessons in the timetable.

    It sees, starts and stops them, and sees from the list of tokens whether their owners came; it
    enters none. Groups name the pupils: a scope for each server of a city would be too many. The
    group of teachers has the grading server in it, so teachers' own servers are named one by one.
    """
    rooms = session.scalars(_rooms_with_lessons().order_by(Classroom.id))
    of_pupils = [f"{scope}!group={pupils_group(room)}" for room in rooms for scope in _OF_THE_BELL]
    teachers = session.execute(
        _members_with_lessons()
        .where(Membership.role == "teacher")
        .order_by(Membership.classroom_id, Membership.person_name)
    )
    of_teachers = [
        scope
        for name, room in teachers
        for scope in (
            *(f"{scope}!user={name}" for scope in _OF_WHO_COMES),
            *(f"{scope}!server={name}/{room}" for scope in _OF_WHAT_WAITS),
        )
    ]
    return tuple(dict.fromkeys(of_pupils + of_teachers))


def people_with_lessons(session: Session) -> frozenset[str]:
    """Whose servers the bell may start: the hub must know them before they sign in at all."""
    return frozenset(name for name, _ in session.execute(_members_with_lessons()))


def _members_with_lessons() -> Select[str, str]:
    return (
        select(Membership.person_name, Membership.classroom_id)
        .join(Person)
        .where(Person.active, Membership.classroom_id.in_(_rooms_with_lessons()))
    )


def _rooms_with_lessons() -> Select[str]:
    in_timetable = union(
        select(WeeklyLesson.classroom_id),
        select(LessonDay.classroom_id),
        select(WarmStart.classroom_id),  # the lessons are gone, the servers not yet
    )
    return select(Classroom.id).where(Classroom.active, Classroom.id.in_(in_timetable))


def _roles(session: Session, who: Standing) -> dict[str, tuple[str, ...]]:
    """The portal, the timetable, and a role for each classroom where one may act on others."""
    roles: dict[str, tuple[str, ...]] = {
        _OPEN_THE_PORTAL: (f"access:services!service={PORTAL_SERVICE}",)
    }
    if who.teacher_of or who.admin_of_sites or who.is_admin:
        roles[_SEE_THE_BELL] = (f"access:services!service={BELL_SERVICE}",)
    for room in sorted(who.teacher_of | _rooms_of_sites(session, who.admin_of_sites)):
        place = rights.room(session, room)
        if place is None:
            continue
        scopes: list[str] = []
        for whose in sorted(place.pupils | {rights.grading_user(room)}):
            scopes += _server_scopes(rights.allowed(who, place, whose), f"{whose}/{room}")
        roles[f"classroom-{room}-{who.name}"] = tuple(scopes)
    return roles


def _server_scopes(actions: frozenset[Action], server: str) -> list[str]:
    scopes = [scope for action in sorted(actions) for scope in _SCOPES.get(action, ())]
    if actions >= _ALL_OF_SERVERS:
        scopes.append("servers")
    return [f"{scope}!server={server}" for scope in scopes]


def _rooms_of_sites(session: Session, sites: frozenset[str]) -> frozenset[str]:
    return frozenset(
        session.scalars(select(Classroom.id).where(Classroom.site_id.in_(sites), Classroom.active))
    )
