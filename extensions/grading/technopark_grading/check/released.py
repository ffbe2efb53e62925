"""What pupils get of an author's notebook, compared with what they must not get.

Called by `course` for each notebook, before and after nbgrader made the released version.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbgrader.utils import is_grade, is_solution

_REGION = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)[^\n]*\n(.*?)[^\n]*### END \1", re.DOTALL)
_MARK = re.compile(r"#+\s*(?:BEGIN|END)\s+(?:HIDDEN|SOLUTION)", re.IGNORECASE)
_TELLING = 12
"""Characters from which on a text is no coincidence: `x = 1` may well be in a given cell."""


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """The notebook at `path`.

    Raises:
        ValueError: it is no notebook; says why.
    """
    try:
        book = nbformat.read(path, as_version=4)
        nbformat.validate(book)
    except (nbformat.ValidationError, nbformat.reader.NotJSONError, KeyError) as error:
        raise ValueError(f"is no notebook: {str(error).splitlines()[0]}") from None
    return book


def source_faults(book: nbformat.NotebookNode) -> Iterator[tuple[str | None, str]]:
    """What is wrong with an author's notebook as it stands: the cell and what to mend."""
    kernel = book.metadata.get("kernelspec", {}).get("name")
    if kernel != "python3":
        yield None, f"expected the kernel python3, not {kernel!r}: choose it and save"
    seen: set[str] = set()
    for cell in book.cells:
        name = grade_id(cell)
        if cell.get("outputs") or cell.get("execution_count"):
            yield name, "holds output: clear all outputs and save"
        if name is None:
            continue
        if name in seen:
            yield name, "two cells have this grade_id: give one of them another"
        seen.add(name)
        if cell.metadata.nbgrader.get("schema_version") != 3:
            yield name, "has nbgrader metadata of another version: expected schema_version 3"
    kinds = {(is_grade(cell), is_solution(cell)) for cell in book.cells}
    if (True, False) not in kinds:
        yield None, "has no cell with tests: an assignment needs points that the machine gives"


def grade_id(cell: nbformat.NotebookNode) -> str | None:
    """The name that the author gave to a cell, if nbgrader knows the cell."""
    name = cell.metadata.get("nbgrader", {}).get("grade_id")
    return None if name is None else str(name)


def secrets(book: nbformat.NotebookNode) -> list[tuple[str, str]]:
    """Solutions and hidden tests: the cell and the text that pupils must not see."""
    found: list[tuple[str, str]] = []
    for cell in book.cells:
        name = grade_id(cell) or "a cell without grade_id"
        regions = [match[2] for match in _REGION.finditer(cell.source)]
        if not regions and is_solution(cell):
            regions = [cell.source]
        found += [(name, text) for text in map(_squeezed, regions) if len(text) >= _TELLING]
    return found


def leaks(folder: Path, hidden: list[tuple[str, str]]) -> Iterator[tuple[str, str | None, str]]:
    """What a released assignment gives away: the file, the cell and what to mend."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".ipynb":
            for cell in nbformat.read(path, as_version=4).cells:
                for message in _told(cell.source, hidden):
                    yield name, grade_id(cell), message
        else:
            for message in _told(path.read_bytes().decode("utf-8", errors="replace"), hidden):
                yield name, None, message


def _told(text: str, hidden: list[tuple[str, str]]) -> Iterator[str]:
    if mark := _MARK.search(text):
        yield f"pupils would read {mark[0]!r}: write the mark exactly as `### BEGIN SOLUTION`"
    squeezed = _squeezed(text)
    for name, secret in hidden:
        if secret in squeezed:
            yield f"pupils would read what cell {name} keeps from them: take it out"


def _squeezed(text: str) -> str:
    return "\n".join(line for line in map(str.strip, text.splitlines()) if line)
