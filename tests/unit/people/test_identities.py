"""Who somebody at a provider is here, and whose word counts: the provider's or a teacher's."""

from typing import Any

import pytest
from sqlalchemy import select

from technopark.people import changes, classrooms
from technopark.people.identities import NotWelcomeError, Profile, welcome, who_is
from technopark.store import CourseVersion, Grant, Membership, Person, Store

ISSUER = "https://sso.example"
SEAT = ("data-6a", "pupil")
KOLYA = Profile("Коля Д.", "north", seats=frozenset({SEAT}))


def come(park: Store, subject: str, profile: Profile, issuer: str = ISSUER) -> str:
    """As a sign-in does: look first, write where there is news."""
    with park.read() as session:
        name = who_is(session, issuer, subject, profile)
    if name is None:
        with park.write() as session:
            name = welcome(session, issuer, subject, profile)
    return name


def seats(park: Store, name: str) -> dict[str, str]:
    with park.read() as session:
        found = session.scalars(select(Membership).where(Membership.person_name == name))
        return {seat.classroom_id: seat.role for seat in found}


def grants(park: Store, name: str) -> set[tuple[str, str | None]]:
    with park.read() as session:
        query = select(Grant.role, Grant.site_id).where(Grant.person_name == name)
        return {(role, site) for role, site in session.execute(query)}


def person(park: Store, name: str) -> Person:
    with park.read() as session:
        return session.get_one(Person, name)


def change(park: Store, name: str, **values: Any) -> None:
    with park.write() as session:
        for key, value in values.items():
            setattr(session.get_one(Person, name), key, value)


def test_a_first_sign_in_makes_a_person_and_the_next_ones_find_them(park: Store) -> None:
    assert come(park, "17", KOLYA) == "kolia-d"
    with park.read() as session:
        before = changes.revision(session)
    assert come(park, "17", KOLYA) == "kolia-d"
    with park.read() as session:
        assert changes.revision(session) == before, "nothing new, nothing written"
    assert person(park, "kolia-d").passphrase_hash is None
    assert seats(park, "kolia-d") == {"data-6a": "pupil"}


def test_the_same_number_at_another_provider_is_somebody_else(park: Store) -> None:
    assert come(park, "17", KOLYA) == "kolia-d"
    assert come(park, "17", KOLYA, issuer="https://other.example") == "kolia-d-2"


@pytest.mark.parametrize("name", ["", "☃", "grading data-6a"])
def test_any_given_name_makes_a_name_to_sign_in_with(park: Store, name: str) -> None:
    assert come(park, "17", Profile(name)) == "person"
    assert come(park, "18", Profile(name)) == "person-2"


def test_a_new_name_and_school_follow_unless_somebody_here_said_otherwise(park: Store) -> None:
    come(park, "17", KOLYA)
    come(park, "17", Profile("Коля Е.", "south"))
    kolya = person(park, "kolia-d")
    assert (kolya.full_name, kolya.site_id) == ("Коля Е.", "south")
    change(park, "kolia-d", full_name="Николай Е.", site_id="north")
    come(park, "17", Profile("Коля Ж.", "south"))
    kolya = person(park, "kolia-d")
    assert (kolya.full_name, kolya.site_id) == ("Николай Е.", "north")


def test_who_is_known_comes_in_also_when_name_and_school_are_missing(park: Store) -> None:
    come(park, "17", KOLYA)
    assert come(park, "17", Profile(lacks="no name", seats=frozenset({SEAT}))) == "kolia-d"
    assert person(park, "kolia-d").full_name == "Коля Д."
    with pytest.raises(NotWelcomeError, match="no name"):
        come(park, "18", Profile(lacks="no name"))


