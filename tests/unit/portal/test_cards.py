"""A teacher prints the cards of the class, or one for a pupil who lost it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from support.forms import form_with

from technopark.people import cards, classrooms, passphrases
from technopark.people.audit import Did, known_pseudonym
from technopark.people.cards import Card, CardProblem, printing
from technopark.portal.frame import PREFIX
from technopark.store import AuditEntry, IssuedCard, Membership, Person, SignOut, Store

from .conftest import Open, Somebody

BUTTON = "Make new cards (PDF)"
OLD_WORDS = "ёжик луна замок"
PDF = b"%PDF-1.7 drawn"

Drawn = list[Card]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    """What stands on the sheet; Pango draws it in `test_the_sheet_is_a_pdf` and in people/."""
    kept: Drawn = []

    def draw(made: Drawn, _address: str) -> bytes:
        kept[:] = made
        return PDF

    monkeypatch.setattr(printing, "card_sheet", draw)
    return kept


@pytest.fixture
def anna(sit_down: Open, park: Store) -> Somebody:
    """The teacher, before the page of the cards; her pupils have cards already."""
    with park.write() as session:
        for name in ("masha", "petya"):
            classrooms.set_passphrase(session, session.get_one(Person, name), OLD_WORDS)
        session.query(SignOut).delete()
    somebody = sit_down("anna")
    somebody.see("classrooms/data-6a")
    assert f'href="{PREFIX}classrooms/data-6a/cards"' in somebody.page
    somebody.see("classrooms/data-6a/cards")
    return somebody


@pytest.fixture
def has_old_words(park: Store) -> Callable[[str], bool]:
    def ask(name: str) -> bool:
        with park.read() as session:
            return passphrases.matches(OLD_WORDS, session.get_one(Person, name).passphrase_hash)

    return ask


def press(somebody: Somebody, **typed: str) -> tuple[str, str, bytes]:
    """Presses the button; kind and name of the file that comes, and what is in it."""
    form = form_with(somebody.page, BUTTON)
    answer = somebody.http.post(form.action, data=form.fields | typed, timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store", "words stay in no cache"
    named = answer.headers["Content-Disposition"].partition("filename=")[2]
    return answer.headers["Content-Type"], named.strip('"'), answer.content


def test_it_says_first_what_ends_with_the_old_cards(
    anna: Somebody, has_old_words: Callable[[str], bool]
) -> None:
    assert "The old cards stop working at once." in anna.page
    assert "For the whole class: 2" in anna.page
    assert has_old_words("masha"), "to look is not to print"


def test_a_whole_class_gets_new_cards(
    anna: Somebody, drawn: Drawn, park: Store, has_old_words: Callable[[str], bool]
) -> None:
    assert press(anna) == ("application/pdf", "cards-data-6a.pdf", PDF)
    assert [card.name for card in drawn] == ["masha", "petya"]
    assert not has_old_words("masha")
    with park.read() as session:
        for card in drawn:
            kept = session.get_one(Person, card.name).passphrase_hash
            assert passphrases.matches(card.words, kept)
            assert cards.opens(session, card.name, card.secret)
            assert session.get_one(IssuedCard, card.name).issued_by == "anna"
            assert session.get(SignOut, card.name), "who holds the old card is signed out"
        assert session.get(SignOut, "anna") is None
        noted = session.scalars(select(AuditEntry).where(AuditEntry.did == Did.WORDS_MADE)).all()
        assert [one.classroom_id for one in noted] == ["data-6a", "data-6a"]
        assert {one.who for one in noted} == {known_pseudonym(session, "anna")}


def test_who_lost_a_card_gets_one_and_the_others_keep_theirs(
    anna: Somebody, drawn: Drawn, has_old_words: Callable[[str], bool]
) -> None:
    _, name, _ = press(anna, pupil="petya")
    assert name == "cards-data-6a-petya.pdf"
    assert [card.name for card in drawn] == ["petya"]
    assert has_old_words("masha")
    assert not has_old_words("petya")


def test_who_is_new_gets_a_card_and_nobody_else(
    anna: Somebody, drawn: Drawn, park: Store, has_old_words: Callable[[str], bool]
) -> None:
    with park.write() as session:
        session.get_one(Person, "petya").passphrase_hash = None
    page = anna.see("classrooms/data-6a/cards")
    assert "For those who have no card yet: 1" in page
    press(anna)
    assert [card.name for card in drawn] == ["petya"], "this is what stands there at first"
    assert has_old_words("masha")


@pytest.mark.parametrize("who", ["anna", "oleg", "nobody-here", "+"])
def test_only_pupils_of_the_class_get_cards(
    anna: Somebody, drawn: Drawn, park: Store, who: str
) -> None:
    """Else a teacher could become a colleague."""
    with park.write() as session:
        session.add(Membership(classroom_id="data-6a", person_name="oleg", role="pupil"))
    page = anna.see("classrooms/data-6a/cards")
    assert "For the whole class: 2" in page
    page = anna.press(BUTTON, 422, pupil=who)
    assert "Choose a pupil of this class." in page
    assert drawn == []


def test_a_class_without_pupils_is_told_to_add_some(sit_down: Open, park: Store) -> None:
    with park.write() as session:
        session.query(Membership).filter_by(classroom_id="data-6a", role="pupil").delete()
    anna = sit_down("anna", "ru")
    assert "data-6a/cards" not in anna.see("classrooms/data-6a")
    assert "пока некому печатать" in anna.see("classrooms/data-6a/cards")


def test_what_cannot_be_drawn_changes_nothing(
    anna: Somebody, monkeypatch: pytest.MonkeyPatch, has_old_words: Callable[[str], bool]
) -> None:
    def draw(_cards: object, _address: str) -> bytes:
        raise CardProblem("Debian's Pango is not on this machine")

    monkeypatch.setattr(printing, "card_sheet", draw)
    page = anna.press(BUTTON, 422, pupil="petya")
    assert "nothing is changed: the old ones still work" in page
    assert "Pango" not in page
    assert 'value="petya" selected' in page, "what was chosen is kept"
    assert has_old_words("petya")


@pytest.mark.slow
def test_the_sheet_is_a_pdf(anna: Somebody) -> None:
    _, _, content = press(anna)
    assert content.startswith(b"%PDF-")
