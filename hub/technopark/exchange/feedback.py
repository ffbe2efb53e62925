"""Feedback on its way back: the teacher releases it for one submission, its pupil fetches it.

Called by `routes` in a worker thread. Releasing again replaces what the pupil sees.
"""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from technopark.exchange.refusals import Refusal
from technopark.exchange.submissions import get
from technopark.store import Feedback, Submission


def check_fits(session: Session, submission_id: str, person: str, assignment: str) -> Submission:
    """The submission, if it is this pupil's work on this assignment.

    The grading server names all three: a mix-up of folders must not show a pupil the marks of
    another.

    Raises:
        Refusal: there is no such submission, or it is another's.
    """
    submission = get(session, submission_id)
    if submission.person_name != person or submission.assignment.name != assignment:
        raise Refusal("wrong-feedback", submission=submission_id)
    return submission


def release(session: Session, who: str, submission_id: str, manifest: str) -> None:
    """Shows the set of files `manifest` to the submission's pupil."""
    found = session.get(Feedback, submission_id)
    if found is None or found.manifest != manifest:
        session.merge(
            Feedback(
                submission_id=submission_id,
                manifest=manifest,
                released_at=datetime.now(UTC),
                released_by=who,
            )
        )


def released(session: Session, submission_id: str) -> str:
    """The manifest of the feedback on a submission.

    Raises:
        Refusal: there is none yet.
    """
    found = session.get(Feedback, submission_id)
    if found is None:
        raise Refusal("no-feedback")
    return found.manifest
