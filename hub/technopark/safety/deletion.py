"""A deletion, step by step: what was asked for is done, or goes on where it was broken off.

Called by the park's process `safety`, by the commands and (only `ask` and `foresee`) by the portal.
A step that is repeated finds nothing left to do, so a crash costs no more than its count in the
report. The order: the person is out and the hub forgets them, with their servers; then store,
exchange, home, shown works, gradebooks, lists; last the logs, as all that came before was logged.
"""

import fcntl
import secrets
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from technopark.exchange.content import ContentStore
from technopark.people import audit, moves
from technopark.people.audit import THE_PARK, Did
from technopark.problem import Problem
from technopark.safety import contents, databases, rows, traces
from technopark.safety.masks import Mask, others_like
from technopark.settings import Settings
from technopark.store import Deletion, Lease, Membership, Person, Store, Submission


class NotYetError(Problem):
    """A deletion cannot go on now; says what it waits for. It goes on by itself, or by a call."""


@dataclass(frozen=True)
class Foreseen:
    """What a deletion will take away, for whoever is about to say yes."""

    name: str
    full_name: str
    classes: int
    submissions: int
    files: int
    megabytes: float
    alone: tuple[str, ...]
    """Titles of classrooms that lose their only teacher."""


def foresee(session: Session, settings: Settings, person: Person) -> Foreseen:
    """What deleting the person will take away."""
    handed_in = select(func.count()).where(Submission.person_name == person.name)
    files, total = traces.size(traces.home(settings, person.name))
    alone = [
        one.classroom.title
        for one in person.memberships
        if one.role == "teacher" and one.classroom.active and _teachers(session, one) == 1
    ]
    return Foreseen(
        name=person.name,
        full_name=person.full_name,
        classes=len(person.memberships),
        submissions=session.scalar(handed_in) or 0,
        files=files,
        megabytes=round(total / (1 << 20), 1),
        alone=tuple(sorted(alone)),
    )


def ask(session: Session, who: str, person: Person, *, whole: bool = True) -> Deletion:
    """Asks for a deletion; the person is out of the park at once. Asked twice, it is one.

    Args:
        session: a transaction.
        who: the name of whoever asks, or `audit.THE_PARK`.
        person: whom to delete.
        whole: the whole person; else the work alone.
    """
    known = session.scalar(
        select(Deletion).where(Deletion.name == person.name, Deletion.whole == whole)
    )
    if known:
        return known
    moves.leave(session, person)
    audit.note(session, who, Did.DELETION_ASKED, whom=person.name, whole=int(whole))
    asked = Deletion(
        id=secrets.token_hex(6),
        whole=whole,
        name=person.name,
        pseudonym=audit.pseudonym(session, person.name),
        asked_by=audit.pseudonym(session, who),
        site_id=person.site_id,
        asked_at=datetime.now(UTC),
        left={},
        report={},
    )
    session.add(asked)
    session.flush()
    return asked


def unfinished(session: Session) -> list[Deletion]:
    """What was asked for and is not over yet, the oldest first."""
    query = select(Deletion).where(Deletion.finished_at.is_(None)).order_by(Deletion.asked_at)
    return list(session.scalars(query))


def carry_out(settings: Settings, store: Store, number: str) -> Deletion:
    """Does all that is left to do of a deletion.

    Raises:
        NotYetError: something is in the way for now; what was done stays done.
    """
    forget(settings, store, number)
    finish(settings, store, [number])
    return _read(store, number)


def forget(settings: Settings, store: Store, number: str) -> None:
    """Everything but the last step; one deletion at a time in the whole park.

    Raises:
        NotYetError: something is in the way for now; what was done stays done.
    """
    with _alone(settings), _in_the_way():
        asked = _read(store, number)
        if not asked.name or (not asked.whole and _came_back(store, asked)):
            return
        mask = _begin(store, asked, asked.name)
        if asked.whole:
            _wait_for_hub(settings, store, asked.name)
        _forget_in_store(settings, store, number, mask)
        _forget_in_files(settings, store, number, mask)
        _forget_the_name(store, number)


def finish(settings: Settings, store: Store, numbers: Sequence[str]) -> None:
    """The last step, for many at once: no bytes are left in the databases.

    Raises:
        NotYetError: a database is busy all the time.
    """
    with store.read() as session:
        open_ones = [
            one.id for one in unfinished(session) if one.id in numbers and one.name is None
        ]
    if not open_ones:
        return
    with _alone(settings), _in_the_way():
        databases.wipe(settings, store)
        with store.write() as session:
            for number in open_ones:
                session.get_one(Deletion, number).finished_at = datetime.now(UTC)


def _came_back(store: Store, asked: Deletion) -> bool:
    """Whether the work of somebody was to be deleted who is here again: then it is not."""
    with store.write() as session:
        row = session.get_one(Deletion, asked.id)
        person = session.get(Person, str(row.name))
        if person is None or not person.active:
            return False
        row.name, row.left, row.report = None, {}, {"came_back": True}
    return True


