"""An admin asks which machine is enough, before buying one."""

import pytest
from typer.testing import CliRunner

from technopark import capacity, planning
from technopark.capacity import GIGABYTE
from technopark.cli import app
from technopark.machine import MachineError
from technopark.planning import Class, Machine, in_words, plan

FORKED = Class("data", "forked", bell=40)
ORDINARY = Class("data", "ordinary", bell=40)


def test_more_memory_never_carries_fewer_pupils() -> None:
    carried = [plan(Machine(64, size * GIGABYTE), FORKED).by_memory for size in range(1, 65)]
    assert carried == sorted(carried)
    assert carried[0] == 0, "a machine with 1 GB has no room beside the park"


def test_the_memory_that_is_asked_for_is_enough_and_not_much_more() -> None:
    for pupils in (1, 30, 300, 10_000):
        size = planning.memory_needed(pupils, FORKED)
        assert capacity.servers_in_memory(size, "data", "forked") == pupils


def test_forked_servers_leave_room_for_more_pupils_and_come_sooner() -> None:
    machine = Machine(2, 24 * GIGABYTE)
    assert plan(machine, FORKED).by_memory > plan(machine, ORDINARY).by_memory
    assert plan(machine, FORKED).bell_seconds < plan(machine, ORDINARY).bell_seconds


def test_an_unknown_course_is_reckoned_as_the_largest_known() -> None:
    largest = max(capacity.LIBRARIES, key=lambda image: capacity.LIBRARIES[image].memory)
    assert capacity.libraries("chemistry") == capacity.LIBRARIES[largest]


def test_the_scarcer_of_memory_and_processors_decides() -> None:
    assert plan(Machine(1, 1024 * GIGABYTE), FORKED).carries == int(1 / capacity.LESSON_CPU)
    assert plan(Machine(1000, 1024 * GIGABYTE), FORKED).carries == capacity.MOST_SERVERS
    little = plan(Machine(1000, 8 * GIGABYTE), FORKED)
    assert little.carries == little.by_memory < little.by_cores


def test_a_region_is_told_what_it_needs_and_what_changes_on_the_way() -> None:
    said = "\n".join(in_words(plan(Machine(16, 128 * GIGABYTE), FORKED), FORKED, 10_000))
    assert "10000 pupils do not fit" in said
    assert "such machines, each with a park of its own" in said
    assert "one machine with" not in said, "no bridge holds so many containers"
    for step in planning.STEPS:
        assert step.what in said


def test_a_class_that_fits_hears_of_no_step() -> None:
    said = list(in_words(plan(Machine(8, 64 * GIGABYTE), FORKED), FORKED, 30))
    assert said[-1].startswith("30 pupils fit")
    assert not [line for line in said if "beyond" in line]


def test_no_machine_is_too_small_to_be_answered() -> None:
    said = "\n".join(in_words(plan(Machine(1, 1 * GIGABYTE), FORKED), FORKED, 30))
    assert "They need one machine with" in said
    assert "such machines" not in said


def test_the_command_answers_for_a_machine_that_is_not_this_one() -> None:
    words = ["capacity", "--cores", "8", "--memory", "64G", "--way", "forked", "--pupils", "30"]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0, said.output
    assert said.output.startswith("8 cores, 64 GB; image data, forked servers")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--memory", "5X"], "expected a size such as 512M or 1G"),
        (["--way", "slow"], "'ordinary' or 'forked'"),
        (["--image", "chemistry"], "no figures for the image 'chemistry'"),
        (["--cores", "0"], "more than 0 cores"),
    ],
)
def test_what_cannot_be_reckoned_is_said(words: list[str], told: str) -> None:
    with pytest.raises(MachineError, match=told):
        CliRunner().invoke(app, ["capacity", *words], catch_exceptions=False)
