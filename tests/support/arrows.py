"""What Python files import, read from their text: for the tests that hold the arrows.

Called by the tests of arrows; it never imports what it reads.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports, wherever it does so, and what it takes from them.

    `from technopark import store` gives `technopark` and `technopark.store`.
    """
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: import by the whole name"
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names)


def parts(package: Path) -> set[str]:
    """The parts of a package: the modules and the packages right below it."""
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    return modules | {path.parent.name for path in package.glob("*/__init__.py")}


def imports_of(package: Path, part: str) -> dict[str, set[str]]:
    """Other parts of the package that `part` imports, each with the files that do."""
    module = package / f"{part}.py"
    files: Iterable[Path] = [module] if module.exists() else (package / part).rglob("*.py")
    found: dict[str, set[str]] = {}
    for file in files:
        for name in imported(file):
            top, _, inside = name.partition(".")
            other = inside.partition(".")[0]
            if top == package.name and other not in ("", part):
                found.setdefault(other, set()).add(file.name)
    return found
