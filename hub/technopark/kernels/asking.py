"""Asking for a lease: who may, and what comes of it in the store.

Called by the broker in a transaction. Of the request only the connection, the folder and a few
variables are taken; image, home, course and site come from the store.
"""

import os
import uuid
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from technopark.kernels import leases
from technopark.kernels.leases import ACTIVE, State
from technopark.kernels.refusals import Refusal
from technopark.kernels.views import GpuAsk
from technopark.people.lessons import Lesson, NoLessonError, lesson
from technopark.services.identity import Caller
from technopark.settings import Settings
from technopark.store import Flavour, Lease

VARIABLES = ("JPY_SESSION_NAME", "LANG", "TZ", "TECHNOPARK_LANGUAGE")
"""What a kernel elsewhere may know of its server's environment: none of it is secret."""

MOST_SANDBOXES = 64
"""Sandboxes of one classroom, waiting ones included."""


def ask_gpu(session: Session, caller: Caller, ask: GpuAsk, settings: Settings, now: float) -> Lease:
    """A lease of a GPU that waits in line, or starts again where its own place is held.

    Raises:
        Refusal: the caller may have none, or has one already.
    """
    if not ask.connection.is_encrypted:
        raise Refusal("no-encryption")
    found = _lesson(session, caller, settings)
    if found.gpu_image is None:
        raise Refusal("no-gpu")
    secrets = ask.connection.secrets()
    mine = _mine(session, caller.name)
    own = next((one for one in mine if one.kernel_id == ask.kernel_id), None)
    if own is not None and own.connection == secrets:
        return own  # sent again, since the answer was lost
    if own is not None and own.state in (State.STARTING, State.RUNNING):
        raise Refusal("same-kernel")
    if own is None:
        _refuse_a_second(mine, found.classroom)
        own = _new(session, "gpu", caller, found, now)
        own.kernel_id = ask.kernel_id
    elif own.state == State.STOPPED:
        leases.start_again(own)
    own.connection = secrets
    own.cwd = _folder(settings.homes / caller.name, ask.cwd)
    own.environment = {name: ask.environment[name] for name in VARIABLES if name in ask.environment}
    return own


def ask_sandbox(session: Session, caller: Caller, settings: Settings, now: float) -> Lease:
    """A lease of a sandbox for a grading server.

    Raises:
        Refusal: the caller is none, or has too many.
    """
    found = _lesson(session, caller, settings)
    if not found.is_grading:
        raise Refusal("only-grading")
    query = select(func.count()).select_from(Lease)
    number = session.scalar(query.where(Lease.person_name == caller.name, Lease.state.in_(ACTIVE)))
    if (number or 0) >= MOST_SANDBOXES:
        raise Refusal("too-many", limit=MOST_SANDBOXES)
    return _new(session, "sandbox", caller, found, now)


def lesson_of(session: Session, lease: Lease, settings: Settings) -> Lesson | None:
    """What the lease is for; None: its holder has no right to it any more."""
    try:
        found = lesson(session, lease.person_name, lease.classroom_id, settings.language)
    except NoLessonError:
        return None
    has_right = found.is_grading if lease.flavour == "sandbox" else found.gpu_image is not None
    return found if has_right else None


def _lesson(session: Session, caller: Caller, settings: Settings) -> Lesson:
    if len(caller.classrooms) != 1:
        raise Refusal("no-server")
    (classroom,) = caller.classrooms
    try:
        return lesson(session, caller.name, classroom, settings.language)
    except NoLessonError:
        raise Refusal("no-lesson", classroom=classroom) from None


def _mine(session: Session, person: str) -> list[Lease]:
    query = select(Lease).where(
        Lease.person_name == person, Lease.flavour == "gpu", Lease.state.in_(ACTIVE)
    )
    return list(session.scalars(query.with_for_update()))


def _refuse_a_second(mine: list[Lease], classroom: str) -> None:
    """One lease for each classroom, and one wait in all: nobody hoards what others wait for."""
    for lease in mine:
        if lease.classroom_id == classroom:
            raise Refusal("one-at-a-time", first=_called(lease))
        if lease.state == State.WAITING:
            raise Refusal("already-waiting", first=_called(lease))


def _called(lease: Lease) -> str:
    """A lease by the name that its holder knows: the notebook's, and the classroom's."""
    notebook = Path(str(lease.environment.get("JPY_SESSION_NAME", ""))).name
    return f"{notebook or lease.cwd or 'Python 3'} ({lease.classroom.title})"


def _new(session: Session, flavour: Flavour, caller: Caller, found: Lesson, now: float) -> Lease:
    lease = Lease(
        id=uuid.uuid4().hex,
        flavour=flavour,
        person_name=caller.name,
        classroom_id=found.classroom,
        language=found.language,
        state=State.WAITING,
        asked_at=leases.utc(now),
    )
    session.add(lease)
    session.flush()
    return lease


def _folder(home: Path, wanted: str) -> str:
    """The wanted folder relative to the home; the home itself where that is no folder in it.

    The engine would make a folder that is not there, as root, so only those that are count.
    """
    top = os.path.realpath(home)
    real = os.path.realpath(os.path.join(top, wanted))  # noqa: PTH118  # a Path drops what `..` means
    is_inside = os.path.commonpath([top, real]) == top
    return os.path.relpath(real, top) if is_inside and Path(real).is_dir() else "."
