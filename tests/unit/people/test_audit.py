"""The log: what stands in it, who may read what of it, and that it goes with the change."""

import pytest
from sqlalchemy import select

from technopark.people import audit, audit_search, rights
from technopark.people.audit import THE_PARK, Did
from technopark.people.audit_search import Row
from technopark.store import AuditEntry, Classroom, Pseudonym, Store


@pytest.fixture
def noted(park: Store) -> Store:
    """Something happened at each of the two schools."""
    with park.write() as session:
        north, south = (session.get_one(Classroom, one) for one in ("data-6a", "robots-5b"))
        audit.note(session, "anna", Did.PUPIL_IN, whom="masha", room=north)
        audit.note(session, "oleg", Did.LIST_SEEN, room=south)
        audit.note(session, THE_PARK, Did.WORDS_MADE, whom="petya")
    return park


def told(store: Store, who: str, search: str = "", did: str = "") -> list[Row]:
    with store.read() as session:
        standing = rights.standing(session, who)
        assert standing
        return list(audit_search.entries(session, standing, search, 1, did).rows)


def test_it_says_who_did_what_to_whom(noted: Store) -> None:
    words, seen, added = told(noted, "chief")
    assert (added.who.full_name, added.whom.full_name, added.room) == ("Anna", "Masha", "data-6a")
    assert (seen.entry.did, seen.who.name, seen.whom.pseudonym) == ("list-seen", "oleg", "")
    assert (words.who.pseudonym, words.whom.name, words.entry.site_id) == ("", "petya", "north")


def test_no_name_stands_in_it(noted: Store) -> None:
    with noted.read() as session:
        for entry in session.scalars(select(AuditEntry)):
            assert {entry.who, entry.whom} & {"anna", "masha", "oleg", "petya"} == set()


def test_the_admin_of_a_school_reads_of_this_school_alone(noted: Store) -> None:
    assert [row.entry.did for row in told(noted, "north-admin")] == ["words-made", "pupil-in"]
    assert [row.entry.did for row in told(noted, "south-admin")] == ["list-seen"]
    assert told(noted, "anna") == []


@pytest.mark.parametrize(
    ("search", "found"),
    [("MASH", ["pupil-in"]), ("robots", ["list-seen"]), ("anna", ["pupil-in"]), ("nobody", [])],
)
def test_it_is_searched_by_people_and_classes(noted: Store, search: str, found: list[str]) -> None:
    assert [row.entry.did for row in told(noted, "chief", search)] == found


def test_who_is_gone_stands_there_by_a_pseudonym(noted: Store) -> None:
    with noted.write() as session:
        row = session.get_one(Pseudonym, "masha")
        session.delete(row)
    added = told(noted, "chief", row.pseudonym)[0]
    assert (added.whom.name, added.whom.full_name) == (None, "")
    assert added.whom.pseudonym == row.pseudonym


def test_what_is_not_done_is_not_in_the_log(park: Store) -> None:
    with park.write() as session:
        audit.note(session, "anna", Did.LEFT, whom="masha")
        session.rollback()
    assert told(park, "chief") == []


def test_who_reloads_a_page_has_seen_it_once(park: Store) -> None:
    with park.write() as session:
        room = session.get_one(Classroom, "data-6a")
        assert not audit.was_seen(session, "anna", Did.LIST_SEEN, room=room)
        audit.note(session, "anna", Did.LIST_SEEN, room=room)
        session.flush()
        assert audit.was_seen(session, "anna", Did.LIST_SEEN, room=room)
        assert not audit.was_seen(session, "chief", Did.LIST_SEEN, room=room)
