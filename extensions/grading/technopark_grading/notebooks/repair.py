"""From whatever a pupil handed in to a notebook that nbgrader can grade, and the reasons for it.

Called for each notebook before nbgrader sees it. It only reads what was handed in and never changes
or deletes it; the released version tells which cells have to be there.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from technopark_grading.notebooks import reasons
from technopark_grading.notebooks.reasons import Reason

MAX_BYTES = 64 * 1024 * 1024
"""A larger file is not read: what the exchange accepts is smaller."""

_CELL_TYPES = {"code", "markdown", "raw"}


class UnreadableError(ValueError):
    """The file is no notebook; says why."""


@dataclass(frozen=True)
class Handed:
    """A pupil's notebook: where it is, and its name when that is not the one expected."""

    path: Path
    other_name: str | None = None


def repaired(handed: Handed | None, released: NotebookNode) -> NotebookNode:
    """The pupil's notebook, fit to be graded, with the reasons noted on it.

    Args:
        handed: what the pupil handed in, or None when there is nothing.
        released: the version that pupils got. It stands in where nothing can be read.
    """
    if handed is None:
        return stand_in(released, Reason.MISSING)
    try:
        submitted = read(handed.path)
    except UnreadableError as problem:
        return stand_in(released, Reason.UNREADABLE, str(problem))
    if not any(cell.source.strip() for cell in submitted.cells):
        return stand_in(released, Reason.EMPTY)
    if handed.other_name is not None:
        reasons.add(submitted, Reason.RENAMED, handed.other_name)
    _use_released_kernel(submitted, released)
    _put_back_cells(submitted, released)
    return submitted


def stand_in(released: NotebookNode, reason: Reason, detail: str = "") -> NotebookNode:
    """The released notebook in the place of one that cannot be graded, with the reason on it."""
    nb = nbformat.from_dict(released)
    nb.cells = _clean_cells(released.cells)
    reasons.add(nb, reason, detail)
    return nb


def read(path: Path) -> NotebookNode:
    """Read a notebook of any format as a clean one: known cell types, no outputs, unique ids.

    Raises:
        UnreadableError: when the file is too large, is not JSON or holds no notebook.
    """
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableError(f"more than {MAX_BYTES // 1024**2} MB")
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    if not text.strip():
        return _notebook([], {})
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise UnreadableError(f"not JSON: {problem}") from None
    if not isinstance(content, dict):
        raise UnreadableError(f"expected a notebook, got {type(content).__name__}")
    return _notebook_of(content)


def grade_ids(nb: NotebookNode) -> set[str]:
    """The ids by which nbgrader knows the notebook's cells."""
    return {grade_id for cell in nb.cells if (grade_id := _grade_id(cell))}


def _notebook_of(content: dict[str, Any]) -> NotebookNode:
    node = nbformat.from_dict(content)
    try:
        if node.get("nbformat", 4) < 4:
            node = nbformat.convert(node, 4)
        cells = _clean_cells(node.get("cells", []))
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise UnreadableError(f"no notebook: {problem}") from None
    metadata = node.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    return _notebook(cells, {"kernelspec": kernel} if isinstance(kernel, dict) else {})


def _notebook(cells: list[NotebookNode], metadata: dict[str, Any]) -> NotebookNode:
    return nbformat.v4.new_notebook(cells=cells, metadata=nbformat.from_dict(metadata))


def _clean_cells(cells: Iterable[Any]) -> list[NotebookNode]:
    """New cells with the text and metadata of the given ones; what is no cell is left out."""
    clean = []
    for cell in cells:
        if not isinstance(cell, dict) or cell.get("cell_type") not in _CELL_TYPES:
            continue
        source = cell.get("source", "")
        if isinstance(source, list):
            source = "".join(str(line) for line in source)
        make = getattr(nbformat.v4, f"new_{cell['cell_type']}_cell")
        metadata = cell.get("metadata")
        fresh = make(source=str(source), metadata=metadata if isinstance(metadata, dict) else {})
        if isinstance(cell.get("attachments"), dict) and cell["cell_type"] != "code":
            fresh["attachments"] = cell["attachments"]
        clean.append(fresh)
    return clean


def _grade_id(cell: NotebookNode) -> str | None:
    marks = cell.metadata.get("nbgrader")
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    return grade_id if isinstance(grade_id, str) and grade_id else None


