"""A hint or a file that is to be sent, under a name that harms no file system. Pure.

Called by the portal's page.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from babel.dates import format_datetime

from technopark.language import Language, translate

LONGEST_NAME = 160
"""Bytes of a file's name, half as many Russian letters: systems take 255, and a number may come."""
_NOT_IN_NAMES = '/\\:*?"<>|'
"""A pupil may take the file home on a stick to any system."""


@dataclass(frozen=True)
class Parcel:
    """One file to be put into folders."""

    name: str
    content: bytes


def of_hint(text: str, sender: str, when: datetime, language: Language) -> Parcel:
    """A hint as a note that Lab shows with its headings and code.

    Args:
        text: as the teacher typed it.
        sender: what the teacher is called.
        when: on the clock of the classroom's site.
        language: of the pupil who reads it.
    """
    heading, name = translate("Hint", language), translate("hint", language)
    day = format_datetime(when, "d MMMM, HH:mm", locale=language)
    content = f"# {heading}\n\n{text.strip()}\n\n— {sender}, {day}\n"
    return Parcel(f"{name} {when:%Y-%m-%d %H-%M}.md", content.encode())


def of_file(name: str, content: bytes, language: Language) -> Parcel:
    """A file under the name that it had at the teacher's computer, as far as that is harmless."""
    return Parcel(safe_name(name) or translate("file", language), content)


def safe_name(name: str) -> str:
    """The last part of a path without what has a meaning to any system; may be empty.

    A name never begins with a dot: hidden files are nothing that a pupil would find.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    printable = "".join(
        "_" if letter in _NOT_IN_NAMES else letter for letter in last if letter.isprintable()
    )
    found = PurePosixPath(printable.strip(" .") or ".")
    if not found.name:
        return ""
    ending = found.suffix if len(found.suffix) <= 10 else ""
    stem = found.name.removesuffix(ending) if ending else found.name
    room = LONGEST_NAME - len(ending.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + ending


def another_name(name: str, number: int) -> str:
    """The name to take where `name` is taken: `plan (2).md`."""
    path = PurePosixPath(name)
    return f"{path.stem} ({number}){path.suffix}"
