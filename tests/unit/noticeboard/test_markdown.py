"""Whatever a curator types, a page shows words and links, and asks no other host for anything."""

import pytest

from technopark.noticeboard import markdown


def test_words_are_made_strong_and_listed() -> None:
    page = markdown.page_of("# Ждём **вас**\n\n- раз\n- два\n")
    assert "<h3>Ждём <strong>вас</strong></h3>" in page, "below the title of the page"
    assert "<li>раз</li>" in page


@pytest.mark.parametrize(
    ("typed", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("<img src=x onerror=alert(1)>", "<img"),
        ("![кот](https://elsewhere.example/cat.png)", "<img"),
        ("[жми](javascript:alert(1))", "href"),
        ("[жми](data:text/html;base64,PHNjcmlwdD4=)", "href"),
        ("<https://a.example/ onmouseover=x>", "<a"),
        ("<iframe src=https://elsewhere.example></iframe>", "<iframe"),
        ('<p style="position:fixed">x</p>', "<p style"),
        ("[a](https://a.example 'x\" onclick=\"y')", 'onclick="'),
    ],
)
def test_nothing_that_acts_comes_through(typed: str, never: str) -> None:
    assert never not in markdown.page_of(typed)


def test_a_link_tells_its_host_nothing() -> None:
    page = markdown.page_of("[сайт](https://example.org/)")
    assert 'href="https://example.org/"' in page
    assert "noopener noreferrer nofollow ugc" in page


def test_calendars_get_the_words_alone() -> None:
    assert markdown.plain("Ждём **вас** & друзей\n\nВ субботу") == "Ждём вас & друзей\nВ субботу"
    assert markdown.plain("слово " * 100, 20).endswith("…")
    assert len(markdown.plain("слово " * 100, 20)) <= 20