def _use_released_kernel(nb: NotebookNode, released: NotebookNode) -> None:
    """Take the released kernel, since the pupil's own choice may not exist here."""
    theirs = nb.metadata.get("kernelspec", {}).get("name", "python3")
    ours = released.metadata.get("kernelspec", {"name": "python3", "display_name": "Python 3"})
    if theirs not in {ours.get("name"), "python3", "python"}:
        reasons.add(nb, Reason.WRONG_KERNEL, str(theirs))
    nb.metadata["kernelspec"] = nbformat.from_dict(ours)


def _put_back_cells(nb: NotebookNode, released: NotebookNode) -> None:
    """Make the cells that nbgrader knows whole again: once each, unedited tests, none missing."""
    originals = {grade_id: cell for cell in released.cells if (grade_id := _grade_id(cell))}
    _keep_one_of_each(nb, originals)
    edited = [
        grade_id
        for cell in nb.cells
        if (grade_id := _grade_id(cell)) and _take_back(cell, originals[grade_id])
    ]
    missing = _insert_missing(nb, originals)
    if edited:
        reasons.add(nb, Reason.TESTS_EDITED, ", ".join(edited))
    if missing:
        reasons.add(nb, Reason.TESTS_DELETED, ", ".join(missing))


def _keep_one_of_each(nb: NotebookNode, originals: dict[str, NotebookNode]) -> None:
    """Let one cell carry each id: the last one with an answer, else the last one."""
    carriers: dict[str, list[NotebookNode]] = {}
    for cell in nb.cells:
        grade_id = _grade_id(cell)
        if grade_id in originals:
            carriers.setdefault(str(grade_id), []).append(cell)
        else:
            cell.metadata.pop("nbgrader", None)
    twice = [grade_id for grade_id, cells in carriers.items() if len(cells) > 1]
    for grade_id in twice:
        cells = carriers[grade_id]
        untouched = originals[grade_id].source.strip()
        answered = [cell for cell in cells if cell.source.strip() != untouched]
        keep = cells[-1] if _is_locked(originals[grade_id]) or not answered else answered[-1]
        for cell in cells:
            if cell is not keep:
                cell.metadata.pop("nbgrader")
    if twice:
        reasons.add(nb, Reason.DUPLICATE_CELLS, ", ".join(twice))


def _take_back(cell: NotebookNode, original: NotebookNode) -> bool:
    """Give a cell the type and metadata it was released with; say whether a test was edited.

    The text of a locked cell is put back too: hidden tests come later, from nbgrader's gradebook.
    """
    cell.metadata["nbgrader"] = nbformat.from_dict(original.metadata.nbgrader)
    if cell.cell_type != original.cell_type:
        (changed,) = _clean_cells([{**cell, "cell_type": original.cell_type}])
        cell.clear()
        cell.update(changed)
    if not _is_locked(original):
        return False
    edited: bool = cell.source.strip() != original.source.strip()
    cell.source = original.source
    return edited


def _insert_missing(nb: NotebookNode, originals: dict[str, NotebookNode]) -> list[str]:
    """Put each missing cell near the place it was released at; return their ids.

    A missing cell for a program is left out: its untouched text would overwrite what the pupil
    may have written in a cell of their own.
    """
    order = list(originals)
    inserted = []
    for number, (grade_id, original) in enumerate(originals.items()):
        if _place(nb, [grade_id]) is not None or _is_program(original):
            continue
        if _is_setup(original):
            before = _place(nb, reversed(order[:number]))
            place = 0 if before is None else before + 1
        else:
            # a test goes as late as it may: after whatever the pupil wrote for it
            after = _place(nb, order[number + 1 :])
            place = len(nb.cells) if after is None else after
        nb.cells[place:place] = _clean_cells([original])
        inserted.append(grade_id)
    return inserted


def _place(nb: NotebookNode, wanted: Iterable[str]) -> int | None:
    """Where the first of the wanted ids that is there at all stands."""
    places = {_grade_id(cell): place for place, cell in enumerate(nb.cells)}
    return next((places[grade_id] for grade_id in wanted if grade_id in places), None)


def _marks(cell: NotebookNode) -> dict[str, Any]:
    marks: dict[str, Any] = cell.metadata.nbgrader
    return marks


def _is_locked(cell: NotebookNode) -> bool:
    marks = _marks(cell)
    return not marks.get("solution") and bool(marks.get("grade") or marks.get("locked"))


def _is_setup(cell: NotebookNode) -> bool:
    return _is_locked(cell) and not _marks(cell).get("grade")


def _is_program(cell: NotebookNode) -> bool:
    marks = _marks(cell)
    return bool(marks.get("solution")) and not marks.get("grade")
