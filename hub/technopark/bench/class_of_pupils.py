"""A class that has handed in nbgrader's own quickstart: made inside a container, by its Python.

Sent there by the bench `grade` and run as a program, so it may import nothing of the park; words:
the course's folder, how many pupils.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import nbgrader

ASSIGNMENT = "ps1"
HANDED_IN_AT = "2026-11-20 08:00:00.000000 UTC"


def make(course: Path, pupils: int) -> None:
    """Makes the course and its submissions: the quickstart's own answers, from each pupil."""
    example = Path(nbgrader.__file__).parent / "docs/source/user_guide/source" / ASSIGNMENT
    source = course / "source" / ASSIGNMENT
    shutil.copytree(example, source)
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", ASSIGNMENT],
        cwd=course,
        check=True,
    )
    for number in range(1, pupils + 1):
        folder = course / "submitted" / f"pupil-{number:03}" / ASSIGNMENT
        shutil.copytree(course / "release" / ASSIGNMENT, folder)
        (folder / "timestamp.txt").write_text(HANDED_IN_AT, encoding="utf-8")
        for path in folder.glob("*.ipynb"):
            _solve(path, source / path.name)


def _solve(path: Path, source: Path) -> None:
    answers = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in nbformat.read(source, as_version=4).cells
        if "nbgrader" in cell.metadata
    }
    book = nbformat.read(path, as_version=4)
    for cell in book.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            answer = answers[cell.metadata.nbgrader.grade_id]
            cell.source = re.sub(r"^\s*### (BEGIN|END).*\n?", "", answer, flags=re.MULTILINE)
    nbformat.write(book, path)


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
