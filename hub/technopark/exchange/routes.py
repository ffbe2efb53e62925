"""The exchange's addresses: each asks who is there, what they may do, and calls the rest.

Mounted by `app`. Plain functions run in worker threads; only bodies are read on the event loop.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request, Response, status
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import ValidationError

from technopark.exchange import answers, assignments, deadlines, feedback, submissions
from technopark.exchange.assignments import require
from technopark.exchange.content import ContentStore, Staging
from technopark.exchange.receipts import Signer
from technopark.exchange.refusals import Refusal
from technopark.exchange.submissions import Parcel, Which
from technopark.exchange.uploads import Uploads
from technopark.people import dues
from technopark.people.rights import Action
from technopark.services.identity import Identities
from technopark.store import Store

logger = logging.getLogger("technopark.exchange")
router = APIRouter()

_LONGEST_DEADLINE = 4 << 10
"""Bytes of a body that holds a deadline."""
_SHOWN = 80
"""Of them, what is told of one that is none."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Service:
    """What the routes work with."""

    store: Store
    content: ContentStore
    signer: Signer
    identities: Identities
    uploads: Uploads
    now: Callable[[], datetime] = _now
    """The server's clock: no other one counts."""


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(_service)]


async def _asking(request: Request, service: ServiceOf) -> str:
    return await service.identities.name(request.headers.get("Authorization", ""))


Who = Annotated[str, Depends(_asking)]


async def _sent_deadline(request: Request, who: Who) -> answers.Deadline:
    # Read here: FastAPI would read a body of any length, and that before anybody is asked who is
    # there, so that whoever reaches the port could fill this machine's memory.
    del who
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_DEADLINE:
            break
    try:
        return answers.Deadline.model_validate_json(body)
    except ValidationError:
        shown = body[:_SHOWN].decode(errors="replace")
        raise Refusal("bad-time", time=shown) from None


SentDeadline = Annotated[answers.Deadline, Depends(_sent_deadline)]


@router.get("/health")
def health(service: ServiceOf) -> dict[str, bool]:
    """Answers while the database and the files can be read."""
    with service.store.read() as session:
        session.connection()
    return {"ok": service.content.folder.is_dir()}


@router.get("/key", response_class=PlainTextResponse)
def public_key(service: ServiceOf) -> str:
    """The public key of the receipts (PEM); it needs no token."""
    return service.signer.public_pem


@router.get("/assignments")
def list_assignments(service: ServiceOf, who: Who) -> list[answers.Released]:
    """What the asker may fetch."""
    with service.store.read() as session:
        return assignments.released_to(session, who, service.content)


@router.get("/classrooms/{classroom}/assignments/{name}")
def get_assignment(classroom: str, name: str, service: ServiceOf, who: Who) -> answers.Released:
    """One assignment, also when it was taken back after a pupil fetched it."""
    with service.store.read() as session:
        require(session, who, Action.FETCH, classroom, who)
        assignment = assignments.find(session, classroom, name)
        return assignments.describe(session, assignment, who, service.content)


@router.get("/classrooms/{classroom}/assignments/{name}/content")
def fetch_assignment(classroom: str, name: str, service: ServiceOf, who: Who) -> StreamingResponse:
    """The files of the version that is handed out now."""
    with service.store.read() as session:
        require(session, who, Action.FETCH, classroom, who)
        version = assignments.released(session, classroom, name)
    return _files(service, version.manifest)


@router.put("/classrooms/{classroom}/assignments/{name}")
async def release_assignment(
    classroom: str,
    name: str,
    request: Request,
    service: ServiceOf,
    who: Who,
    due: str = "",
    replace: bool = False,
) -> answers.Released:
    """Hands out the files in the body; `due` is empty where there is no deadline."""
    assignments.check_name(name)
    moment = deadlines.parse(due, "UTC") if due else None
    await anyio.to_thread.run_sync(_check, service, who, Action.GRADE, classroom)

    def keep(_staging: Staging, manifest: str) -> answers.Released:
        with service.store.write() as session:
            assignment = assignments.release(
                session, who, classroom, name, manifest, moment, replace=replace
            )
            return assignments.describe(session, assignment, who, service.content)

    answer = await service.uploads.take(request, who, keep)
    logger.info("%s released %s/%s version %d", who, classroom, name, answer.version)
    return answer


@router.patch("/classrooms/{classroom}/assignments/{name}")
def move_deadline(
    classroom: str, name: str, deadline: SentDeadline, service: ServiceOf, who: Who
) -> answers.Released:
    """The gradebook's deadline for all pupils, or none; see `people.dues.say`."""
    with service.store.write() as session:
        require(session, who, Action.GRADE, classroom)
        assignment = assignments.find(session, classroom, name)
        zone = assignment.classroom.site.timezone
        dues.say(assignment, deadlines.parse(deadline.due, zone) if deadline.due else None)
        return assignments.describe(session, assignment, who, service.content)


@router.delete("/classrooms/{classroom}/assignments/{name}", status_code=status.HTTP_204_NO_CONTENT)
def take_assignment_back(classroom: str, name: str, service: ServiceOf, who: Who) -> None:
    """Nobody can fetch it any more; what was handed in stays, and may still be handed in."""
    with service.store.write() as session:
        require(session, who, Action.GRADE, classroom)
        assignments.find(session, classroom, name).released = False
    logger.info("%s took back %s/%s", who, classroom, name)


