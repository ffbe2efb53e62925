"""Handing assignments out: releasing, replacing, taking back, and who may fetch which.

Called by `routes` and `commands` in a worker thread. Nothing here ever touches a submission: an
assignment that is replaced or taken back keeps all that was handed in.
"""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.exchange import answers, deadlines
from technopark.exchange.content import ContentStore
from technopark.exchange.refusals import Refusal
from technopark.people import dues
from technopark.people.rights import Action, grading_user, may, room, standing
from technopark.store import Assignment, AssignmentVersion, Classroom

_LONGEST_NAME = 100


def require(
    session: Session, who: str, action: Action, classroom: str, whose: str | None = None
) -> None:
    """Lets pass who may do this to the work of `whose` (default: the classroom's teachers').

    Raises:
        Refusal: they may not; an unknown classroom is refused in the same words.
    """
    if not may(session, who, action, classroom, whose or grading_user(classroom)):
        raise Refusal("not-allowed", classroom=classroom)


def find(session: Session, classroom: str, name: str) -> Assignment:
    """The assignment, released or not.

    Raises:
        Refusal: there never was one.
    """
    found = session.scalar(
        select(Assignment).where(Assignment.classroom_id == classroom, Assignment.name == name)
    )
    if found is None:
        raise Refusal("no-assignment", classroom=classroom, assignment=name)
    return found


def released(session: Session, classroom: str, name: str) -> AssignmentVersion:
    """The version that is handed out now.

    Raises:
        Refusal: there is no such assignment, or it was taken back.
    """
    assignment = find(session, classroom, name)
    if not assignment.released:
        raise Refusal("not-released", assignment=name)
    return assignment.versions[-1]


def released_to(session: Session, who: str, content: ContentStore) -> list[answers.Released]:
    """Everything that `who` may fetch, in all their classrooms."""
    person = standing(session, who)
    if person is None:
        return []
    rows = session.scalars(
        select(Assignment)
        .where(Assignment.released)
        .where(Assignment.classroom_id.in_(person.pupil_of | person.teacher_of))
        .order_by(Assignment.classroom_id, Assignment.name)
    )
    return [describe(session, assignment, who, content) for assignment in rows]


def describe(
    session: Session, assignment: Assignment, who: str, content: ContentStore
) -> answers.Released:
    """What `who` is told about an assignment that is handed out."""
    version = assignment.versions[-1]
    due = dues.due_of(session, assignment, who)
    return answers.Released(
        classroom=assignment.classroom_id,
        assignment=assignment.name,
        version=version.number,
        sha256=version.manifest,
        files=[entry.path for entry in content.manifest(version.manifest)],
        due=deadlines.written(due) if due else None,
        timezone=assignment.classroom.site.timezone,
    )


def check_name(name: str) -> None:
    """Lets pass what nbgrader and a file system can both take as an assignment's name.

    Raises:
        Refusal: it does not do.
    """
    is_plain = name == name.strip() and name.isprintable() and not set(name) & set("/\\+*?[]")
    if not is_plain or not 0 < len(name) <= _LONGEST_NAME or name.startswith("."):
        raise Refusal("bad-name", name=name[:_LONGEST_NAME])


def release(
    session: Session,
    who: str,
    classroom: str,
    name: str,
    manifest: str,
    due: datetime | None,
    *,
    replace: bool,
) -> Assignment:
    """Hands out the set of files `manifest` as the assignment `name`.

    The same files again are the same version; other files are a new one, if `replace` says so or
    the assignment is not handed out at the moment.

    Raises:
        Refusal: other files are handed out now, and `replace` was not said.
    """
    session.scalar(select(Classroom).where(Classroom.id == classroom).with_for_update())
    assignment = session.scalar(
        select(Assignment).where(Assignment.classroom_id == classroom, Assignment.name == name)
    )
    if assignment is None:
        assignment = Assignment(classroom_id=classroom, name=name, released=False)
        session.add(assignment)
    newest = assignment.versions[-1] if assignment.versions else None
    if newest is None or newest.manifest != manifest:
        if assignment.released and not replace:
            raise Refusal("already-released", assignment=name)
        assignment.versions.append(
            AssignmentVersion(
                number=newest.number + 1 if newest else 1,
                manifest=manifest,
                released_at=datetime.now(UTC),
                released_by=who,
            )
        )
    dues.say(assignment, due)
    assignment.released = True
    session.flush()
    return assignment


def extend(
    session: Session, classroom: str, name: str, person: str, due: str
) -> answers.ExtensionInfo:
    """Gives one pupil a deadline of their own; it counts only while it is the later one.

    Raises:
        Refusal: no such assignment or pupil, no deadline to extend, or `due` is no time.
    """
    assignment = find(session, classroom, name)
    members = room(session, classroom)
    if members is None or person not in members.pupils:
        raise Refusal("not-a-pupil", classroom=classroom, person=person)
    if assignment.due is None:
        raise Refusal("no-deadline", assignment=name)
    moment = deadlines.parse(due, assignment.classroom.site.timezone)
    dues.extend(session, assignment, person, moment)
    return answers.ExtensionInfo(person=person, due=deadlines.written(moment))


def take_extension_back(session: Session, classroom: str, name: str, person: str) -> None:
    """The pupil has the deadline of all others again.

    Raises:
        Refusal: there is no such assignment.
    """
    dues.extend(session, find(session, classroom, name), person, None)
