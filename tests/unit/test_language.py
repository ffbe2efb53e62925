"""Pages speak the reader's language."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from technopark import language
from technopark.portal.hub import hub_pages


def _browser(header: str, cookie: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(
        get_cookie=lambda _name: cookie,
        request=SimpleNamespace(headers={"Accept-Language": header}),
    )


@pytest.mark.parametrize(
    ("header", "cookie", "wanted"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", None, "ru"),
        ("en-GB,en;q=0.9", None, "en"),
        ("en-GB,en;q=0.9", "ru", "ru"),
        ("de-DE,de", None, "ru"),
        ("", None, "ru"),
        ("en", "xx", "en"),
        ("de,en;q=0.5,ru;q=0.6", None, "ru"),
        ("ru;q=0.1,en", None, "en"),
        ("de;q=x,*", None, "ru"),
    ],
)
def test_what_was_chosen_counts_then_what_the_browser_asks_for(
    header: str, cookie: str | None, wanted: str
) -> None:
    assert language.of_request(_browser(header, cookie), "ru") == wanted


def test_every_text_of_every_page_has_its_russian() -> None:
    missing = {
        text
        for template in Path(hub_pages.TEMPLATES).glob("*.html")
        for text in re.findall(r'_\("([^"]+)"\)', template.read_text("utf-8"))
        if text != "Technopark" and language.translate(text, "ru") == text
    }
    assert missing == set()


def test_values_are_filled_in() -> None:
    text = "Too many tries. Wait {seconds} seconds, look at your card and try again."
    assert "7 с" in language.translate(text, "ru", seconds=7)
    assert "7 seconds" in language.translate(text, "en", seconds=7)