def _begin(store: Store, asked: Deletion, name: str) -> Mask:
    """Notes what later steps must know of the person, as long as the store knows it."""
    with store.write() as session:
        row = session.get_one(Deletion, asked.id)
        person = session.get(Person, name)
        if person:
            moves.leave(session, person)  # a list that was imported may have brought them back
            ids = session.scalars(select(Submission.id).where(Submission.person_name == name))
            row.left = {
                **row.left,
                "full_name": person.full_name,
                "ids": sorted({*ids, *row.left.get("ids", [])}),
            }
        others = others_like(name, session.scalars(select(Person.name)))
        return Mask(
            name,
            row.pseudonym,
            row.left.get("full_name", ""),
            tuple(row.left.get("ids", [])),
            others,
        )


def _wait_for_hub(settings: Settings, store: Store, name: str) -> None:
    with store.read() as session:
        held = session.scalar(select(func.count()).where(Lease.person_name == name, Lease.holds))
    if held:
        raise NotYetError("a kernel of theirs elsewhere still runs")
    if databases.hub_knows(settings, name):
        raise NotYetError(
            "the hub has not forgotten them yet: it does so within seconds when it runs, and when "
            "their servers have ended"
        )


def _forget_in_store(settings: Settings, store: Store, number: str, mask: Mask) -> None:
    content = ContentStore(settings.data / "exchange")
    with store.write() as session:
        row = session.get_one(Deletion, number)
        hashes = contents.of_person(session, content, mask.name)
        row.left = {**row.left, "contents": sorted({*hashes, *row.left.get("contents", [])})}
        if row.whole:
            counts = rows.forget_person(session, mask.name, mask.pseudonym)
        else:
            counts = rows.forget_work(session, mask.name)
        row.report = _added(row.report, "rows", counts)
        left = set(row.left["contents"])
    removed = contents.remove_unused(store, content, left) if left else (0, 0)
    _report(store, number, "exchange", {"files": removed[0], "bytes": removed[1]})


def _forget_in_files(settings: Settings, store: Store, number: str, mask: Mask) -> None:
    files, total = traces.remove_home(settings, mask.name)
    _report(store, number, "home", {"files": files, "bytes": total})
    files, total = traces.remove_shown(settings, mask.name)
    _report(store, number, "shown", {"files": files, "bytes": total})
    for folder in traces.grading_homes(settings):
        counts = traces.clean_grading_home(folder, mask)
        counts["classes"] = int(any(counts.values()))
        _report(store, number, "gradebooks", counts)
    asked = _read(store, number)
    if asked.whole:
        _report(store, number, "lists", {"changed": traces.clean_lists(settings, mask)})
        _report(store, number, "logs", {"covered": traces.cover_logs(settings, mask)})


def _forget_the_name(store: Store, number: str) -> None:
    """From here on nobody knows any more whose deletion it was."""
    asked = _read(store, number)
    name, whole = str(asked.name), asked.whole
    places: list[str] = []
    if whole:
        with store.read() as session:
            places = rows.still_named(session, name)
    with store.write() as session:
        row = session.get_one(Deletion, number)
        if places:
            row.report = {**row.report, "still_named": places}
        row.name, row.left = None, {}
        if whole:
            for other in session.scalars(select(Deletion).where(Deletion.name == name)):
                other.name, other.left = None, {}  # of the work alone: it is gone, too
            audit.note_deleted(session, row.pseudonym, row.site_id, number=number)
        else:
            audit.note(session, THE_PARK, Did.WORK_DELETED, whom=name, number=number)


def _teachers(session: Session, one: Membership) -> int:
    query = select(func.count()).where(
        Membership.classroom_id == one.classroom_id, Membership.role == "teacher"
    )
    return session.scalar(query) or 0


def _read(store: Store, number: str) -> Deletion:
    with store.read() as session:
        found = session.get(Deletion, number)
    if found is None:
        raise NotYetError(f"There is no deletion {number}.")
    return found


def _report(store: Store, number: str, what: str, counts: Mapping[str, int]) -> None:
    with store.write() as session:
        row = session.get_one(Deletion, number)
        row.report = _added(row.report, what, counts)


def _added(report: dict[str, Any], what: str, counts: Mapping[str, int]) -> dict[str, Any]:
    before = report.get(what, {})
    return {**report, what: {**before, **{k: before.get(k, 0) + n for k, n in counts.items()}}}


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """The command line and the park's process never work at the same deletion."""
    folder = settings.data / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "safety.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _in_the_way() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise NotYetError("so much is being handed in that nothing can be removed") from None
    except sqlite3.OperationalError as error:
        raise NotYetError(f"a database is busy ({error})") from None
