"""Changes of classrooms and people: the only writer of these tables.

Called by `people.demo`, `people.roster`, `people.identities`, `people.commands` and the portal.
Never deletes a person: who leaves a roster keeps the work handed in.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.people import passphrases
from technopark.people.changes import note_change
from technopark.people.sessions import end_sessions
from technopark.store import Classroom, CourseVersion, Grant, IssuedCard, Membership, Person


def ensure_person(
    session: Session, name: str, full_name: str, site: str | None, passphrase: str | None = None
) -> Person:
    """Adds the person, or brings name and site up to date; a passphrase is set where given."""
    person = session.get(Person, name) or Person(name=name)
    person.full_name, person.site_id = full_name, site
    person.active, person.left_at = True, None
    if passphrase:
        person.passphrase_hash = passphrases.hash_passphrase(passphrase)
    session.add(person)
    note_change(session)
    return person


def set_passphrase(session: Session, person: Person, words: str) -> None:
    """From now on these words open the park to `person`, and nothing else: see `replace_words`."""
    replace_words(session, person, passphrases.hash_passphrase(words))


def replace_words(session: Session, person: Person, kept: str) -> None:
    """Ends what `person` could come in with: earlier words, the card with its code, sessions.

    Args:
        session: a transaction.
        person: whose words are new.
        kept: the hash of the new words; making it takes long, so it is made before.
    """
    person.passphrase_hash = kept
    if card := session.get(IssuedCard, person.name):
        session.delete(card)
        session.flush()
    end_sessions(session, person.name)


def ensure_grant(session: Session, person: str, role: str, site: str | None = None) -> None:
    """Gives a role beyond a classroom (admin, author, curator), once."""
    query = select(Grant).where(
        Grant.person_name == person, Grant.role == role, Grant.site_id.is_not_distinct_from(site)
    )
    if session.scalar(query) is None:
        session.add(Grant(person_name=person, role=role, site_id=site))
        note_change(session)


def remove_grant(session: Session, person: str, role: str, site: str | None = None) -> bool:
    """Takes a role beyond a classroom away; False: there was none."""
    query = select(Grant).where(
        Grant.person_name == person, Grant.role == role, Grant.site_id.is_not_distinct_from(site)
    )
    grant = session.scalar(query)
    if grant is None:
        return False
    session.delete(grant)
    note_change(session)
    return True


def ensure_classroom(
    session: Session, classroom: str, title: str, site: str, course: CourseVersion
) -> Classroom:
    """Adds the classroom, or brings its title up to date; its course version stays.

    Moving a classroom to another version is a teacher's decision, not a side effect.
    """
    room = session.get(Classroom, classroom)
    if room is None:
        room = Classroom(id=classroom, course_version_id=course.id)
    room.title, room.site_id, room.active = title, site, True
    session.add(room)
    note_change(session)
    return room


def add_members(session: Session, classroom: str, role: str, names: Iterable[str]) -> None:
    """Adds `names` to the classroom's pupils or teachers (`role`)."""
    for name in sorted(names):
        session.merge(Membership(classroom_id=classroom, person_name=name, role=role))
    note_change(session)


def remove_member(session: Session, classroom: str, name: str) -> bool:
    """Takes the person out of the classroom; False: was not in it. All work is kept."""
    membership = session.get(Membership, (classroom, name))
    if membership is None:
        return False
    session.delete(membership)
    note_change(session)
    return True


def set_language(session: Session, name: str, language: str) -> None:
    """Remembers the language that the person chose; nobody's name is no error."""
    person = session.get(Person, name)
    if person:
        person.language = language
