"""A card is scanned at the door: words are asked for, unless the pupil's own site does without."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from support.door import SCHOOL, browser_at
from tornado.web import HTTPError

from technopark.people import cards
from technopark.people.sign_ins import sign_ins
from technopark.people.slowdown import now
from technopark.settings import Database, Settings, SignIn
from technopark.signin.passphrase import (
    CardAloneError,
    PassphraseAuthenticator,
    TooManyNamesError,
    TooSoonError,
)
from technopark.store import Site, Store

AT_SCHOOL = browser_at(SCHOOL)
AT_HOME = browser_at("203.0.113.5")
FROM_A_CONTAINER = browser_at(SCHOOL, peer="10.77.0.23")
WORDS_TOO = "Теперь введи свои три слова."
OLD_CARD = "Эта карточка больше не работает."


@pytest.fixture
def door(park: Store, tmp_path: Path, database_url: str) -> Iterator[PassphraseAuthenticator]:
    """North's pupils need no words at school."""
    with park.write() as session:
        north = session.get_one(Site, "north")
        north.networks, north.card_alone = ["198.51.100.0/24"], True
    url = "" if database_url.startswith("sqlite") else database_url
    settings = Settings(
        data=tmp_path,
        database=Database(url=SecretStr(url)),
        signin=SignIn(free_attempts=2, wait_seconds=60, address_names=3),
    )
    authenticator = PassphraseAuthenticator(settings=settings)
    yield authenticator
    authenticator.store.close()


@pytest.fixture
def card(park: Store) -> cards.Card:
    with park.write() as session:
        [made] = cards.issue_cards(session, ["masha"], classroom="data-6a")
    return made


def scanned(card: cards.Card, words: str = "") -> dict[str, str]:
    """What the page sends after the code was read."""
    return {"username": card.name, "card": card.secret, "password": words}


def log(store: Store) -> list[tuple[str, str, str, str]]:
    with store.read() as session:
        lines = sign_ins(session, now().replace(year=2000))
        return [(line.name, line.way, line.address, line.ended) for line in reversed(lines)]


async def test_at_school_the_card_is_enough(
    door: PassphraseAuthenticator, park: Store, card: cards.Card
) -> None:
    found = await door.authenticate(AT_SCHOOL, scanned(card))
    assert found
    assert found["name"] == "masha"
    assert log(park) == [("masha", "card", SCHOOL, "in")]


@pytest.mark.parametrize("whence", [AT_HOME, FROM_A_CONTAINER], ids=["home", "container"])
async def test_elsewhere_the_words_are_asked_for_and_then_let_in(
    door: PassphraseAuthenticator, park: Store, card: cards.Card, whence: object
) -> None:
    with pytest.raises(CardAloneError) as refused:
        await door.authenticate(whence, scanned(card))
    assert refused.value.log_message == WORDS_TOO
    assert refused.value.status_code == 403
    assert await door.authenticate(whence, scanned(card, card.words))
    assert [line[1] for line in log(park)] == ["words"]


async def test_an_old_card_is_told_so_and_slowed_down(
    door: PassphraseAuthenticator, park: Store, card: cards.Card
) -> None:
    with park.write() as session:
        cards.issue_cards(session, ["masha"])
    for _ in range(3):
        with pytest.raises(CardAloneError) as refused:
            await door.authenticate(AT_SCHOOL, scanned(card))
        assert str(refused.value.log_message).startswith(OLD_CARD)
    with pytest.raises(TooSoonError):
        await door.authenticate(AT_SCHOOL, scanned(card))
    assert [line[3] for line in log(park)] == ["wrong"] * 3 + ["name-waits"]


async def test_a_name_that_nobody_has_fails_as_an_old_card_does(
    door: PassphraseAuthenticator, park: Store
) -> None:
    with pytest.raises(CardAloneError) as refused:
        await door.authenticate(AT_SCHOOL, {"username": "nobody", "card": "x", "password": ""})
    assert str(refused.value.log_message).startswith(OLD_CARD)
    [(name, *_)] = log(park)
    assert name.startswith("unknown-")


async def test_a_site_takes_it_back_and_words_are_asked_for(
    door: PassphraseAuthenticator, park: Store, card: cards.Card
) -> None:
    with park.write() as session:
        session.get_one(Site, "north").card_alone = False
    with pytest.raises(CardAloneError) as refused:
        await door.authenticate(AT_SCHOOL, scanned(card))
    assert refused.value.log_message == WORDS_TOO


async def test_many_names_that_fail_hold_up_a_new_name_but_not_who_came_before(
    door: PassphraseAuthenticator, park: Store, card: cards.Card
) -> None:
    assert await door.authenticate(AT_SCHOOL, scanned(card, card.words))
    for name in ("petya", "nobody", "nobody-else"):
        wrong = {"username": name, "password": "три разных слова"}
        assert await door.authenticate(AT_SCHOOL, wrong) is None
    with pytest.raises(TooManyNamesError) as refused:
        await door.authenticate(AT_SCHOOL, {"username": "lena", "password": "а б в"})
    assert "Подожди 15 мин" in str(refused.value.log_message)
    assert isinstance(refused.value, HTTPError)
    assert await door.authenticate(AT_SCHOOL, scanned(card, card.words))
    assert [line[3] for line in log(park)] == ["in", *["wrong"] * 3, "address-waits", "in"]
