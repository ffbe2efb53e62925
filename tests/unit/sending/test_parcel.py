"""A hint is a note with the teacher's name; a file keeps its name as far as that is harmless."""

from datetime import UTC, datetime

import pytest

from technopark.sending.parcel import another_name, of_file, of_hint, safe_name

WHEN = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)


def test_a_hint_is_signed_and_dated_in_the_pupils_language() -> None:
    hint = of_hint("Посмотри на `range`\n", "Анна П", WHEN, "ru")
    assert hint.name == "подсказка 2026-11-24 10-05.md"
    assert hint.content.decode() == (
        "# Подсказка\n\nПосмотри на `range`\n\n— Анна П, 24 ноября, 10:05\n"
    )
    assert of_hint("Look", "Anna P", WHEN, "en").name == "hint 2026-11-24 10-05.md"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("план урока.pdf", "план урока.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\anna\\plan.csv", "plan.csv"),
        (".bashrc", "bashrc"),
        ("..", ""),
        ("", ""),
        ("a\x00b\n.txt", "ab.txt"),
        ('what?:*"<>|.txt', "what_______.txt"),
        ("data.tar.gz", "data.tar.gz"),
        ("  plan .txt  ", "plan.txt"),
    ],
)
def test_names_are_made_harmless(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("letter", ["я", "😀", "x"])
def test_a_long_name_keeps_its_ending_and_fits_every_system(letter: str) -> None:
    name = another_name(safe_name(letter * 300 + ".ipynb"), 100)
    assert name.endswith(" (100).ipynb")
    assert len(name.encode()) <= 255


def test_a_file_without_a_name_gets_one() -> None:
    assert of_file("..", b"1", "ru").name == "файл"
    assert of_file("..", b"1", "en").name == "file"
