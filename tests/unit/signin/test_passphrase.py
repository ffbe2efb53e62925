"""A child signs in with a name and three words."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from support.door import browser_at

from technopark.people import passphrases, slowdown
from technopark.people.names import is_name, normalise
from technopark.settings import Database, Settings, SignIn
from technopark.signin.passphrase import PassphraseAuthenticator, TooSoonError
from technopark.store import Person, SignInFailure, Store

BROWSER = browser_at()


@pytest.fixture
def door(park: Store, tmp_path: Path, database_url: str) -> Iterator[PassphraseAuthenticator]:
    with park.write() as session:
        masha = session.get_one(Person, "masha")
        masha.passphrase_hash = passphrases.hash_passphrase("ёжик луна замок")
    url = "" if database_url.startswith("sqlite") else database_url
    settings = Settings(
        data=tmp_path,
        database=Database(url=SecretStr(url)),
        signin=SignIn(free_attempts=2, wait_seconds=60),
    )
    authenticator = PassphraseAuthenticator(settings=settings)
    yield authenticator
    authenticator.store.close()


@pytest.mark.parametrize("typed", ["masha", "Masha ", "Маша", "МАША"])
@pytest.mark.parametrize("words", ["ёжик луна замок", "Ежик  Луна-Замок"])
async def test_the_name_may_be_typed_either_way(
    door: PassphraseAuthenticator, typed: str, words: str
) -> None:
    found = await door.authenticate(BROWSER, {"username": typed, "password": words})
    assert found
    assert found["name"] == "masha"
    assert found["groups"] == ["nbgrader-data-6a", "nbgrader-robots-5b"]
    assert [role["name"] for role in found["roles"]] == ["user", "open-the-portal"]


@pytest.mark.parametrize("name", ["masha", "petya", "nobody-at-all"])
async def test_a_wrong_name_and_wrong_words_look_alike_and_slow_down_alike(
    door: PassphraseAuthenticator, name: str
) -> None:
    wrong = {"username": name, "password": "три разных слова"}
    assert [await door.authenticate(BROWSER, wrong) for _ in range(3)] == [None] * 3
    with pytest.raises(TooSoonError) as refused:
        await door.authenticate(BROWSER, {"username": name, "password": "ёжик луна замок"})
    assert "Слишком много попыток. Подожди" in str(refused.value.log_message)


async def test_tries_at_one_moment_are_counted_one_by_one(door: PassphraseAuthenticator) -> None:
    wrong = {"username": "masha", "password": "три разных слова"}
    answers = await asyncio.gather(
        *(door.authenticate(BROWSER, wrong) for _ in range(8)), return_exceptions=True
    )
    assert answers.count(None) == 3, "two are free, and the third begins the wait"
    assert sum(isinstance(answer, TooSoonError) for answer in answers) == 5


async def test_who_left_the_park_cannot_sign_in(door: PassphraseAuthenticator, park: Store) -> None:
    with park.write() as session:
        session.get_one(Person, "masha").active = False
    right = {"username": "masha", "password": "ёжик луна замок"}
    assert await door.authenticate(BROWSER, right) is None


async def test_nobody_signs_in_as_a_grading_server(
    door: PassphraseAuthenticator, park: Store
) -> None:
    name, words = "grading-data-6a", "ёжик луна замок"
    with park.write() as session:
        kept = passphrases.hash_passphrase(words)
        session.add(Person(name=name, full_name="Хитрый Ученик", passphrase_hash=kept))
    assert await door.authenticate(BROWSER, {"username": name, "password": words}) is None


def test_waits_double_up_to_the_longest(store: Store) -> None:
    settings = SignIn(free_attempts=2, wait_seconds=5, longest_wait_seconds=30)
    now = datetime(2026, 9, 1, 10, 0, tzinfo=UTC)
    waits = []
    with store.write() as session:
        for _ in range(7):
            assert slowdown.begin_attempt(session, "masha", now, settings) == 0
            until = session.get_one(SignInFailure, "masha").wait_until
            waits.append((until - now).total_seconds())
            now = until
        assert waits == [0, 0, 5, 10, 20, 30, 30]
        early = now - timedelta(seconds=20)
        assert slowdown.begin_attempt(session, "masha", early, settings) == 20
        slowdown.note_success(session, "masha")
        session.flush()
        assert slowdown.begin_attempt(session, "masha", early, settings) == 0


def test_words_are_kept_as_argon2id() -> None:
    assert passphrases.hash_passphrase("ёжик луна замок").startswith("$argon2id$")
    assert len(passphrases.make().split()) == 3


def test_names_of_the_park_are_host_names_too() -> None:
    assert normalise(" Анна Павловна ") == "anna-pavlovna"
    assert normalise("Щукин Ю.") == "shchukin-iu"
    assert not is_name("")
    assert not is_name("-masha")
    assert not is_name("m" * 41)
