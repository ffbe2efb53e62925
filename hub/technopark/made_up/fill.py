"""Writes a made-up city into an empty park: store and exchange, wholly or not at all.

Called by `made_up.commands`, by tests and by benches. It must never touch a park with real people
in it: where there is anybody but the demo's people, it refuses.

What the rows are: receipts are signed with this park's own key and every work is on the disk, so
`technopark exchange check` finds nothing amiss; but many pupils share one work (`parcels`), nobody
has a passphrase, a home, a mark or feedback, and the hub hears of people when they first sign in.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time
from itertools import islice
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from technopark.exchange.content import ContentStore
from technopark.exchange.deadlines import written
from technopark.exchange.receipts import key_path, load_signer
from technopark.made_up.parcels import CORRECTED, RELEASED, Kept, keep_parcels
from technopark.made_up.plan import Adult, City, Pupil
from technopark.made_up.portfolios import portfolios, write_pages
from technopark.people.changes import note_change
from technopark.people.demo import demo_names
from technopark.people.partners import ensure_partners
from technopark.people.sites import ensure_sites
from technopark.problem import Problem
from technopark.progress import step
from technopark.settings import Settings
from technopark.store import (
    Assignment,
    AssignmentVersion,
    Base,
    Classroom,
    Consent,
    CourseVersion,
    Extension,
    Grant,
    HandIn,
    Joining,
    Letter,
    Membership,
    Person,
    Posting,
    ShownWork,
    Store,
    Submission,
)

_AT_ONCE = 5_000
"""Rows of one statement."""
_OF_POSTING = (
    *("kind", "title", "text", "starts_at", "ends_at", "seats", "age_from", "age_to"),
    "written_by",
)
"""What a posting is called alike in the plan and in the store."""
_NO_IMAGE = "made-up"
"""Version and image of a course that this park has not published: no server starts from it."""


class NotEmpty(Problem):
    """Somebody is in the park already."""


def fill(settings: Settings, store: Store, city: City) -> None:
    """Writes the whole city in one transaction, its files before.

    Raises:
        NotEmpty: there are people in the park beside those of the demo file.
    """
    with store.read() as session:
        check_is_empty(session, settings)
    with step("Files of the works") as shown:
        kept = keep_parcels(ContentStore(settings.data / "exchange"), city)
        shown.note = f"{len(kept)} small notebooks, shared by all"
    with step("Receipts") as shown:
        signer = load_signer(key_path(settings.data))
        signatures = [signer.sign(receipt) for receipt in _receipts(city, kept)]
        shown.note = f"{len(signatures)} signed"
    with step("Portfolios") as shown:
        shows = portfolios(city)
        write_pages(settings, shows)
        shown.note = f"{len(shows.works)} works that pupils show"
    with step("Database") as shown, store.write() as session:
        check_is_empty(session, settings)
        _write(session, city, kept, signatures)
        _put(session, ShownWork, shows.works)
        _put(session, Consent, shows.consents)
        _put(session, Letter, shows.letters)
        shown.note = f"{len(city.pupils)} pupils, {len(city.rooms)} classrooms"


def check_is_empty(session: Session, settings: Settings) -> None:
    """Lets pass a park without people, or with those of the demo file alone.

    Raises:
        NotEmpty: there are others.
    """
    others = sorted(set(session.scalars(select(Person.name))) - demo_names(settings))
    if others:
        raise NotEmpty(
            f"A made-up city fits only into an empty park, and this one has {len(others)} people "
            f"({', '.join(others[:3])}{', ...' if len(others) > 3 else ''}). Name another `data` "
            "folder in the settings (TECHNOPARK_CONFIG=other.yaml)."
        )


def _receipts(city: City, kept: Mapping[tuple[str, str | int], Kept]) -> Iterator[dict[str, Any]]:
    """The fields under each work's signature (`exchange.receipts.SIGNED`)."""
    for work in city.works:
        parcel = kept[work.task, work.variant]
        yield {
            "id": work.id,
            "person": work.person,
            "classroom": work.classroom,
            "assignment": work.task,
            "sha256": parcel.manifest,
            "files": parcel.files,
            "bytes": parcel.size,
            "received_at": written(work.received_at),
        }


def _write(
    session: Session,
    city: City,
    kept: Mapping[tuple[str, str | int], Kept],
    signatures: Iterable[str],
) -> None:
    ensure_sites(session, list(city.sites), city.timezone)
    versions = _course_versions(session, {room.course for room in city.rooms})
    session.flush()
    _write_people(session, city)
    _write_rooms(session, city, versions)
    assignments = _write_tasks(session, city, kept)
    _put(
        session,
        Submission,
        (
            {
                "id": work.id,
                "assignment_id": assignments[work.classroom, work.task],
                "person_name": work.person,
                "manifest": kept[work.task, work.variant].manifest,
                "files": kept[work.task, work.variant].files,
                "size": kept[work.task, work.variant].size,
                "received_at": work.received_at,
                "signature": signature,
            }
            for work, signature in zip(city.works, signatures, strict=True)
        ),
    )
    _put(
        session,
        HandIn,
        ({"submission_id": one.work, "received_at": one.received_at} for one in city.hand_ins),
    )
    _write_postings(session, city)
    note_change(session)


