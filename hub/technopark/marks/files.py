"""The table of marks as a file: CSV that a Russian spreadsheet opens by itself, and XLSX. Pure.

Called by the portal. No cell of either begins a formula, whatever a pupil is called.
"""

import csv
import io
from dataclasses import dataclass

import xlsxwriter

from technopark.language import Language, translate
from technopark.marks.table import Cell, State, Table

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_STATES = {
    State.NONE: "not handed in",
    State.HANDED_IN: "not graded yet",
    State.GRADED: "in time",
    State.WAITS: "the teacher has to look",
    State.AGAIN: "handed in again, not graded yet",
}
_NARROW, _WIDE = 14, 28


@dataclass(frozen=True)
class _Grid:
    """Headings and rows; numbers are numbers."""

    headings: list[str]
    rows: list[list[str | float]]
    widths: list[int]


def file_name(classroom: str, day: str, kind: str) -> str:
    """What to call the file; `day` as 2026-11-24, `kind` `csv` or `xlsx`."""
    return f"marks-{classroom}-{day}.{kind}"


def as_csv(table: Table, language: Language) -> bytes:
    """UTF-8 with BOM, `;` between cells, numbers as the language writes them."""
    grid = _grid(table, language)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([harmless(heading) for heading in grid.headings])
    writer.writerows([[_in_csv(cell, language) for cell in row] for row in grid.rows])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(table: Table, language: Language, title: str) -> bytes:
    """One sheet whose headings and names stay in sight; points are numbers that add up.

    Args:
        table: the marks.
        language: of headings and words.
        title: of the classroom, for the file's properties.
    """
    grid, file = _grid(table, language), io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": title})
        sheet = book.add_worksheet(translate("Marks", language))
        heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        # Marked as text for good: it stays so when somebody clicks into the cell and leaves it.
        text = book.add_format({"quote_prefix": True})
        for column, words in enumerate(grid.headings):
            sheet.write_string(0, column, words, heading)
            sheet.set_column(column, column, grid.widths[column])
        for number, row in enumerate(grid.rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, float):
                    sheet.write_number(number, column, cell)
                else:
                    sheet.write_string(number, column, cell, text if is_formula(cell) else None)
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
    return file.getvalue()


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would take the text for a formula."""
    return cell.lstrip(" ").startswith(_FORMULA)


def harmless(cell: str) -> str:
    """The text with an apostrophe before it, if a spreadsheet would take it for a formula."""
    return f"'{cell}" if is_formula(cell) else cell


def _grid(table: Table, language: Language) -> _Grid:
    def words(text: str, **values: object) -> str:
        return translate(text, language, **values)

    headings = [words("Pupil"), words("Name to sign in with")]
    widths = [_WIDE, _NARROW]
    for column in table.columns:
        if column.most is None:
            headings.append(words("{assignment}: points", assignment=column.name))
        else:
            most = _number(column.most, language)
            headings.append(
                words("{assignment}: points of {most}", assignment=column.name, most=most)
            )
        headings.append(words("{assignment}: how it stands", assignment=column.name))
        widths += [_NARROW, _WIDE]
    headings += [words("Points in all"), words("Of"), words("Late works"), words("Note")]
    widths += [_NARROW, _NARROW, _NARROW, _WIDE]
    rows: list[list[str | float]] = []
    for row in table.rows:
        cells: list[str | float] = [row.full_name, row.name]
        for cell in row.cells:
            cells += ["" if cell.points is None else cell.points, _state(cell, language)]
        note = "" if row.is_member else words("has left the class")
        rows.append([*cells, float(row.points), float(table.most), float(row.late), note])
    return _Grid(headings, rows, widths)


def _state(cell: Cell, language: Language) -> str:
    said = translate(_STATES[cell.state], language)
    if not cell.is_late:
        return said
    late = translate("late", language)
    return late if cell.state is State.GRADED else f"{late}, {said}"


def _in_csv(cell: str | float, language: Language) -> str:
    return harmless(cell) if isinstance(cell, str) else _number(cell, language)


def _number(points: float, language: Language) -> str:
    """Points as the language writes them (`4,5` in Russian), two digits at most."""
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "ru" else text
