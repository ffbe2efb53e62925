"""A teacher's list of pupils, typed, pasted or from a file: line by line, who is meant.

Called by `people.enrolment`. Pure: it knows nobody. Of a whole surname the first letter is kept.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from technopark.people.names import is_name
from technopark.people.refused import Refused
from technopark.people.roster import COLUMNS
from technopark.people.tables import delimiter_of

Order = Literal["surname", "given"]
"""Which of two whole words is the surname: the first one, as in a class register, or the second."""

MOST_LINES = 300
_GIVEN = ("имя", "given name", "first name")
_SURNAME = ("фамилия", "surname", "last name", "family name")
_SURNAME_FIRST = ("фио", "ф.и.о.", "фамилия и имя", "фамилия имя")
_GIVEN_FIRST = ("имя и фамилия", "имя фамилия")
_PART = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*\.?")
_NUMBERED = re.compile(r"\d+\s*[.)]?\s+|\d+[.)]\s*")
_PATRONYMIC = re.compile(r".+(?:вич|вна|чна|оглы|кызы)", re.IGNORECASE)
_SIGN_IN_NAME = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True)
class Line:
    """One line of the list; of `full_name`, `login` and `problem` one is there."""

    number: int
    text: str
    full_name: str = ""
    """Given name and first letter of the surname: `Маша П.`"""
    is_shortened: bool = False
    """Whether a whole surname stood there."""
    login: str = ""
    """The name that somebody signs in with, where the line gives that."""
    problem: Refused | None = None


def read_list(text: str, order: Order) -> list[Line]:
    """The lines with somebody on them, in order.

    Raises:
        Refused: it is empty, or far too long.
    """
    lines = [_line(number, cells, order) for number, cells in _rows(text)]
    found = [line for line in lines if line]
    if not found:
        raise Refused("Write the pupils here, one on a line.", "people")
    if len(found) > MOST_LINES:
        raise Refused("At most {most} lines at once.", "people", most=MOST_LINES)
    return found


def short_name(text: str, order: Order) -> tuple[str, bool]:
    """`Петрова Мария Ивановна` becomes `Мария П.`, and whether anything was left out.

    Raises:
        Refused: it is no name, or only a half of one.
    """
    words = text.replace(",", " ").split()
    for word in words:
        if not _PART.fullmatch(word):
            raise Refused("“{word}” is no part of a name.", word=word)
    if len(words) >= 3:  # surname, name, patronymic
        order, words = _without_patronymic(words, order)
    if len(words) == 1:
        raise Refused(
            "This is only one word: write the name and the first letter of the surname, as in "
            "“{example}”.",
            example="Маша П.",
        )
    if len(words) > 2:
        raise Refused("Only one pupil on a line: a name and a surname.")
    initials = [word for word in words if len(word.rstrip(".")) == 1]
    if len(initials) == len(words):
        raise Refused("The name is missing: only first letters are here.")
    if initials:
        (given,) = (word for word in words if word not in initials)
        return f"{_capital(given.rstrip('.'))} {initials[0][0].upper()}.", False
    surname, given = words if order == "surname" else reversed(words)
    return f"{_capital(given)} {surname[0].upper()}.", True


def _without_patronymic(words: list[str], order: Order) -> tuple[Order, list[str]]:
    """The words without it, and what its place tells of their order."""
    for place, word in enumerate(words[:3]):
        if place and _PATRONYMIC.fullmatch(word):
            rest = words[:place] + words[place + 1 :]
            return ("given" if place == 1 else "surname"), rest
    return order, words


def _capital(word: str) -> str:
    if word != word.lower() and word != word.upper():
        return word
    return "-".join(part.capitalize() for part in word.split("-"))


@dataclass(frozen=True)
class _Cells:
    """What a row says: the name, in which order, or the name to sign in with."""

    text: str
    name: str
    login: str = ""
    order: Order | None = None


def _line(number: int, cells: _Cells, order: Order) -> Line | None:
    if cells.login:
        return Line(number, cells.text, login=cells.login.lower())
    name = _NUMBERED.sub("", cells.name, count=1) if cells.name[:1].isdigit() else cells.name
    if _SIGN_IN_NAME.fullmatch(name) and is_name(name):
        return Line(number, cells.text, login=name)
    if not name:
        return None
    try:
        full_name, is_shortened = short_name(name, cells.order or order)
    except Refused as problem:
        return Line(number, cells.text, problem=problem)
    return Line(number, cells.text, full_name, is_shortened)


def _rows(text: str) -> Iterator[tuple[int, _Cells]]:
    """The rows that are not empty, each with its line; a heading says what the columns are."""
    # Not by the first line alone: a list without a heading may begin with any kind of line.
    delimiter = delimiter_of(text.replace("\n", " "))
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    heading: list[str] | None = None
    is_first = True
    try:
        for row in reader:
            cells = [" ".join(cell.split()) for cell in row]
            if not any(cells):
                continue
            if is_first and _is_heading(cells):
                heading = [cell.lower() for cell in cells]
            elif heading is None:
                yield reader.line_num, _Cells(" ".join(cells), " ".join(filter(None, cells)))
            else:
                yield reader.line_num, _by_heading(heading, cells)
            is_first = False
    except csv.Error:
        raise Refused(
            "Line {number} cannot be read: a quotation mark is wrong.",
            "people",
            number=reader.line_num,
        ) from None


def _is_heading(cells: list[str]) -> bool:
    known = {*_GIVEN, *_SURNAME, *_SURNAME_FIRST, *_GIVEN_FIRST}
    return bool({cell.lower() for cell in cells} & {*known, *COLUMNS["full_name"]})


def _by_heading(heading: list[str], cells: list[str]) -> _Cells:
    row = dict(zip(heading, cells, strict=False))

    def of(names: tuple[str, ...]) -> str:
        return next((row[name] for name in names if row.get(name)), "")

    text = " ".join(filter(None, cells))
    login = of(COLUMNS["name"])
    if given := of(_GIVEN):
        return _Cells(text, " ".join(filter(None, (of(_SURNAME), given))), login, "surname")
    order: Order | None = "surname" if set(heading) & set(_SURNAME_FIRST) else None
    if set(heading) & set(_GIVEN_FIRST):
        order = "given"
    full = of((*_SURNAME_FIRST, *_GIVEN_FIRST, *COLUMNS["full_name"], *_SURNAME))
    return _Cells(text, full, login, order)
