"""Arrows go one way: which part of the park may import which (docs/architecture.md, "Layout")."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from technopark.settings import SOURCE

HUB = SOURCE / "hub" / "technopark"
EXTENSIONS = SOURCE / "extensions"

GROUND = {
    "problem",
    "progress",
    "yamlfile",
    "settings",
    "language",
    "capacity",
    "planning",
    "host",
    "looplag",
}
"""What every part stands on; it knows of no part."""

ARROWS: dict[str, set[str]] = {
    "store": set(),
    "engine": set(),
    "admission": {"engine"},
    "people": {"store"},
    "services": set(),
    "signin": {"people", "store"},
    "exchange": {"people", "services", "store"},
    "kernels": {"engine", "people", "services", "store"},
    "bell": {"engine", "people", "services", "store"},
    "egress": {"people", "store"},
    "grading": {"people", "store"},
    "portal": {"admission", "people", "store"},
    "front": {"engine"},
    "catalogue": {"engine", "store"},
    "spawner": {"admission", "catalogue", "engine", "front", "people", "store"},
    "machine": {"admission", "catalogue", "engine", "front", "people", "store"},
    "bench": {
        "admission",
        "catalogue",
        "engine",
        "exchange",
        "kernels",
        "machine",
        "people",
        "store",
    },
    # These two put the parts together: for JupyterHub, and for whoever types a command.
    "jupyterhub": {"front", "machine", "people", "portal", "signin", "spawner"},
    "jupyterhub_config": {"admission", "jupyterhub", "machine", "store"},
    "cli": {
        "admission",
        "bell",
        "bench",
        "catalogue",
        "engine",
        "exchange",
        "front",
        "grading",
        "kernels",
        "machine",
        "people",
        "store",
    },
}


def part_of(module: str) -> str:
    """`technopark.store.models` is of the part `store`."""
    return module.split(".")[1]


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports, wherever it does so."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: import by the whole name"
            module = node.module or ""
            yield from (f"technopark.{name.name}" for name in node.names if module == "technopark")
            yield module


def imports_of(part: str) -> dict[str, set[str]]:
    """Other parts that `part` imports, each with the files that do."""
    files = [HUB / f"{part}.py"] if (HUB / f"{part}.py").exists() else (HUB / part).rglob("*.py")
    found: dict[str, set[str]] = {}
    for file in files:
        for module in imported(file):
            if module.startswith("technopark.") and part_of(module) != part:
                found.setdefault(part_of(module), set()).add(file.name)
    return found


@pytest.mark.parametrize("part", [*GROUND, *ARROWS])
def test_a_part_imports_only_what_it_rests_on(part: str) -> None:
    allowed = GROUND | ARROWS.get(part, set())
    assert {other: by for other, by in imports_of(part).items() if other not in allowed} == {}


def test_no_part_is_forgotten_and_none_rests_on_itself() -> None:
    parts = {path.stem for path in HUB.glob("*.py")} | {
        path.parent.name for path in HUB.glob("*/__init__.py")
    }
    assert parts - {"__init__"} == GROUND | ARROWS.keys()
    TopologicalSorter(ARROWS).prepare()  # raises CycleError


def test_nothing_but_the_hubs_configuration_knows_the_pages() -> None:
    assert [part for part, others in ARROWS.items() if "portal" in others] == ["jupyterhub"]


def test_what_runs_in_images_knows_nothing_of_the_hub() -> None:
    files = list(EXTENSIONS.glob("*/technopark_*/**/*.py"))
    assert files
    assert [
        file
        for file in files
        if any(module.partition(".")[0] == "technopark" for module in imported(file))
    ] == []