@router.put("/classrooms/{classroom}/assignments/{name}/extensions/{person}")
def extend_deadline(
    classroom: str,
    name: str,
    person: str,
    deadline: SentDeadline,
    service: ServiceOf,
    who: Who,
) -> answers.ExtensionInfo:
    """Gives one pupil a later deadline."""
    with service.store.write() as session:
        require(session, who, Action.GRADE, classroom)
        return assignments.extend(session, classroom, name, person, deadline.due or "")


@router.delete(
    "/classrooms/{classroom}/assignments/{name}/extensions/{person}",
    status_code=status.HTTP_204_NO_CONTENT,
)
def take_extension_back(
    classroom: str, name: str, person: str, service: ServiceOf, who: Who
) -> None:
    """The pupil has the deadline of all others again."""
    with service.store.write() as session:
        require(session, who, Action.GRADE, classroom)
        assignments.take_extension_back(session, classroom, name, person)


@router.post("/classrooms/{classroom}/assignments/{name}/submissions")
async def submit(
    classroom: str, name: str, request: Request, response: Response, service: ServiceOf, who: Who
) -> answers.Receipt:
    """Takes the asker's work and answers with the receipt, once all is on the disk.

    201 for a new content, 200 for one that was handed in before.
    """
    # The moment the work began to arrive: a long line at the bell makes nobody late.
    received_at = service.now()
    await anyio.to_thread.run_sync(_check_submit, service, who, classroom, name)

    def keep(staging: Staging, manifest: str) -> tuple[answers.Receipt, bool]:
        size = sum(entry.size for entry in staging.entries)
        parcel = Parcel(manifest, len(staging.entries), size, received_at)
        with service.store.write() as session:
            submission, is_new = submissions.hand_in(
                session, service.signer, classroom, name, who, parcel
            )
            receipt = submissions.receipt(session, service.signer, submission)
        return receipt, is_new

    receipt, is_new = await service.uploads.take(request, who, keep)
    response.status_code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
    logger.info("%s handed in %s/%s: %s", who, classroom, name, receipt.id)
    return receipt


@router.get("/submissions")
def list_submissions(service: ServiceOf, who: Who, mine: bool = False) -> list[answers.Submitted]:
    """Every version that the asker handed in, and that their pupils did unless `mine` is said."""
    with service.store.read() as session:
        return submissions.visible_to(session, service.signer, service.content, who, only_own=mine)


@router.get("/classrooms/{classroom}/assignments/{name}/collection")
def collection(
    classroom: str,
    name: str,
    service: ServiceOf,
    who: Who,
    which: Annotated[Which, Query()] = "latest",
) -> list[answers.Submitted]:
    """The one submission of each pupil that is to be graded."""
    with service.store.read() as session:
        require(session, who, Action.COLLECT, classroom)
        return submissions.chosen(session, service.signer, service.content, classroom, name, which)


@router.get("/submissions/{submission_id}/content")
def fetch_submission(submission_id: str, service: ServiceOf, who: Who) -> StreamingResponse:
    """The files of a submission, for its pupil and their teachers."""
    with service.store.read() as session:
        submission = submissions.get(session, submission_id)
        classroom, person = submission.assignment.classroom_id, submission.person_name
        action = Action.FETCH if person == who else Action.COLLECT
        require(session, who, action, classroom, person)
    return _files(service, submission.manifest)


@router.put("/submissions/{submission_id}/feedback", status_code=status.HTTP_204_NO_CONTENT)
async def release_feedback(
    submission_id: str, person: str, assignment: str, request: Request, service: ServiceOf, who: Who
) -> None:
    """Shows the files in the body to the submission's pupil, at once."""

    def check() -> None:
        with service.store.read() as session:
            found = feedback.check_fits(session, submission_id, person, assignment)
            require(session, who, Action.GRADE, found.assignment.classroom_id, person)

    def keep(_staging: Staging, manifest: str) -> None:
        with service.store.write() as session:
            feedback.release(session, who, submission_id, manifest)

    await anyio.to_thread.run_sync(check)
    await service.uploads.take(request, who, keep)
    logger.info("%s released feedback on %s", who, submission_id)


@router.get("/submissions/{submission_id}/feedback/content")
def fetch_feedback(submission_id: str, service: ServiceOf, who: Who) -> StreamingResponse:
    """The files of the feedback, for its pupil and their teachers."""
    with service.store.read() as session:
        submission = submissions.get(session, submission_id)
        require(
            session, who, Action.FETCH, submission.assignment.classroom_id, submission.person_name
        )
        manifest = feedback.released(session, submission_id)
    return _files(service, manifest)


def _check(service: Service, who: str, action: Action, classroom: str) -> None:
    with service.store.read() as session:
        require(session, who, action, classroom)


def _check_submit(service: Service, who: str, classroom: str, name: str) -> None:
    with service.store.read() as session:
        require(session, who, Action.SUBMIT, classroom, who)
        assignments.find(session, classroom, name)


def _files(service: Service, manifest: str) -> StreamingResponse:
    chunks: Iterator[bytes] = service.content.tar(manifest)
    return StreamingResponse(
        chunks, media_type="application/x-tar", headers={"X-Content-Manifest": manifest}
    )
