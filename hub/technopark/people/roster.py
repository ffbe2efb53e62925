"""Rosters from a spreadsheet: a CSV file becomes people and memberships, wholly or not at all.

Called by `technopark roster import`. A file is refused with every bad row named by its line; what
is refused changes nothing.
"""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from technopark.people import audit, classrooms, passphrases, rights
from technopark.people.audit import THE_PARK, Did
from technopark.people.names import is_name, normalise
from technopark.people.tables import decoded, delimiter_of
from technopark.store import Classroom, Membership, Person, Store
from technopark.yamlfile import FileError

COLUMNS = {
    "name": ("name", "login", "логин", "имя для входа"),
    "full_name": ("full_name", "full name", "фио", "ф.и.о.", "фамилия и имя", "ученик"),
    "classroom": ("classroom", "класс", "группа"),
    "role": ("role", "роль"),
}
_ROLES = {
    "": "pupil",
    "pupil": "pupil",
    "ученик": "pupil",
    "teacher": "teacher",
    "учитель": "teacher",
}


@dataclass(frozen=True)
class Row:
    """One person in one classroom, checked."""

    line: int
    name: str
    full_name: str
    classroom: str
    role: str


@dataclass(frozen=True)
class NewPerson:
    """Somebody who gets a passphrase with this import."""

    name: str
    full_name: str
    classroom: str
    passphrase: str


def import_roster(path: Path, store: Store) -> tuple[int, list[NewPerson]]:
    """Adds the people of `path` to their classrooms; nobody is taken out.

    Columns, in any order, with a heading row in Russian or English: full name, classroom, and
    where wanted the name to sign in with (else that of whoever is called so at the classroom's
    site, else made from the full name) and the role (else pupil).

    Returns:
        The number of rows, and who is new, with the passphrases that nobody can read later.

    Raises:
        FileError: the file or some of its rows cannot be used; nothing was changed.
    """
    with store.write() as session:
        rows, problems = _check(path, session)
        if problems:
            raise FileError("\n".join([*problems, f"{path}: nothing was imported"]))
        return len(rows), _write(session, rows)


def _write(session: Session, rows: list[Row]) -> list[NewPerson]:
    new: list[NewPerson] = []
    for row in rows:
        person = session.get(Person, row.name)
        words = None if person and person.passphrase_hash else passphrases.make()
        room = session.get_one(Classroom, row.classroom)
        site = person.site_id if person else room.site_id
        classrooms.ensure_person(session, row.name, row.full_name, site, words)
        session.flush()
        if session.get(Membership, (room.id, row.name)) is None:
            did = Did.TEACHER_IN if row.role == "teacher" else Did.PUPIL_IN
            audit.note(session, THE_PARK, did, whom=row.name, room=room)
        classrooms.add_members(session, row.classroom, row.role, [row.name])
        session.flush()
        if words:
            new.append(NewPerson(row.name, row.full_name, row.classroom, words))
    return new


def _check(path: Path, session: Session) -> tuple[list[Row], list[str]]:
    rows: list[Row] = []
    problems: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for line, cells in _cells(path):
        try:
            row = _row(line, cells, session, {row.name for row in rows})
            if (row.name, row.classroom) in seen:
                first = seen[row.name, row.classroom]
                raise ValueError(f"{row.name} is in {row.classroom} already, on line {first}")  # noqa: TRY301
        except ValueError as problem:
            problems.append(f"{path}:{line}: {problem}")
        else:
            seen[row.name, row.classroom] = line
            rows.append(row)
    return rows, problems


def _row(line: int, cells: dict[str, str], session: Session, taken: set[str]) -> Row:
    full_name, classroom = cells.get("full_name", ""), cells.get("classroom", "")
    if not full_name:
        raise ValueError("the full name is empty")
    room = session.get(Classroom, classroom)
    if room is None:
        raise ValueError(f"there is no classroom '{classroom}'")
    role = _ROLES.get(cells.get("role", "").lower())
    if role is None:
        raise ValueError(f"expected the role pupil or teacher, not '{cells['role']}'")
    given = cells.get("name", "")
    name = normalise(given) if given else _name_of(full_name, room.site_id, session, taken)
    if not is_name(name):
        raise ValueError(f"expected a name of letters, digits and hyphens, not '{given}'")
    if rights.is_grading_name(name):
        raise ValueError(f"'{name}': names that begin with 'grading-' are for grading servers")
    known = session.get(Person, name)
    if known and known.full_name != full_name:
        raise ValueError(f"the name '{name}' belongs to {known.full_name}, not to {full_name}")
    return Row(line, name, full_name, classroom, role)


def _name_of(full_name: str, site: str, session: Session, taken: set[str]) -> str:
    """The name of the person of this site who is called so, else a new one.

    The same full name at another school is another child, who must not get this one's work to see.
    """
    query = select(Person.name).where(Person.full_name == full_name, Person.site_id == site)
    known = sorted(session.scalars(query))
    if len(known) > 1:
        raise ValueError(
            f"{len(known)} people of {site} are called '{full_name}': {', '.join(known)}; give "
            "the name to sign in with"
        )
    return known[0] if known else free_name(full_name, session, taken)


def free_name(full_name: str, session: Session, taken: Collection[str] = ()) -> str:
    """The full name in Latin letters; a number follows where somebody has this name already.

    Raises:
        ValueError: a thousand people have it.
    """
    plain = normalise(full_name)[:36].strip("-")
    for number in range(1, 1000):
        name = plain if number == 1 else f"{plain}-{number}"
        if name not in taken and session.get(Person, name) is None:
            return name
    raise ValueError(f"no free name to sign in with is left for '{full_name}'; give one")


def _cells(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows with their line numbers, by our names of the columns."""
    text = text_of(path)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter_of(text), strict=True)
    try:
        columns = _columns(path, next(reader, []))
        for row in reader:
            if any(cell.strip() for cell in row):
                values = (" ".join(cell.split()) for cell in row)
                yield (
                    reader.line_num,
                    {name: value for name, value in zip(columns, values, strict=False) if name},
                )
    except csv.Error as error:
        raise FileError(f"{path}:{reader.line_num}: is not CSV: {error}") from None


def _columns(path: Path, heading: list[str]) -> list[str | None]:
    names = {alias: name for name, aliases in COLUMNS.items() for alias in aliases}
    columns = [names.get(cell.strip().lower()) for cell in heading]
    missing = [COLUMNS[name][0] for name in ("full_name", "classroom") if name not in columns]
    if missing:
        raise FileError(
            f"{path}:1: expected a heading row with the columns full_name and classroom "
            f"(or «ФИО» and «Класс»); missing: {', '.join(missing)}"
        )
    return columns


def text_of(path: Path) -> str:
    """The file's text: UTF-8, or Windows-1251 as Russian spreadsheets write it.

    Raises:
        FileError: it cannot be read, or is neither.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {error.strerror}") from None
    text = decoded(content)
    if text is None:
        raise FileError(f"{path}: is neither UTF-8 nor Windows-1251 text")
    return text
