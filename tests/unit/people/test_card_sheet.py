"""The sheet as a printer gets it: what it says, whether its codes are read, how it is cut."""

import re
import subprocess
from pathlib import Path

import pytest

from technopark.people import paper
from technopark.people.cards import Card, CardProblem, card_link, card_sheet, sheet

pytestmark = pytest.mark.slow

ADDRESS = "https://park.example"


def card(name: str, full_name: str, words: str, language: str = "ru") -> Card:
    return Card(
        name=name,
        full_name=full_name,
        classroom="Данные, 6 «А»",
        site="Школа № 11",
        language="ru" if language == "ru" else "en",
        words=words,
        secret=f"S3cret_of-{name}",
        words_hash="",
    )


CARDS = [
    card("masha", "Иволгина Маша", "ёжик луна замок"),
    card("john", "John <b>Smith</b>", "raspberry mosaic hedgehog", "en"),
    card("a" * 40, "Длиннофамильный-Предлиннофамильный Константин", "черепаха парашют снегирь"),
    *(card(f"pupil-{number}", f"Ученик {number}", "аист айва алмаз") for number in range(8)),
]


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sheet") / "6a.pdf"
    path.write_bytes(card_sheet(CARDS, ADDRESS))
    return path


def run(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_a_card_says_all_that_a_child_needs(pdf: Path) -> None:
    text = " ".join(run("pdftotext", "-layout", str(pdf), "-").split())
    for needed in ("Иволгина Маша", "Данные, 6 «А» · Школа № 11", "park.example", "masha"):
        assert needed in text
    for word in ("ёжик", "луна", "замок", "raspberry", "mosaic", "hedgehog", "a" * 20):
        assert word in text
    assert "Твои три слова" in text
    assert "Your three words" in text
    assert "John <b>Smith</b>" in text, "a name is text, whatever is in it"


def test_eleven_cards_are_two_pages_of_a4(pdf: Path) -> None:
    told = run("pdfinfo", str(pdf))
    assert re.search(r"Pages: +2\n", told)
    assert "(A4)" in told


def test_all_codes_of_the_page_are_read(pdf: Path, tmp_path: Path) -> None:
    run("pdftoppm", "-r", "150", "-png", str(pdf), str(tmp_path / "page"))
    pages = sorted(map(str, tmp_path.glob("page*.png")))
    assert len(pages) == 2
    read = run("zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", *pages).split()
    assert sorted(read) == sorted(card_link(ADDRESS, each) for each in CARDS)
    assert f"{ADDRESS}/hub/card#masha.S3cret_of-masha" in read


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:9/", "file:///etc/passwd", "data:,x"])
def test_what_a_sheet_needs_from_elsewhere_it_does_not_get(
    monkeypatch: pytest.MonkeyPatch, elsewhere: str
) -> None:
    monkeypatch.setattr(sheet, "_html", lambda _cards, _address: f'<img src="{elsewhere}">')
    with pytest.raises(CardProblem, match="needs nothing from elsewhere"):
        card_sheet([], ADDRESS)


def test_without_pango_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library() -> object:
        raise OSError("cannot load library 'libpango-1.0-0'\nand a page of advice")

    monkeypatch.setattr(paper, "_import_weasyprint", no_library)
    with pytest.raises(CardProblem, match=r"`./park up`.* installs it. No card is changed"):
        card_sheet(CARDS, ADDRESS)
