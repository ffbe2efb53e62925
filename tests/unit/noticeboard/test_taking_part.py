"""Seats are given once, in the order in which pupils came, however many come at one moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from support.noticeboard import NOW, ZONE, add_partners, post, read, said

from technopark.noticeboard import postings, taking_part
from technopark.people import classrooms, rights
from technopark.people.refused import Refused
from technopark.people.rights import Standing
from technopark.safety import rows
from technopark.store import Classroom, Person, Posting, Store


def join(park: Store, name: str, number: int) -> int:
    """Joins; the place among those who wait, 0: has a seat."""
    with park.write() as session:
        who = rights.standing(session, name)
        assert who
        posting = session.get_one(Posting, number)
        return taking_part.join(session, who, posting, NOW).waiting


def leave(park: Store, name: str, number: int) -> bool:
    with park.write() as session:
        return taking_part.leave(session, name, session.get_one(Posting, number))


def waits(park: Store, name: str, number: int) -> int | None:
    with park.read() as session:
        place = taking_part.place_of(session, session.get_one(Posting, number), name)
        return place.waiting if place else None


def pupils(park: Store, how_many: int) -> list[str]:
    names = [f"pupil-{number}" for number in range(how_many)]
    with park.write() as session:
        for name in names:
            classrooms.ensure_person(session, name, name, "north")
    return names


def test_forty_who_come_at_one_moment_get_ten_seats(park: Store) -> None:
    number, names = post(park, seats=10), pupils(park, 40)
    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(lambda name: join(park, name, number), names))
    assert sorted(told) == [0] * 10 + list(range(1, 31)), "each place is told once"
    assert [waits(park, name, number) for name in names] == told, "and is what was told"


def test_whoever_waits_longest_gets_the_seat_of_who_leaves(park: Store) -> None:
    number, (anya, borya, vera) = post(park, seats=1), pupils(park, 3)
    assert [join(park, name, number) for name in (anya, borya, vera)] == [0, 1, 2]
    assert leave(park, anya, number)
    assert [waits(park, name, number) for name in (anya, borya, vera)] == [None, 0, 1]
    assert join(park, anya, number) == 2, "who comes back is the last one"
    assert not leave(park, "masha", number)


def test_joining_twice_is_joining_once(park: Store) -> None:
    number, (anya, borya) = post(park, seats=2), pupils(park, 2)
    assert [join(park, one, number) for one in (anya, anya, borya)] == [0, 0, 0]


def test_who_leaves_the_park_or_is_deleted_keeps_no_seat(park: Store) -> None:
    number, (anya, borya, vera) = post(park, seats=1), pupils(park, 3)
    for name in (anya, borya, vera):
        join(park, name, number)
    with park.write() as session:
        session.get_one(Person, anya).active = False
    assert waits(park, borya, number) == 0
    with park.write() as session:
        assert rows.forget_person(session, borya, "p1")["park_joining"] == 1
    assert waits(park, vera, number) == 0


@pytest.mark.parametrize(
    ("who", "more", "why"),
    [
        ("masha", {"kind": "specialists"}, "nothing to join"),
        ("anna", {}, "Only pupils"),
        ("mentor", {}, "Only pupils"),
        ("north-admin", {}, "Only pupils"),
        ("writer", {}, "Only pupils"),
        ("masha", {"age_from": 15}, r"older pupils than you are in class 6 \(about 11 to 13\)"),
        ("masha", {"age_to": 9}, "younger pupils than you are"),
    ],
)
def test_who_cannot_join_is_told_why(
    park: Store, who: str, more: dict[str, object], why: str
) -> None:
    add_partners(park)
    with park.write() as session:
        session.get_one(Classroom, "data-6a").title = "6А · Данные"
    with pytest.raises(Refused, match=why):
        join(park, who, post(park, **more))


def test_who_is_of_no_class_is_taken_at_their_word(park: Store) -> None:
    assert join(park, "passer-by", post(park, age_from=15)) == 0


def test_what_is_over_or_withdrawn_cannot_be_joined(park: Store) -> None:
    number = post(park)
    with park.write() as session:
        session.get_one(Posting, number).over_at = NOW
    with pytest.raises(Refused, match="is over"):
        join(park, "masha", number)
    withdrawn = post(park, title="Другое")
    with park.write() as session:
        postings.withdraw(session.get_one(Posting, withdrawn), NOW)
    with pytest.raises(Refused, match="withdrawn"):
        join(park, "masha", withdrawn)


def change(park: Store, number: int, **more: object) -> None:
    with park.write() as session:
        posting = session.get_one(Posting, number)
        chief = Standing("chief", is_admin=True)
        postings.change(session, chief, posting, said(**more), posting.number, NOW, ZONE)


def test_more_seats_go_to_those_who_wait_and_fewer_than_taken_are_refused(park: Store) -> None:
    number, (anya, borya, vera) = post(park, seats=2), pupils(park, 3)
    for name in (anya, borya, vera):
        join(park, name, number)
    change(park, number, seats=3)
    assert waits(park, vera, number) == 0
    with pytest.raises(Refused, match="3 have a seat already"):
        change(park, number, seats=2)
    with pytest.raises(Refused, match="cannot become a demand"):
        change(park, number, kind="specialists", starts_at=None)
    assert read(park, number).seats == 3
