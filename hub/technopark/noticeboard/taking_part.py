"""Who takes part: joining, leaving, and the waiting list, which is nothing but the order of coming.

Called by the portal. The first ones, as many as there are seats, have a seat; whoever comes later
waits, and moves up as soon as somebody before them leaves, leaves the park, or is deleted. So no
seat is ever given twice. Whoever joins locks the posting's row: the order of ids is the order in
which people were told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from technopark.noticeboard.fit import Fit, ages_of, fit
from technopark.people import rights
from technopark.people.grades import grades_of
from technopark.people.refused import Refused
from technopark.people.rights import Standing
from technopark.store import Classroom, Joining, Person, Posting, Site


@dataclass(frozen=True)
class Place:
    """Where somebody is among those who joined."""

    waiting: int
    """0: has a seat; else the place in the line of those who wait, from 1 on."""


@dataclass(frozen=True)
class Mine:
    """Something that somebody joined."""

    posting: Posting
    place: Place


@dataclass(frozen=True)
class Participant:
    """One of those who joined, in their order."""

    person: Person
    site: str
    place: Place


def lock(session: Session, posting: Posting) -> None:
    """Nobody else joins, leaves or changes it until the transaction ends."""
    session.refresh(posting, with_for_update=True)


def join(session: Session, who: Standing, posting: Posting, now: datetime) -> Place:
    """The person takes part, or waits; who joined already keeps the place.

    Raises:
        Refused: it cannot be joined, or not by this person.
    """
    lock(session, posting)
    mine = _mine(session, posting, who.name)
    if mine is None:
        check_open(posting, now)
        _check_may(session, who, posting)
        mine = Joining(posting_id=posting.id, person_name=who.name, joined_at=now)
        session.add(mine)
        session.flush()
    return _place(session, posting, mine)


def leave(session: Session, name: str, posting: Posting) -> bool:
    """The person takes part no more, and whoever waits longest has the seat; False: did not."""
    lock(session, posting)
    mine = _mine(session, posting, name)
    if mine is None:
        return False
    session.delete(mine)
    session.flush()
    return True


def check_open(posting: Posting, now: datetime) -> None:
    """Lets pass what can be joined now.

    Raises:
        Refused: it cannot.
    """
    if posting.kind == "specialists":
        raise Refused("This only tells whom the city needs: there is nothing to join.")
    if posting.state != "published":
        raise Refused("This was withdrawn: it cannot be joined any more.")
    if posting.over_at and posting.over_at <= now:
        raise Refused("This is over: it cannot be joined any more.")


def grades(session: Session, who: Standing) -> set[int]:
    """The school classes that the titles of the pupil's classrooms name."""
    return grades_of(session.scalars(select(Classroom.title).where(Classroom.id.in_(who.pupil_of))))


def place_of(session: Session, posting: Posting, name: str) -> Place | None:
    """The person's place; None: did not join."""
    mine = _mine(session, posting, name)
    return _place(session, posting, mine) if mine else None


def joined(session: Session, postings: Iterable[int]) -> dict[int, int]:
    """How many joined, with a seat or waiting, by posting; where nobody did, there is no entry."""
    counted = (
        select(Joining.posting_id, func.count())
        .join(Person)
        .where(Joining.posting_id.in_(list(postings)), Person.active)
        .group_by(Joining.posting_id)
    )
    return dict(session.execute(counted).all())


def with_seats(session: Session, posting: Posting) -> int:
    """How many have a seat."""
    number = joined(session, [posting.id]).get(posting.id, 0)
    return number if posting.seats is None else min(number, posting.seats)


def of_person(session: Session, name: str, now: datetime) -> list[Mine]:
    """What the person joined that is not over, the next first; what was withdrawn, too."""
    query = (
        select(Joining, Posting)
        .join(Posting)
        .options(joinedload(Posting.site), joinedload(Posting.partner))
        .where(Joining.person_name == name, Posting.over_at.is_(None) | (Posting.over_at > now))
        .order_by(Posting.starts_at.is_(None), Posting.starts_at, Posting.id)
    )
    return [
        Mine(posting, _place(session, posting, mine)) for mine, posting in session.execute(query)
    ]


def participants(session: Session, posting: Posting) -> list[Participant]:
    """All who joined, in the order in which they came."""
    query = (
        select(Person, Site.name)
        .join(Joining, Joining.person_name == Person.name)
        .outerjoin(Site, Site.id == Person.site_id)
        .where(Joining.posting_id == posting.id, Person.active)
        .order_by(Joining.id)
    )
    return [
        Participant(person, site or "", _numbered(posting, number))
        for number, (person, site) in enumerate(session.execute(query), 1)
    ]


def by_school(session: Session, posting: Posting) -> list[tuple[str, int]]:
    """How many of each school joined: what curators see in place of names."""
    query = (
        select(Site.name, func.count())
        .join(Person, Person.site_id == Site.id)
        .join(Joining, Joining.person_name == Person.name)
        .where(Joining.posting_id == posting.id, Person.active)
        .group_by(Site.name)
        .order_by(Site.name)
    )
    return list(session.execute(query))


def _mine(session: Session, posting: Posting, name: str) -> Joining | None:
    return session.scalar(
        select(Joining).where(Joining.posting_id == posting.id, Joining.person_name == name)
    )


def _place(session: Session, posting: Posting, mine: Joining) -> Place:
    before = (
        select(func.count())
        .select_from(Joining)
        .join(Person)
        .where(Joining.posting_id == posting.id, Joining.id < mine.id, Person.active)
    )
    return _numbered(posting, (session.scalar(before) or 0) + 1)


def _numbered(posting: Posting, number: int) -> Place:
    return Place(0 if posting.seats is None else max(0, number - posting.seats))


def _check_may(session: Session, who: Standing, posting: Posting) -> None:
    if not rights.may_take_part(who):
        raise Refused("Only pupils can join.")
    known = grades(session, who)
    found = fit(posting, known)
    if found in (Fit.FITS, Fit.UNKNOWN):
        return
    grade = max(known) if found is Fit.TOO_YOUNG else min(known)
    youngest, oldest = ages_of(grade)
    raise Refused(
        "This is for older pupils than you are in class {grade} (about {youngest} to {oldest})."
        if found is Fit.TOO_YOUNG
        else "This is for younger pupils than you are in class {grade} (about {youngest} to "
        "{oldest}).",
        grade=grade,
        youngest=youngest,
        oldest=oldest,
    )


def why_not(session: Session, who: Standing, posting: Posting, now: datetime) -> Refused | None:
    """Why this person cannot join it now; None: they can."""
    try:
        check_open(posting, now)
        _check_may(session, who, posting)
    except Refused as problem:
        return problem
    return None
