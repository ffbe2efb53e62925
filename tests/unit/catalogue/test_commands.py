"""An author's words on the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from technopark.catalogue import commands
from technopark.catalogue.check import CheckedAssignment, Fault, Report
from technopark.catalogue.publish import PublishError
from technopark.engine.builds import Image
from technopark.settings import Settings

Call = Callable[..., Result]


@pytest.fixture
def faults() -> list[Fault]:
    """What the check finds: nothing, until a test adds something."""
    return []


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, settings: Settings, faults: list[Fault]) -> Call:
    """`technopark course ...` with images that are there and a check that takes no time."""

    def check_course(*_: object) -> Report:
        assignment = CheckedAssignment(
            id="count", by_machine=2, by_hand=1, seconds=3, peak_mb=80, results=[], faults=faults
        )
        return Report(assignments=[assignment])

    monkeypatch.setattr(commands, "load", lambda: settings)
    monkeypatch.setattr(
        commands,
        "ensure_images",
        lambda names, *_: {name: Image(f"sha256:{name}", 1) for name in names},
    )
    monkeypatch.setattr(commands, "check_course", check_course)
    return lambda *words: CliRunner().invoke(commands.app, [str(word) for word in words])


def test_check_tells_points_and_cost_of_every_assignment(call: Call, course_folder: Path) -> None:
    answer = call("check", course_folder)
    assert answer.exit_code == 0
    assert "count: 2 points by tests and 1 by hand; 3 s, 80 MB" in answer.output


def test_check_fails_and_names_the_cell(
    call: Call, course_folder: Path, faults: list[Fault]
) -> None:
    faults.append(Fault(file="source/count/count.ipynb", cell="add-test", message="mend it"))
    answer = call("check")
    assert answer.exit_code == 1
    assert f"{course_folder}/source/count/count.ipynb: cell add-test: mend it" in answer.output


def test_a_published_course_is_listed_as_such(call: Call, course_folder: Path) -> None:
    assert "Звёзды (not published)" in call("list").output
    assert call("publish", course_folder).exit_code == 0
    assert "(not published)" not in call("list").output
    assert "stars" in call("list").output


def test_a_course_with_a_fault_is_not_published(
    call: Call, course_folder: Path, faults: list[Fault]
) -> None:
    faults.append(Fault(file="tests/count", cell=None, message="write one"))
    answer = call("publish", course_folder)
    assert isinstance(answer.exception, PublishError)
    assert "write one" in str(answer.exception)
    assert "(not published)" in call("list").output
