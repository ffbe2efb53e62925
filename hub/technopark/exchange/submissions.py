"""Taking work in, and saying which work counts.

Called by `routes` in a worker thread, after the files are safely on the disk. A submission is one
content that a pupil sent; a hand-in is the moment when they said "grade this". Neither is ever
changed or deleted.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.exchange import answers, deadlines
from technopark.exchange.assignments import find
from technopark.exchange.content import ContentStore
from technopark.exchange.receipts import Signer, key_id
from technopark.exchange.refusals import Refusal
from technopark.people import dues
from technopark.people.rights import room, standing
from technopark.store import Assignment, Feedback, HandIn, Membership, Submission

Which = Literal["latest", "before-deadline"]


@dataclass(frozen=True)
class Parcel:
    """What arrived, already on the disk."""

    manifest: str
    files: int
    size: int
    received_at: datetime


def hand_in(
    session: Session, signer: Signer, classroom: str, name: str, person: str, parcel: Parcel
) -> tuple[Submission, bool]:
    """Notes that the pupil wants `parcel` graded; also whether this content is new.

    The same content again is the same submission, with its first time. To be committed before
    anybody hears of it.

    Raises:
        Refusal: there is no such assignment.
    """
    assignment = find(session, classroom, name)
    # One hand-in of a pupil after the other, also on databases that let writers go side by side.
    session.scalar(
        select(Membership)
        .where(Membership.classroom_id == classroom, Membership.person_name == person)
        .with_for_update()
    )
    submission = session.scalar(
        select(Submission).where(
            Submission.assignment_id == assignment.id,
            Submission.person_name == person,
            Submission.manifest == parcel.manifest,
        )
    )
    is_new = submission is None
    if submission is None:
        submission = Submission(
            id=secrets.token_hex(8),
            assignment_id=assignment.id,
            assignment=assignment,
            person_name=person,
            manifest=parcel.manifest,
            files=parcel.files,
            size=parcel.size,
            received_at=parcel.received_at,
        )
        submission.signature = signer.sign(_fields(submission))
        session.add(submission)
        session.flush()
    if _last(_hand_ins(session, assignment, person)) != submission:
        session.add(HandIn(submission_id=submission.id, received_at=parcel.received_at))
    return submission, is_new


def receipt(session: Session, signer: Signer, submission: Submission) -> answers.Receipt:
    """The receipt of a submission."""
    due = dues.due_of(session, submission.assignment, submission.person_name)
    return _receipt(signer, submission, due)


def visible_to(
    session: Session, signer: Signer, content: ContentStore, who: str, *, only_own: bool
) -> list[answers.Submitted]:
    """The submissions that `who` may know of, oldest first: their own, and those of their pupils.

    A pupil who left the classroom is no pupil of it, and their work is not shown.
    """
    person = standing(session, who)
    if person is None:
        return []
    rooms = person.pupil_of if only_own else person.pupil_of | person.teacher_of
    rows = session.scalars(
        select(Submission)
        .join(Assignment)
        .join(
            Membership,
            (Membership.classroom_id == Assignment.classroom_id)
            & (Membership.person_name == Submission.person_name),
        )
        .where(Assignment.classroom_id.in_(rooms), Membership.role == "pupil")
        .order_by(Submission.received_at)
    )
    return [
        _submitted(session, signer, content, row)
        for row in rows
        if row.person_name == who
        or (not only_own and row.assignment.classroom_id in person.teacher_of)
    ]


def chosen(
    session: Session, signer: Signer, content: ContentStore, classroom: str, name: str, which: Which
) -> list[answers.Submitted]:
    """One submission of each pupil of the classroom: the one to be graded.

    `latest` is what was handed in last. `before-deadline` is what was handed in last before the
    pupil's own deadline, and where there is none the latest.

    Raises:
        Refusal: there is no such assignment.
    """
    assignment = find(session, classroom, name)
    members = room(session, classroom)
    pupils = sorted(members.pupils) if members else []
    extended = dues.extended(session, assignment)
    found = []
    for person in pupils:
        hand_ins = _hand_ins(session, assignment, person)
        due = dues.later(assignment.due, extended.get(person))
        in_time = [one for one in hand_ins if not deadlines.is_late(one.received_at, due)]
        picked = _last(in_time if which == "before-deadline" and in_time else hand_ins)
        if picked:
            found.append(_submitted(session, signer, content, picked))
    return found


def get(session: Session, submission_id: str) -> Submission:
    """The submission with this id.

    Raises:
        Refusal: there is none.
    """
    found = session.get(Submission, submission_id)
    if found is None:
        raise Refusal("no-submission", submission=submission_id)
    return found


def _hand_ins(session: Session, assignment: Assignment, person: str) -> list[HandIn]:
    return list(
        session.scalars(
            select(HandIn)
            .join(Submission)
            .where(Submission.assignment_id == assignment.id, Submission.person_name == person)
            .order_by(HandIn.id)
        )
    )


def _last(hand_ins: Iterable[HandIn]) -> Submission | None:
    return next((one.submission for one in reversed(list(hand_ins))), None)


def _fields(submission: Submission) -> dict[str, str | int]:
    return {
        "id": submission.id,
        "person": submission.person_name,
        "classroom": submission.assignment.classroom_id,
        "assignment": submission.assignment.name,
        "sha256": submission.manifest,
        "files": submission.files,
        "bytes": submission.size,
        "received_at": deadlines.written(submission.received_at),
    }


def _receipt(signer: Signer, submission: Submission, due: datetime | None) -> answers.Receipt:
    return answers.Receipt.model_validate(
        _fields(submission)
        | {
            "key": key_id(signer.public_key),
            "signature": submission.signature,
            "due": deadlines.written(due) if due else None,
            "late": deadlines.is_late(submission.received_at, due),
            "timezone": submission.assignment.classroom.site.timezone,
        }
    )


def _submitted(
    session: Session, signer: Signer, content: ContentStore, submission: Submission
) -> answers.Submitted:
    feedback = session.get(Feedback, submission.id)
    paths = [entry.path for entry in content.manifest(submission.manifest)]
    return answers.Submitted(
        **receipt(session, signer, submission).model_dump(),
        notebooks=[
            path.removesuffix(".ipynb")
            for path in paths
            if path.endswith(".ipynb") and "/" not in path
        ],
        feedback={entry.path: entry.sha256 for entry in content.manifest(feedback.manifest)}
        if feedback
        else None,
    )
