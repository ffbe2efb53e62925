"""What pupils show is made anew: whatever came, what goes out runs nothing and says no more."""

import base64
import io
import zlib
from html.parser import HTMLParser
from pathlib import Path
from threading import BoundedSemaphore

import pytest
from PIL import Image
from support.works import (
    HOSTILE_TEXTS,
    PENGUINS,
    SECRET,
    code,
    display,
    hostile,
    inline,
    markdown,
    notebook,
    photo,
    plot,
)

from technopark.path import child, making, sheet
from technopark.path.limits import LONGEST_SIDE, MOST_CELLS, MOST_PAGE_BYTES
from technopark.path.notebooks import notebook_page
from technopark.people.refused import Refused

DOES_NOTHING = {
    *("div", "span", "p", "pre", "code", "br", "hr", "blockquote", "img", "table", "caption"),
    *("thead", "tbody", "tr", "th", "td", "ul", "ol", "li", "h1", "h2", "em", "strong", "b", "i"),
}


class Reader(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def hostile_page() -> Reader:
    return Reader(notebook_page(hostile()).decode())


def test_a_hostile_notebook_has_nothing_left_that_does_anything(hostile_page: Reader) -> None:
    assert hostile_page.tags <= DOES_NOTHING
    assert {name for _, name, _ in hostile_page.attributes} <= {"class", "src", "alt"}
    sources = {value for _, name, value in hostile_page.attributes if name == "src"}
    assert sources == set(), "nothing is asked for, neither here nor elsewhere"


def test_no_class_of_the_park_s_own_pages_can_be_borrowed(hostile_page: Reader) -> None:
    classes = {value for _, name, value in hostile_page.attributes if name == "class"}
    assert not {"button", "danger"} & {one for value in classes for one in value.split()}


def test_what_a_pupil_wrote_is_still_there(hostile_page: Reader) -> None:
    assert "over all" in hostile_page.text
    assert HOSTILE_TEXTS[0] in hostile_page.text, "code is shown as the text that it is"


def test_a_pupil_s_notebook_is_shown_with_its_plot() -> None:
    page = Reader(notebook_page(PENGUINS).decode())
    assert "Мои пингвины" in page.text
    assert "mean = 4.2" in page.text
    (address,) = (value for _, name, value in page.attributes if name == "src")
    assert address.startswith("data:image/png;base64,")


def test_a_photo_inside_a_notebook_says_no_more_where_it_was_taken() -> None:
    page = notebook_page(
        notebook(
            markdown("![я](attachment:me.jpg)", **{"me.jpg": {"image/jpeg": inline(photo())}}),
            code("show()", display(image_jpeg=inline(photo()))),
        )
    ).decode()
    found = [value for _, name, value in Reader(page).attributes if name == "src"]
    assert len(found) == 2
    for address in found:
        content = base64.b64decode(address.partition(",")[2])
        assert SECRET.encode() not in content
        with Image.open(io.BytesIO(content)) as image:
            assert not image.getexif()


def test_a_picture_is_nothing_but_its_dots() -> None:
    came = photo()
    assert SECRET.encode() in came
    made = making.make("picture", came)
    assert SECRET.encode() not in made
    with Image.open(io.BytesIO(made)) as image:
        assert image.format == "JPEG"
        assert image.size == (300, 400), "turned as it was to be seen"
        assert not image.getexif()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_what_is_glued_to_a_picture_is_gone() -> None:
    made = making.make("picture", photo() + b"<script>alert('ran')</script>")
    assert b"script" not in made


def test_a_large_picture_becomes_smaller() -> None:
    with Image.open(io.BytesIO(making.make("picture", photo(4000, 3000)))) as image:
        assert max(image.size) == LONGEST_SIDE


def bomb(side: int = 30_000) -> bytes:
    """A small file that becomes 900 million dots."""
    row = zlib.compress(b"\0" * (side // 8 + 1))
    head = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        )

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", row) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("picture", bomb(), "40 million dots"),
        ("picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        ("picture", photo()[:300], "no picture"),
        ("picture", b"\0" * (11 << 20), "more than 10 MB"),
        ("notebook", b"print('no notebook')", "no notebook"),
        ("notebook", b'{"cells": 7, "nbformat": 4, "nbformat_minor": 5}', "no notebook"),
        ("notebook", b"\xff\xfe", "no notebook"),
        ("notebook", notebook(*[markdown("x")] * (MOST_CELLS + 1)), "more than 300 cells"),
        ("notebook", b" " * (6 << 20), "more than 5 MB"),
    ],
    ids=[
        *("a bomb", "svg", "half a picture", "a huge file", "a program", "damaged", "no text"),
        *("a long notebook", "a huge notebook"),
    ],
)
def test_what_cannot_be_shown_is_said_in_words(kind: str, content: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        making.make(kind, content)  # type: ignore[arg-type]


def test_a_page_never_becomes_larger_than_a_thin_line_bears() -> None:
    noise = Image.effect_noise((1200, 1200), 80)
    made = io.BytesIO()
    noise.save(made, "PNG")
    shown = display(image_png=inline(made.getvalue()))
    assert len(made.getvalue()) * 2 > MOST_PAGE_BYTES
    with pytest.raises(Refused, match="too much"):
        making.make("notebook", notebook(code("x", shown, shown)))


def test_a_long_output_is_cut() -> None:
    endless = {"output_type": "stream", "name": "stdout", "text": "7" * 1_000_000}
    assert len(notebook_page(notebook(code("x", endless)))) < 25_000


def test_whoever_opens_files_of_pupils_may_use_little_and_knows_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    assert "JUPYTERHUB_API_TOKEN" not in making._surroundings()
    monkeypatch.setattr(making, "_SECONDS", 0.01)
    with pytest.raises(Refused, match="could not make a page"):
        making.make("picture", plot())
    assert child._MEMORY_BYTES < 2 << 30


def test_the_page_around_a_notebook_is_locked_up() -> None:
    page = sheet.page(b"<p>x</p>", "<b>&", "/back", "Назад", "ru")
    assert "<title>&lt;b&gt;&amp;</title>" in page
    policy = sheet.policy()
    for word in ("sandbox;", "default-src 'none'", "form-action 'none'", "img-src data:"):
        assert word in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy


def test_making_imports_no_large_library_into_the_portal() -> None:
    for name in ("making", "sheet", "works", "child", "limits"):
        text = (Path(making.__file__).parent / f"{name}.py").read_text("utf-8")
        assert "nbconvert" not in text.split('"""', 2)[2]
        assert "PIL" not in text


def test_a_class_that_shows_at_once_does_not_hold_up_the_portal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(making, "_IN_LINE", BoundedSemaphore(1))
    with making._IN_LINE, pytest.raises(Refused, match="Try again in a minute"):
        making.make("picture", plot())
