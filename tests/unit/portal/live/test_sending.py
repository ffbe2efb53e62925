"""A teacher sends a hint or a file; the page says whom it reached, the log says so for good."""

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from technopark.people import homes
from technopark.people.audit import Did
from technopark.portal.frame import PREFIX
from technopark.settings import Settings
from technopark.store import AuditEntry, Person, Pseudonym, Store

from ..conftest import Open
from .conftest import ROOM

HINT = "подсказка 2026-11-24 10-00.md"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="homes are given to pupils by root")


def sent(settings: Settings, pupil: str, folder: str = "от учителя") -> Path:
    return settings.homes / pupil / ROOM / folder


def log(park: Store) -> list[tuple[str, str]]:
    """To whom what was sent."""
    with park.read() as session:
        names = {one.pseudonym: one.name for one in session.scalars(select(Pseudonym))}
        found = session.scalars(
            select(AuditEntry).where(AuditEntry.did == Did.SENT).order_by(AuditEntry.id)
        )
        return [(names[one.whom], one.details["kind"]) for one in found]


def test_a_hint_to_one_pupil(sit_down: Open, settings: Settings, park: Store) -> None:
    anna = sit_down("anna")
    anna.see(f"classrooms/{ROOM}/send?to=masha")
    page = anna.press("Send", text="Посмотри на **отступы**")
    assert "It reached: 1" in page
    assert f"от учителя/{HINT}" in page
    text = (sent(settings, "masha") / HINT).read_text("utf-8")
    assert text == "# Подсказка\n\nПосмотри на **отступы**\n\n— Anna, 24 ноября, 10:00\n"
    assert not sent(settings, "petya").exists()
    assert log(park) == [("masha", "hint")]


def test_a_file_to_everybody_and_who_was_not_reached(
    sit_down: Open, settings: Settings, park: Store, tmp_path: Path
) -> None:
    with park.write() as session:
        session.get_one(Person, "masha").language = "en"
    trap = homes.ensure_home(settings, "petya") / ROOM
    trap.symlink_to(tmp_path)
    anna = sit_down("anna")
    anna.see(f"classrooms/{ROOM}/send")
    page = anna.press("Send", files={"file": ("../план.csv", b"a;b")})
    assert "It did not reach: 1" in page
    assert "there is something else in the place of the folder" in page
    assert (sent(settings, "masha", "from the teacher") / "план.csv").read_bytes() == b"a;b"
    assert not (tmp_path / "от учителя").exists()
    assert log(park) == [("masha", "file")]


def test_twice_the_same_is_two_files(sit_down: Open, settings: Settings) -> None:
    anna = sit_down("anna")
    for _ in range(2):
        anna.see(f"classrooms/{ROOM}/send?to=masha")
        anna.press("Send", text="Ещё раз")
    assert len(list(sent(settings, "masha").iterdir())) == 2


@pytest.mark.parametrize(
    ("typed", "file", "said"),
    [
        ({"text": "  "}, None, "Write a hint, or choose a file."),
        ({"text": "x" * 5001}, None, "A hint has 5000 letters at most"),
        ({"text": "both"}, ("a.txt", b"1"), "Send either a hint or a file"),
        ({"text": ""}, ("a.txt", b""), "This file is empty."),
        ({"text": ""}, ("a.txt", b"x" * ((8 << 20) + 1)), "A file may have 8 MB at most."),
        ({"text": "kept", "pupil": "oleg"}, None, "Choose a pupil of this class."),
    ],
    ids=["nothing", "long", "both", "empty", "large", "stranger"],
)
def test_what_is_wrong_stands_beside_the_field_and_nothing_is_sent(
    sit_down: Open,
    settings: Settings,
    park: Store,
    typed: dict[str, str],
    file: tuple[str, bytes] | None,
    said: str,
) -> None:
    anna = sit_down("anna")
    anna.see(f"classrooms/{ROOM}/send")
    page = anna.press("Send", 422, files={"file": file} if file else None, **typed)
    assert said in page
    assert typed["text"] in page, "what was typed is kept"
    assert not settings.homes.exists()
    assert log(park) == []


def test_far_too_much_is_not_even_read(sit_down: Open) -> None:
    anna = sit_down("anna")
    anna.see(f"classrooms/{ROOM}/send")
    page = anna.press("Send", 413, files={"file": ("a.bin", b"x" * (9 << 20))})
    assert "This is too large" in page


@pytest.mark.parametrize("who", ["masha", "oleg", "north-admin", "chief"])
def test_nobody_sends_but_who_teaches_this_very_class(
    sit_down: Open, settings: Settings, who: str
) -> None:
    somebody = sit_down(who)
    somebody.see(f"classrooms/{ROOM}/send", 404)
    somebody.see("join")
    seal = somebody.page.partition('name="form" value="')[2].partition('"')[0]
    form = {"form": seal, "pupil": "", "text": "Hello"}
    answer = somebody.http.post(f"{PREFIX}classrooms/{ROOM}/send", data=form)
    assert answer.status_code == 404
    assert not settings.homes.exists()