def test_a_classroom_is_taken_back_by_whoever_gave_it(park: Store) -> None:
    with park.write() as session:
        classrooms.add_members(session, "robots-5b", "pupil", ["petya"])
    both = frozenset({SEAT, ("robots-5b", "pupil")})
    come(park, "17", Profile("Петя", person="petya", seats=both))
    come(park, "17", Profile("Петя"))
    assert seats(park, "petya") == {"data-6a": "pupil", "robots-5b": "pupil"}, "a teacher's word"
    come(park, "18", KOLYA)
    come(park, "18", Profile("Коля Д.", "north"))
    assert seats(park, "kolia-d") == {}, "the provider's word"


def test_whom_a_teacher_took_out_stays_out_while_the_provider_says_nothing_new(park: Store) -> None:
    come(park, "17", KOLYA)
    with park.write() as session:
        classrooms.remove_member(session, "data-6a", "kolia-d")
    come(park, "17", KOLYA)
    assert seats(park, "kolia-d") == {}
    come(park, "17", Profile("Коля Д.", "north"))
    come(park, "17", KOLYA)
    assert seats(park, "kolia-d") == {"data-6a": "pupil"}


def test_a_pupil_who_became_a_teacher_teaches(park: Store) -> None:
    come(park, "17", KOLYA)
    teaches = frozenset({("data-6a", "teacher"), SEAT})
    come(park, "17", Profile("Коля Д.", "north", seats=teaches - {SEAT}))
    assert seats(park, "kolia-d") == {"data-6a": "teacher"}
    assert come(park, "18", Profile("Оля", seats=teaches)) == "olia"
    assert seats(park, "olia") == {"data-6a": "teacher"}, "of both the greater"


def test_a_classroom_that_comes_later_is_not_forgotten(park: Store) -> None:
    early = Profile("Коля Д.", "north", seats=frozenset({("data-7a", "pupil")}))
    come(park, "17", early)
    assert seats(park, "kolia-d") == {}
    with park.write() as session:
        version = session.scalars(select(CourseVersion)).one()
        classrooms.ensure_classroom(session, "data-7a", "7А", "north", version)
    come(park, "17", early)
    assert seats(park, "kolia-d") == {"data-7a": "pupil"}


def test_roles_are_given_and_taken_back(park: Store) -> None:
    roles = frozenset({("author", None), ("admin", "north"), ("admin", "nowhere")})
    come(park, "17", Profile("Вера", grants=roles))
    assert grants(park, "vera") == {("author", None), ("admin", "north")}
    with park.write() as session:
        classrooms.ensure_grant(session, "vera", "curator")
    come(park, "17", Profile("Вера", grants=frozenset({("admin", "north"), ("curator", None)})))
    come(park, "17", Profile("Вера"))
    assert grants(park, "vera") == {("curator", None)}, "an admin's word"


def test_who_left_the_park_stays_out(park: Store) -> None:
    come(park, "17", KOLYA)
    change(park, "kolia-d", active=False)
    for profile in (KOLYA, Profile("Коля Новый")):
        with pytest.raises(NotWelcomeError, match="not in the park any more"):
            come(park, "17", profile)
    assert not person(park, "kolia-d").active
    change(park, "masha", active=False)
    with pytest.raises(NotWelcomeError, match="not in the park any more"):
        come(park, "18", Profile("Маша", person="masha"))


def test_somebody_known_is_found_only_once_and_only_if_there(park: Store) -> None:
    assert come(park, "17", Profile("Маша", person="masha")) == "masha"
    assert person(park, "masha").full_name == "Masha", "as the teacher wrote it"
    with pytest.raises(NotWelcomeError, match="another account"):
        come(park, "18", Profile("Маша", person="masha"))
    assert come(park, "18", Profile("Маша", person="masha"), "https://other.example") == "masha"
    for nobody in ("nobody", "grading-data-6a"):
        with pytest.raises(NotWelcomeError, match="does not know"):
            come(park, "19", Profile("Маша", person=nobody))
    assert come(park, "17", Profile("Маша", person="petya")) == "masha", "asked once, at the first"