def _write_postings(session: Session, city: City) -> None:
    """What goes on, as if it had been posted and joined in the autumn of the city's year."""
    ensure_partners(session, city.partners)
    posted_at = datetime.combine(city.first_day, time(), UTC)
    made = [
        Posting(
            **{name: value for name, value in one._asdict().items() if name in _OF_POSTING},
            site_id=one.site,
            partner_id=one.partner,
            over_at=one.ends_at,
            state="published",
            search_text=f"{one.title}\n{one.text}".lower(),
            changed_at=posted_at,
            published_at=posted_at,
            number=1,
        )
        for one in city.postings
    ]
    session.add_all(made)
    session.flush()
    _put(
        session,
        Joining,
        (
            {"posting_id": posting.id, "person_name": name, "joined_at": posted_at}
            for posting, one in zip(made, city.postings, strict=True)
            for name in one.joined
        ),
    )


def _course_versions(session: Session, courses: set[str]) -> dict[str, CourseVersion]:
    """The newest published version of each course, or one that only has a name."""
    newest = {
        version.course: version
        for version in session.scalars(select(CourseVersion).order_by(CourseVersion.id))
    }
    for course in sorted(courses - newest.keys()):
        newest[course] = CourseVersion(
            course=course,
            version=_NO_IMAGE,
            title={"ru": course, "en": course},
            image=_NO_IMAGE,
            grader_image=_NO_IMAGE,
            content=f"{course}/{_NO_IMAGE}",
            published_at=datetime.now(UTC),
        )
        session.add(newest[course])
    return newest


def _write_people(session: Session, city: City) -> None:
    people: tuple[Pupil | Adult, ...] = (*city.pupils, *city.adults)
    _put(
        session,
        Person,
        (
            {
                "name": one.name,
                "full_name": one.full_name,
                "site_id": one.site,
                "language": one.language if isinstance(one, Pupil) else None,
            }
            for one in people
        ),
    )
    roles = {"author": "author", "curator": "curator", "admin": "admin", "site-admin": "admin"}
    _put(
        session,
        Grant,
        (
            {
                "person_name": one.name,
                "role": roles[one.role],
                "site_id": one.site if one.role == "site-admin" else None,
            }
            for one in city.adults
            if one.role in roles
        ),
    )


def _write_rooms(session: Session, city: City, versions: Mapping[str, CourseVersion]) -> None:
    _put(
        session,
        Classroom,
        (
            {
                "id": room.id,
                "title": room.title,
                "site_id": room.site,
                "course_version_id": versions[room.course].id,
                "first_day": city.first_day,
                "last_day": city.last_day,
            }
            for room in city.rooms
        ),
    )
    _put(
        session,
        Membership,
        (
            {"classroom_id": room.id, "person_name": name, "role": role}
            for room in city.rooms
            for role, names in (("teacher", room.teachers), ("pupil", room.pupils))
            for name in names
        ),
    )


def _write_tasks(
    session: Session, city: City, kept: Mapping[tuple[str, str | int], Kept]
) -> dict[tuple[str, str], int]:
    """Writes the assignments; their ids, which the database gives, by classroom and name."""
    teachers = {room.id: room.teachers[0] for room in city.rooms}
    _put(
        session,
        Assignment,
        (
            {
                "classroom_id": task.classroom,
                "name": task.name,
                "due": task.due,
                "gradebook_due": task.due,
            }
            for task in city.tasks
        ),
    )
    columns = select(Assignment.classroom_id, Assignment.name, Assignment.id)
    rooms = columns.where(Assignment.classroom_id.in_(teachers))
    ids = {(room, name): number for room, name, number in session.execute(rooms)}
    _put(
        session,
        AssignmentVersion,
        (
            {
                "assignment_id": ids[task.classroom, task.name],
                "number": number,
                "manifest": kept[task.name, RELEASED if number == 1 else CORRECTED].manifest,
                "released_at": released_at,
                "released_by": teachers[task.classroom],
            }
            for task in city.tasks
            for number, released_at in enumerate(task.released_at, 1)
        ),
    )
    _put(
        session,
        Extension,
        (
            {
                "assignment_id": ids[one.classroom, one.task],
                "person_name": one.person,
                "due": one.due,
            }
            for one in city.extensions
        ),
    )
    return ids


def _put(session: Session, model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Inserts rows past the models, many with one statement."""
    statement = insert(Base.metadata.tables[model.__tablename__])
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        session.execute(statement, some)
