"""Who somebody at a provider of OpenID Connect is in the park, and what the provider gave them.

Called by `signin.openid` at each sign-in. Who somebody is hangs on issuer and subject alone. What
a provider says acts when it says something new; what teachers and admins made it never undoes.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.people import classrooms, rights
from technopark.people.roster import free_name
from technopark.problem import Problem
from technopark.store import Classroom, Grant, Identity, Membership, Person, Site

LEFT = "You are not in the park any more. If that is a mistake, tell your teacher."
UNKNOWN = "Your school's sign-in names somebody whom the park does not know. Tell your teacher."
TAKEN = (
    "Your school's sign-in names somebody who signs in there under another account. "
    "Tell your teacher."
)

_NAMELESS = "person"
"""The beginning of names to sign in with, where a given name has no letter that could be one."""

SeatOf = tuple[str, str]
"""A classroom's id, and the role in it."""
GrantOf = tuple[str, str | None]
"""A role beyond classrooms, and the site of a site's admin."""


class NotWelcomeError(Problem):
    """Somebody whom the provider knows does not come in; says why, to that person."""


@dataclass(frozen=True)
class Profile:
    """What a provider says of somebody, in the park's words."""

    full_name: str = ""
    site: str | None = None
    seats: frozenset[SeatOf] = frozenset()
    grants: frozenset[GrantOf] = frozenset()
    person: str = ""
    """The park's own name of somebody known, for the first sign-in; empty: somebody new."""
    lacks: str = ""
    """Why this is too little to make somebody new of; who is known comes in all the same."""


def who_is(session: Session, issuer: str, subject: str, profile: Profile) -> str | None:
    """The name of the person, where nothing is new; None: `welcome` has something to write.

    It only reads: a class that signs in at the bell does not queue up to write.

    Raises:
        NotWelcomeError: the person left the park.
    """
    identity = session.get(Identity, (issuer, subject))
    if identity is None:
        return None
    _refuse_who_left(identity.person)
    is_news = _said(_honoured(session, profile), identity.said) != identity.said
    return None if is_news else identity.person_name


def welcome(session: Session, issuer: str, subject: str, profile: Profile) -> str:
    """The name of the person, made at the first sign-in, and with what the provider now says.

    Raises:
        NotWelcomeError: the person left the park, is to be somebody who cannot be found, or is new
            and the provider said too little.
    """
    profile = _honoured(session, profile)
    identity = session.get(Identity, (issuer, subject))
    if identity is None:
        person = _known(session, issuer, profile.person) or _new(session, profile)
        nothing: dict[str, Any] = {"seats": [], "grants": []}
        identity = Identity(
            issuer=issuer,
            subject=subject,
            person=person,
            said={"full_name": profile.full_name, "site": profile.site, **nothing},
            given=nothing,
            first_at=datetime.now(UTC),
        )
        session.add(identity)
        session.flush()
    _refuse_who_left(identity.person)
    _follow(session, identity, profile)
    return identity.person_name


def _refuse_who_left(person: Person) -> None:
    if not person.active:
        raise NotWelcomeError(LEFT)


def _known(session: Session, issuer: str, name: str) -> Person | None:
    """The person who is in the park already, as the provider says; None: it says nothing."""
    if not name:
        return None
    person = session.get(Person, name)
    if person is None or rights.is_grading_name(name):
        raise NotWelcomeError(UNKNOWN)
    _refuse_who_left(person)
    others = select(Identity).where(Identity.person_name == name, Identity.issuer == issuer)
    if session.scalar(others) is not None:
        raise NotWelcomeError(TAKEN)
    return person


def _new(session: Session, profile: Profile) -> Person:
    if profile.lacks:
        raise NotWelcomeError(profile.lacks)
    name = free_name(profile.full_name, session)
    if not name or rights.is_grading_name(name):
        name = free_name(_NAMELESS, session)
    person = classrooms.ensure_person(session, name, profile.full_name, profile.site)
    session.flush()
    return person


def _honoured(session: Session, profile: Profile) -> Profile:
    """The profile without sites and classrooms that are not there (yet, or any more)."""
    rooms = {room for room, _ in profile.seats}
    sites = {profile.site, *(site for _, site in profile.grants)} - {None}
    open_rooms = set(
        session.scalars(select(Classroom.id).where(Classroom.id.in_(rooms), Classroom.active))
    )
    there = {None, *session.scalars(select(Site.id).where(Site.id.in_(sites)))}
    return replace(
        profile,
        site=profile.site if profile.site in there else None,
        seats=frozenset(seat for seat in profile.seats if seat[0] in open_rooms),
        grants=frozenset(grant for grant in profile.grants if grant[1] in there),
    )


def _follow(session: Session, identity: Identity, profile: Profile) -> None:
    """Does what is new in what the provider says."""
    person, before, now = identity.person, identity.said, _said(profile, identity.said)
    # Who was renamed or moved by hand since stays so.
    if person.full_name == before["full_name"]:
        person.full_name = now["full_name"]
    if person.site_id == before["site"]:
        person.site_id = now["site"]
    identity.given = {
        "seats": _follow_seats(session, identity, profile),
        "grants": _follow_grants(session, identity, profile),
    }
    identity.said = now


def _follow_seats(session: Session, identity: Identity, profile: Profile) -> list[list[Any]]:
    name = identity.person_name
    before = {tuple(seat) for seat in identity.said["seats"]}
    given = {tuple(seat) for seat in identity.given["seats"]}
    for room, role in sorted(given - profile.seats):
        given.discard((room, role))
        seat = session.get(Membership, (room, name))
        if seat is not None and seat.role == role:
            classrooms.remove_member(session, room, name)
            session.flush()
    for room, role in sorted(profile.seats - before, reverse=True):  # a teacher is no pupil there
        if session.get(Membership, (room, name)) is None:
            classrooms.add_members(session, room, role, [name])
            session.flush()
            given.add((room, role))
    return sorted(map(list, given))


def _follow_grants(session: Session, identity: Identity, profile: Profile) -> list[list[Any]]:
    name = identity.person_name
    before = {tuple(grant) for grant in identity.said["grants"]}
    given = {tuple(grant) for grant in identity.given["grants"]}
    query = select(Grant.role, Grant.site_id).where(Grant.person_name == name)
    has = {(role, site) for role, site in session.execute(query)}
    for role, site in given - profile.grants:
        given.discard((role, site))
        classrooms.remove_grant(session, name, role, site)
    for role, site in profile.grants - before - has:
        classrooms.ensure_grant(session, name, role, site)
        given.add((role, site))
    return sorted(map(list, given), key=str)


def _said(profile: Profile, before: dict[str, Any]) -> dict[str, Any]:
    """To be kept. No name and no site are no news; no classrooms and no roles are."""
    return {
        "full_name": profile.full_name or before["full_name"],
        "site": profile.site or before["site"],
        "seats": sorted(map(list, profile.seats)),
        "grants": sorted(map(list, profile.grants), key=str),
    }
