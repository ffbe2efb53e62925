"""What a pupil works at, as it follows from the cells that ran."""

from typing import Any

import pytest

from technopark_server.live.at_work import AtWork
from technopark_server.live.tasks import Tasks, tasks_of


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def cell(name: str, **nbgrader: Any) -> dict[str, Any]:
    return {"id": name, "cell_type": "code", "source": "secret", "metadata": {"nbgrader": nbgrader}}


NOTEBOOK = {
    "cells": [
        {"id": "text", "cell_type": "markdown", "source": "Read this.", "metadata": {}},
        cell("load", grade=False, solution=False, grade_id="load"),
        cell("a", grade=False, solution=True, grade_id="count"),
        cell("own"),
        cell("a-test", grade=True, solution=False, grade_id="count-test"),
        cell("b", grade=False, solution=True, grade_id="mean"),
        cell("b-test", grade=True, solution=False, grade_id="mean-test"),
        cell("essay", grade=True, solution=True, grade_id="essay"),
    ]
}
TASKS = tasks_of(NOTEBOOK)
PATH = "penguins/penguins.ipynb"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def work(clock: Clock) -> AtWork:
    numbers = iter(range(1, 99))
    made = AtWork(clock, lambda: next(numbers))
    made.opened(PATH, TASKS)
    return made


def run(work: AtWork, *cells: str, error: str = "") -> dict[str, Any]:
    for one in cells:
        work.ran(PATH, TASKS, one, error)
    return work.report()


def test_tests_belong_to_the_task_above_them() -> None:
    assert TASKS.of_cells == {
        "a": "count",
        "own": "count",
        "a-test": "count",
        "b": "mean",
        "b-test": "mean",
        "essay": "essay",
    }
    assert TASKS.tests == {"a-test", "b-test"}


def test_an_opened_notebook_is_told_with_its_tests(work: AtWork) -> None:
    assert work.report() == {"notebook": PATH, "task": "", "passed": 0, "tests": 2}


def test_tests_pass_one_by_one_and_may_fail_again(work: AtWork) -> None:
    assert run(work, "load", "a", "a-test")["passed"] == 1
    assert run(work, "b", "b-test") == {"notebook": PATH, "task": "mean", "passed": 2, "tests": 2}
    told = run(work, "a-test", error="AssertionError")
    assert (told["task"], told["passed"], told["error"]) == ("count", 1, "AssertionError")


def test_the_same_error_again_and_again_is_one(work: AtWork, clock: Clock) -> None:
    run(work, "a-test", error="AssertionError")
    for _ in range(5):
        clock.now += 60
        run(work, "a")  # the answer itself runs; it is the test that does not pass
        assert run(work, "a-test", error="AssertionError")["error"] == "AssertionError"
    assert work.error_seconds == 300


def test_another_error_is_a_step_forward(work: AtWork, clock: Clock) -> None:
    run(work, "a", error="SyntaxError")
    clock.now += 60
    run(work, "a", error="NameError")
    assert work.error_seconds == 0


@pytest.mark.parametrize("then", [("a-test",), ("b",), ("own", "a-test")])
def test_an_error_is_over(work: AtWork, then: tuple[str, ...]) -> None:
    run(work, "a-test", error="AssertionError")
    assert "error" not in run(work, *then)


def test_stop_is_no_error(work: AtWork) -> None:
    assert "error" not in run(work, "a", error="KeyboardInterrupt")


def test_what_is_no_name_of_a_class_stays_here(work: AtWork) -> None:
    assert run(work, "a", error="dear teacher, ...")["error"] == "Error"


def test_the_notebook_used_last_is_the_one(work: AtWork) -> None:
    work.opened("digits/digits.ipynb", Tasks())
    assert work.report()["notebook"] == "digits/digits.ipynb"
    assert run(work, "a")["notebook"] == PATH
    work.closed(PATH)
    assert work.report()["notebook"] == "digits/digits.ipynb"
    work.closed("digits/digits.ipynb")
    assert work.report() == {}


def test_a_hand_is_another_one_each_time(work: AtWork) -> None:
    work.raise_hand()
    work.raise_hand()
    assert work.report()["hand"] == 1
    work.lower_hand()
    assert "hand" not in work.report()
    work.raise_hand()
    assert work.report()["hand"] == 2
