"""Cards of a class: new words and a new code for each pupil, and the end of the old ones."""

import hashlib
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr
from sqlalchemy import select
from typer.testing import CliRunner

from technopark.people import cards, changes, classrooms, commands, passphrases, sessions
from technopark.people.cards import CardProblem, printing
from technopark.settings import Database, Settings
from technopark.store import IssuedCard, Person, Site, Store

Call = Callable[..., str]
PDF = b"%PDF-1.7 a sheet of cards"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    outer = "" if database_url.startswith("sqlite") else database_url
    return Settings(data=tmp_path, database=Database(url=SecretStr(outer)))


@pytest.fixture
def call(park: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command; the sheet itself is drawn in `test_card_sheet.py`."""
    monkeypatch.setattr(commands, "load", lambda: settings)
    monkeypatch.setattr(printing, "card_sheet", lambda _cards, _address: PDF)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(commands.app, list(arguments))
        return str(result.exception) if result.exception else result.output

    return run


def issue(store: Store, *names: str) -> list[cards.Card]:
    with store.write() as session:
        return cards.issue_cards(session, names, classroom="data-6a", issued_by="anna")


def opens(store: Store, card: cards.Card) -> tuple[bool, bool]:
    """Whether the card's words and its code are right."""
    with store.read() as session:
        person = session.get_one(Person, card.name)
        return (
            passphrases.matches(card.words, person.passphrase_hash),
            cards.opens(session, card.name, card.secret),
        )


def asked_to_leave(store: Store) -> set[str]:
    with store.read() as session:
        return set(sessions.to_sign_out(session))


def test_a_new_card_ends_the_old_one_and_all_sessions(park: Store) -> None:
    [first] = issue(park, "masha")
    assert opens(park, first) == (True, True)
    with park.write() as session:
        before = changes.revision(session)
        sessions.signed_out(session, sessions.to_sign_out(session))
    [second] = issue(park, "masha")
    assert opens(park, second) == (True, True)
    assert opens(park, first) == (False, False)
    assert asked_to_leave(park) == {"masha"}
    with park.read() as session:
        assert changes.revision(session) > before, "the hub looks for a higher number"


def test_of_a_code_only_the_hash_is_kept(park: Store) -> None:
    [card] = issue(park, "masha")
    with park.read() as session:
        kept = session.get_one(IssuedCard, "masha")
    assert kept.secret_hash == hashlib.sha256(card.secret.encode()).hexdigest()
    assert kept.issued_by == "anna"
    assert card.secret not in repr(card)
    assert card.words not in repr(card)


def test_new_words_alone_end_the_code_too(park: Store) -> None:
    [card] = issue(park, "masha")
    with park.write() as session:
        classrooms.set_passphrase(session, session.get_one(Person, "masha"), "аист айва алмаз")
    assert opens(park, card) == (False, False)
    issue(park, "masha")  # and a card can follow


def test_a_code_opens_nobody_elses_name(park: Store) -> None:
    [masha, _petya] = issue(park, "masha", "petya")
    with park.read() as session:
        assert not cards.opens(session, "petya", masha.secret)
        assert not cards.opens(session, "lena", masha.secret)


def test_a_card_speaks_the_language_of_its_pupil(park: Store) -> None:
    with park.write() as session:
        classrooms.set_language(session, "petya", "en")
    masha, petya = issue(park, "masha", "petya")
    assert (masha.language, petya.language) == ("ru", "en")
    assert set(masha.words.split()) <= set(passphrases.word_list("ru"))
    assert set(petya.words.split()) <= set(passphrases.word_list("en"))


@pytest.mark.parametrize(("language", "letters"), [("ru", "а-яё"), ("en", "a-z")])
def test_words_are_short_and_each_is_there_once(language: str, letters: str) -> None:
    words = passphrases.word_list("ru" if language == "ru" else "en")
    first, last = letters[0], letters[2]
    assert len(set(words)) == len(words) == 512
    assert [word for word in words if not 3 <= len(word) <= 9] == []
    assert [
        word
        for word in words
        if not all(first <= letter <= last or letter == "ё" for letter in word)
    ] == []


def test_the_sheet_is_kept_before_the_cards_count(park: Store, call: Call, tmp_path: Path) -> None:
    sheet = tmp_path / "6a.pdf"
    said = call("cards", "data-6a", "--pdf", str(sheet))
    assert said.startswith(f"2 cards stand in {sheet}")
    assert "OLD CARDS AND WORDS HAVE ENDED" in said
    assert sheet.read_bytes() == PDF
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    with park.read() as session:
        assert set(session.scalars(select(IssuedCard.person_name))) == {"masha", "petya"}
    assert asked_to_leave(park) == {"masha", "petya"}


def test_a_file_that_is_there_is_not_overwritten_and_no_card_ends(
    park: Store, call: Call, tmp_path: Path
) -> None:
    [card] = issue(park, "masha")
    sheet = tmp_path / "6a.pdf"
    sheet.write_text("the cards that were just printed")
    assert "is there already" in call("cards", "data-6a", "masha", "--pdf", str(sheet))
    assert sheet.read_text() == "the cards that were just printed"
    assert opens(park, card) == (True, True)


def test_where_no_sheet_can_be_drawn_no_card_ends(
    park: Store, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [card] = issue(park, "masha")

    def draw(_cards: object, _address: str) -> bytes:
        raise CardProblem("no Pango")

    monkeypatch.setattr(printing, "card_sheet", draw)
    assert call("cards", "data-6a", "--pdf", str(tmp_path / "6a.pdf")) == "no Pango"
    assert opens(park, card) == (True, True)
    assert not (tmp_path / "6a.pdf").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["data-6z"], "There is no classroom 'data-6z'."),
        (["data-6a", "nobody", "anna"], "Not pupils of data-6a: anna, nobody."),
        (["data-6a", "Маша", "lena"], "Not pupils of data-6a: lena."),
    ],
)
def test_cards_that_cannot_be_are_refused_and_none_ends(
    park: Store, call: Call, tmp_path: Path, arguments: list[str], expected: str
) -> None:
    said = call("cards", *arguments, "--pdf", str(tmp_path / "6a.pdf"))
    assert said.startswith(expected)
    assert asked_to_leave(park) == set()


