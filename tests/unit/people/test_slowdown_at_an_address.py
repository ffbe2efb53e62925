"""One address of a whole school: who is held up by whose failures, and who never is."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from technopark.people import slowdown
from technopark.settings import SignIn
from technopark.store import NameAtAddress, Store

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
RULES = SignIn(address_names=3, address_minutes=15)
SCHOOL, HOME = "198.51.100.7", "203.0.113.5"


@dataclass
class Morning:
    """What happened at an address before `who` comes."""

    what: str
    failed: dict[str, int] = field(default_factory=dict)
    """Names that failed at the school, and how many minutes ago."""
    were_in: tuple[str, ...] = ()
    """Names that signed in there a week ago."""
    then_in: tuple[str, ...] = ()
    """Names that signed in just now, after they failed."""
    who: str = "masha"
    where: str = SCHOOL
    waits_minutes: float = 0


THREE = {"a": 4, "b": 3, "c": 2}


@pytest.mark.parametrize(
    "morning",
    [
        Morning("nothing"),
        Morning("two names failed", {"a": 2, "b": 1}),
        Morning(
            "three did: a new name waits for the first to be forgotten", THREE, waits_minutes=11
        ),
        Morning("more did: for the third last", {"z": 5, **THREE}, waits_minutes=11),
        Morning("one of them is forgotten already", {**THREE, "a": 15}),
        Morning("one of them found the right words", THREE, then_in=("b",)),
        Morning("who was in there before does not wait", THREE, were_in=("masha",)),
        Morning("not even after a slip of the own", {**THREE, "masha": 1}, were_in=("masha",)),
        Morning("who failed there counts already", THREE, who="b"),
        Morning("an old slip does not count as such", {**THREE, "masha": 20}, waits_minutes=11),
        Morning("elsewhere nobody waits", THREE, where=HOME),
        Morning("who is known elsewhere is not here", THREE, who="lena", waits_minutes=11),
    ],
    ids=lambda morning: morning.what,
)
def test_who_waits_at_a_schools_address(store: Store, morning: Morning) -> None:
    with store.write() as session:
        for name in morning.were_in:
            slowdown.note_success_at_address(session, SCHOOL, name, NOW - timedelta(days=7))
        slowdown.note_success_at_address(session, HOME, "lena", NOW - timedelta(days=7))
        for name, minutes in sorted(morning.failed.items(), key=lambda one: -one[1]):
            ago = NOW - timedelta(minutes=minutes)
            slowdown.note_failure_at_address(session, SCHOOL, name, ago, RULES)
        for name in morning.then_in:
            slowdown.note_success_at_address(session, SCHOOL, name, NOW)
        wait = slowdown.wait_at_address(session, morning.where, morning.who, NOW, RULES)
    assert wait == morning.waits_minutes * 60


def test_a_class_that_mistypes_together_gets_in(store: Store) -> None:
    """Sixty children of two classes come for the first time, half of them mistype twice."""
    rules = SignIn()
    with store.write() as session:
        for number in range(60):
            name, now = f"pupil-{number}", NOW + timedelta(seconds=2 * number)
            for _ in range(2 if number % 2 else 0):
                assert slowdown.wait_at_address(session, SCHOOL, name, now, rules) == 0
                slowdown.note_failure_at_address(session, SCHOOL, name, now, rules)
            assert slowdown.wait_at_address(session, SCHOOL, name, now, rules) == 0
            slowdown.note_success_at_address(session, SCHOOL, name, now)


def test_who_tries_name_after_name_is_stopped_and_harms_only_strangers(store: Store) -> None:
    rules = SignIn()
    with store.write() as session:
        slowdown.note_success_at_address(session, SCHOOL, "masha", NOW - timedelta(days=1))
        tried = 0
        for number in range(500):
            if slowdown.wait_at_address(session, SCHOOL, f"name-{number}", NOW, rules) == 0:
                tried += 1
                slowdown.note_failure_at_address(session, SCHOOL, f"name-{number}", NOW, rules)
        assert tried == rules.address_names
        assert slowdown.wait_at_address(session, SCHOOL, "masha", NOW, rules) == 0
        later = NOW + timedelta(minutes=rules.address_minutes)
        assert slowdown.wait_at_address(session, SCHOOL, "name-499", later, rules) == 0


def test_who_came_where_is_forgotten_with_the_log(store: Store) -> None:
    rules = SignIn(log_days=30)
    with store.write() as session:
        slowdown.note_success_at_address(session, SCHOOL, "masha", NOW - timedelta(days=31))
        slowdown.note_failure_at_address(session, SCHOOL, "petya", NOW - timedelta(hours=1), rules)
        slowdown.note_failure_at_address(session, SCHOOL, "lena", NOW, rules)
    with store.read() as session:
        assert {row.name for row in session.query(NameAtAddress)} == {"lena"}
