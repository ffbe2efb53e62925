"""Arrows go one way among the rooms of grading: which may import which."""

from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from support.arrows import imports_of, parts

import technopark_grading

PACKAGE = Path(technopark_grading.__file__).parent

ARROWS: dict[str, set[str]] = {
    "language": set(),
    "sandboxes": set(),
    "notebooks": {"language", "sandboxes"},
    "belief": {"notebooks", "sandboxes"},
    "gradebook": {"language", "notebooks"},
    "submission": {"belief", "gradebook", "notebooks", "sandboxes"},
    "class_run": {"language", "sandboxes", "submission"},
    # These put the rooms together: for nbgrader, for a course's author, for Jupyter Server.
    "nbgrader_settings": {"gradebook", "notebooks", "submission"},
    "check": {"nbgrader_settings", "sandboxes"},
    "server": {"class_run", "gradebook", "language"},
}


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_imports_what_it_rests_on_and_nothing_else(room: str) -> None:
    assert imports_of(PACKAGE, room).keys() == ARROWS[room]


def test_no_room_is_forgotten_and_none_rests_on_itself() -> None:
    assert parts(PACKAGE) == ARROWS.keys()
    TopologicalSorter(ARROWS).prepare()  # raises CycleError
