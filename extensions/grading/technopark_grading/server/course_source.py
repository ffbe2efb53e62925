"""The course's assignments, from the read-only course into the teachers' own course directory.

Called when the grading server starts. What is there already stays: teachers may have changed it.
"""

import shutil
import tempfile
from pathlib import Path

PUBLISHED = Path("/course-source")
"""Where the spawner shows the source notebooks of the classroom's course version."""


def copy_missing(published: Path, source: Path) -> list[str]:
    """Copy each published assignment that `source` does not have; answer their names."""
    if not published.is_dir():
        return []
    source.mkdir(parents=True, exist_ok=True)
    copied = []
    for assignment in sorted(path for path in published.iterdir() if path.is_dir()):
        if not (source / assignment.name).exists():
            # Copied beside and moved: a server that stops meanwhile leaves no half assignment.
            with tempfile.TemporaryDirectory(dir=source.parent) as draft:
                whole = Path(draft) / assignment.name
                shutil.copytree(assignment, whole)
                whole.rename(source / assignment.name)
            copied.append(assignment.name)
    return copied