@pytest.mark.parametrize("who", ["oleg", "north-admin", "chief"])
def test_no_teacher_gets_the_card_of_somebody_who_may_more_than_a_pupil(
    park: Store, call: Call, tmp_path: Path, who: str
) -> None:
    """A colleague who takes the course as a pupil: her card would be the key to all she may."""
    with park.write() as session:
        classrooms.add_members(session, "data-6a", "pupil", [who])
    sheet = str(tmp_path / "6a.pdf")
    assert call("cards", "data-6a", who, "--pdf", sheet).startswith(
        f"May do more than pupils: {who}"
    )
    assert call("cards", "data-6a", "--pdf", sheet).startswith("2 cards")


def test_a_demo_pupils_new_card_outlasts_the_next_start(
    park: Store, settings: Settings, call: Call, tmp_path: Path
) -> None:
    kept = settings.data / "secrets" / "demo.yaml"
    kept.parent.mkdir()
    kept.write_text(yaml.safe_dump({"masha": "a b c"}), encoding="utf-8")
    call("cards", "data-6a", "--pdf", str(tmp_path / "6a.pdf"))
    words = yaml.safe_load(kept.read_text("utf-8"))
    assert words.keys() == {"masha"}
    with park.read() as session:
        person = session.get_one(Person, "masha")
        assert passphrases.matches(words["masha"], person.passphrase_hash)


AT_SCHOOL, AT_HOME = "198.51.100.7", "203.0.113.5"


@pytest.mark.parametrize(
    ("name", "address", "is_allowed"),
    [
        ("masha", AT_SCHOOL, True),
        ("masha", AT_HOME, False),
        ("nobody", AT_SCHOOL, True),  # who then fails as with an old card
        ("nobody", AT_HOME, False),
        ("passer-by", AT_SCHOOL, False),  # of another site
        ("anna", AT_SCHOOL, False),  # teaches
        ("north-admin", AT_SCHOOL, False),
    ],
)
def test_who_may_do_without_words_and_where(
    park: Store, name: str, address: str, is_allowed: bool
) -> None:
    with park.write() as session:
        for site in ("north", "south"):
            found = session.get_one(Site, site)
            found.networks, found.card_alone = ["198.51.100.0/24"], site == "north"
    with park.read() as session:
        assert cards.may_do_without_words(session, name, address) is is_allowed


def test_by_default_no_site_does_without_words(park: Store) -> None:
    with park.write() as session:
        session.get_one(Site, "north").networks = ["0.0.0.0/0"]
    with park.read() as session:
        assert not cards.may_do_without_words(session, "masha", AT_SCHOOL)
