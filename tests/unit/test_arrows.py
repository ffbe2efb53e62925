"""Arrows go one way: which part of the park may import which (docs/architecture.md, "Layout")."""

from graphlib import TopologicalSorter

import pytest
from support.arrows import imported, imports_of, parts

from technopark.settings import SOURCE

HUB = SOURCE / "hub" / "technopark"
EXTENSIONS = SOURCE / "extensions"

GROUND = {
    "problem",
    "progress",
    "yamlfile",
    "sections",
    "lease_settings",
    "openid_settings",
    "settings",
    "language",
    "capacity",
    "planning",
    "host",
    "looplag",
    "garbage",
    "node",
    "routes",
    "own_name",
}
"""What every part stands on; it knows of no part."""

ARROWS: dict[str, set[str]] = {
    "store": set(),
    "engine": set(),
    "admission": {"engine"},
    "people": {"store"},
    "noticeboard": {"people", "store"},
    "services": set(),
    "signin": {"people", "store"},
    "exchange": {"people", "services", "store"},
    "made_up": {"exchange", "path", "people", "store"},
    "kernels": {"engine", "people", "services", "store"},
    "bell": {"engine", "people", "services", "store"},
    "egress": {"people", "store"},
    "grading": {"people", "store"},
    "marks": {"people", "store"},
    "sending": {"people", "store"},
    "path": {"exchange", "people", "store"},
    "portal": {
        "admission",
        "marks",
        "noticeboard",
        "path",
        "people",
        "safety",
        "sending",
        "services",
        "store",
    },
    "safety": {"exchange", "path", "people", "store"},
    "front": {"engine"},
    "catalogue": {"engine", "store"},
    "spawner": {"admission", "catalogue", "engine", "front", "people", "store"},
    "machine": {
        "admission",
        "catalogue",
        "engine",
        "front",
        "noticeboard",
        "path",
        "people",
        "store",
    },
    "bench": {
        "admission",
        "catalogue",
        "engine",
        "exchange",
        "kernels",
        "machine",
        "made_up",
        "people",
        "services",
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
        "made_up",
        "people",
        "safety",
        "store",
    },
}


@pytest.mark.parametrize("part", [*sorted(GROUND), *ARROWS])
def test_a_part_imports_only_what_it_rests_on(part: str) -> None:
    allowed = GROUND | ARROWS.get(part, set())
    assert {other: by for other, by in imports_of(HUB, part).items() if other not in allowed} == {}


def test_no_part_is_forgotten_and_none_rests_on_itself() -> None:
    assert parts(HUB) == GROUND | ARROWS.keys()
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
