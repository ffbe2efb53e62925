"""The timetable as a CSV table: what a school fills in, and what `bell export` writes.

Called by `commands`. A table is taken wholly or not at all: every wrong row is named by its line.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from technopark.bell.calendar import Day, Part, Place, Said, Weekly, said_by
from technopark.bell.table_rows import COLUMNS, WEEKDAYS, Row, read_row
from technopark.people.roster import text_of
from technopark.yamlfile import FileError


def read_table(path: Path, places: Mapping[str, Place]) -> Said:
    """What the table `path` says.

    Args:
        path: a CSV file, UTF-8 or Windows-1251, separated by `;` or `,`; `#` begins a comment.
        places: the classrooms that there are.

    Raises:
        FileError: the file or some of its rows cannot be used; a line for each.
    """
    parts: list[Part] = []
    problems: list[str] = []
    seen: dict[object, int] = {}
    for row in _rows(path):
        try:
            for one in read_row(row, places):
                _check_new(one, seen, row.line)
                parts.append(one)
        except ValueError as problem:
            problems.append(f"{path}:{row.line}: {problem}")
    if problems:
        raise FileError("\n".join([*problems, f"{path}: nothing was imported"]))
    return said_by(parts)


def write_table(said: Said) -> str:
    """The table that says this; `read_table` reads it back."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS), delimiter=";", lineterminator="\n")
    writer.writeheader()
    for weekly in sorted(said.weekly, key=lambda one: (one.classroom, one.weekday, one.starts)):
        writer.writerow(
            {
                "what": "lesson",
                "classroom": weekly.classroom,
                "weekday": WEEKDAYS[weekly.weekday],
                "starts": f"{weekly.starts:%H:%M}",
                "minutes": weekly.minutes,
                "from": weekly.first_day or "",
                "until": weekly.last_day or "",
                "weeks": weekly.weeks,
            }
        )
    for day in sorted(said.days, key=lambda one: (one.day, one.classroom, repr(one))):
        writer.writerow(
            {
                "what": day.kind,
                "classroom": day.classroom,
                "date": day.day,
                "starts": f"{day.starts:%H:%M}" if day.starts else "",
                "minutes": day.minutes or "",
            }
        )
    for holiday in sorted(said.holidays, key=lambda one: (one.first_day, repr(one))):
        writer.writerow(
            {
                "what": "holiday",
                "from": holiday.first_day,
                "until": holiday.last_day,
                "site": holiday.site or "",
                "title": holiday.title,
            }
        )
    return out.getvalue()


def _check_new(one: Part, seen: dict[object, int], line: int) -> None:
    """Refuses what stands in the table twice, or against another row."""
    if one in seen:
        raise ValueError(f"this stands on line {seen[one]} already")
    same: object = one
    if isinstance(one, Day):
        same = (one.classroom, one.day, one.starts, one.kind == "cancelled")
    elif isinstance(one, Weekly):
        same = replace(one, minutes=0)
    if same in seen:
        raise ValueError(f"line {seen[same]} says something else about the same lesson")
    seen[one] = seen[same] = line


def _rows(path: Path) -> Iterator[Row]:
    """The rows with their line numbers; comments and empty ones are left out."""
    lines = text_of(path).splitlines()
    kept = [(number, line) for number, line in enumerate(lines, 1) if _says_something(line)]
    if not kept:
        raise FileError(f"{path}:1: expected a heading row, such as classroom;weekday;starts")
    heading_at, heading = kept[0]
    delimiter = ";" if ";" in heading else ","
    names = {alias: name for name, aliases in COLUMNS.items() for alias in aliases}
    columns = [
        (cell.strip(), names.get(cell.strip().lower()))
        for cell in next(csv.reader([heading], delimiter=delimiter))
    ]
    unknown = [cell for cell, name in columns if cell and name is None]
    if unknown:
        raise FileError(
            f"{path}:{heading_at}: no such column: {', '.join(unknown)}; there are "
            f"{', '.join(COLUMNS)}"
        )
    for number, line in kept[1:]:
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True))
        except csv.Error as error:
            raise FileError(f"{path}:{number}: is not CSV: {error}") from None
        values = (" ".join(cell.split()) for cell in cells)
        yield Row(
            number,
            {name: value for (_, name), value in zip(columns, values, strict=False) if name},
        )


def _says_something(line: str) -> bool:
    return not line.startswith("#") and bool(line.strip(" ;,\t"))
