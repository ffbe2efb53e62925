"""The log of who saw and changed what of whom: written in the transaction that changes it.

Called by the portal's pages, by commands and by `safety`. People stand in it by pseudonyms, which
`park_pseudonym` translates until they are deleted; details never hold a name. It is only added to.
"""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.store import AuditEntry, Classroom, Person, Pseudonym, Store

THE_PARK = ""
"""Who did it, where nobody is signed in: the park itself, or an admin at the command line."""

SEEN_AGAIN = timedelta(minutes=10)
"""Who looks at the same page again within so long has seen it once."""


class Did(StrEnum):
    """What can be done. The words of each are in `portal.safety.words`."""

    CLASS_MADE = "class-made"
    CLASS_CHANGED = "class-changed"
    CLASS_CLOSED = "class-closed"
    CLASS_REOPENED = "class-reopened"
    CODE_MADE = "code-made"
    CODE_ENDED = "code-ended"
    PUPIL_IN = "pupil-in"
    PUPIL_OUT = "pupil-out"
    TEACHER_IN = "teacher-in"
    TEACHER_OUT = "teacher-out"
    JOINED = "joined"
    MOVED_UP = "moved-up"
    SCHOOL_CHANGED = "school-changed"
    LEFT = "left"
    CAME_BACK = "came-back"
    DUE_MOVED = "due-moved"
    LONGER = "longer"
    MARKS_SAVED = "marks-saved"
    LOOKED = "looked"
    ENTERED = "entered"
    SENT = "sent"
    WORDS_MADE = "words-made"
    LIST_SEEN = "list-seen"
    PERSON_SEEN = "person-seen"
    EXPORTED = "exported"
    DELETION_ASKED = "deletion-asked"
    DELETED = "deleted"
    WORK_DELETED = "work-deleted"
    RETENTION = "retention"
    POSTED = "posted"
    POSTING_CHANGED = "posting-changed"
    POSTING_WITHDRAWN = "posting-withdrawn"
    TAKES_PART = "takes-part"
    TAKES_NO_PART = "takes-no-part"
    PARTICIPANTS_SEEN = "participants-seen"
    PATH_SEEN = "path-seen"
    WORK_SHOWN = "work-shown"
    WORK_HIDDEN = "work-hidden"
    WORK_SHOWN_AGAIN = "work-shown-again"
    WORK_TAKEN_DOWN = "work-taken-down"
    WORK_SEEN = "work-seen"
    CONSENT_GIVEN = "consent-given"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    LETTER_WRITTEN = "letter-written"
    LETTER_PASSED = "letter-passed"
    LETTER_DECLINED = "letter-declined"
    RESOURCE_IN = "resource-in"
    RESOURCE_OUT = "resource-out"


def note(
    session: Session,
    who: str,
    did: Did,
    *,
    whom: str = "",
    room: Classroom | None = None,
    site: str | None = None,
    **details: str | int,
) -> None:
    """Adds an entry; it is there if, and only if, the transaction is committed.

    Args:
        session: the transaction that does it.
        who: the name of whoever does it, or `THE_PARK`.
        did: what.
        whom: the name of the person whom it concerns; empty: nobody alone.
        room: the classroom in which it happens.
        site: whose admins may see the entry; None: the classroom's site, else the person's.
        details: what else is worth knowing; no names of people.
    """
    if site is None:
        person = session.get(Person, whom) if whom else None
        site = room.site_id if room else person.site_id if person else None
    session.add(
        AuditEntry(
            at=datetime.now(UTC),
            who=pseudonym(session, who),
            did=did,
            whom=pseudonym(session, whom),
            classroom_id=room.id if room else "",
            site_id=site,
            details=details,
        )
    )


def note_deleted(session: Session, pseudonym: str, site: str | None, **details: str | int) -> None:
    """Adds that somebody was deleted, who has nothing but the pseudonym left."""
    session.add(
        AuditEntry(
            at=datetime.now(UTC),
            who=THE_PARK,
            did=Did.DELETED,
            whom=pseudonym,
            site_id=site,
            details=details,
        )
    )


def note_each(session: Session, who: str, did: Did, whom: Iterable[str], room: Classroom) -> None:
    """An entry for each of the people in `whom`."""
    for name in whom:
        note(session, who, did, whom=name, room=room)


def note_seen(store: Store, who: str, did: Did, *, whom: str = "", classroom: str = "") -> None:
    """Adds that somebody looked at something, if it is not there since a moment ago.

    Most who look again only read the store, so that a page costs others no wait.
    """
    with store.read() as session:
        room = session.get(Classroom, classroom) if classroom else None
        is_there = was_seen(session, who, did, whom=whom, room=room)
    if not is_there:
        with store.write() as session:
            note(session, who, did, whom=whom, room=room)


def was_seen(
    session: Session, who: str, did: Did, *, whom: str = "", room: Classroom | None = None
) -> bool:
    """Whether the log has it already that `who` saw this a moment ago: then it need not again."""
    query = select(AuditEntry.id).where(
        AuditEntry.who == known_pseudonym(session, who),
        AuditEntry.did == did,
        AuditEntry.classroom_id == (room.id if room else ""),
        AuditEntry.whom == known_pseudonym(session, whom),
        AuditEntry.at > datetime.now(UTC) - SEEN_AGAIN,
    )
    return session.scalar(query.limit(1)) is not None


def pseudonym(session: Session, name: str) -> str:
    """What `name` is called in the log; drawn by lot where there is none yet. Empty stays so."""
    if not name:
        return THE_PARK
    found = session.get(Pseudonym, name)
    if found is None:
        found = Pseudonym(name=name, pseudonym=f"p{secrets.token_hex(6)}")
        session.add(found)
        session.flush()
    return found.pseudonym


def known_pseudonym(session: Session, name: str) -> str:
    """The pseudonym, without making one: nobody's is no one's in the log."""
    found = session.get(Pseudonym, name) if name else None
    return found.pseudonym if found else ("-" if name else THE_PARK)
