"""The 3D view: small enough for a school's line, and never made while grading."""

import pickle
import sys

import ipywidgets
import pytest
from ipywidgets.widgets import widget

from technopark_robots import World


@pytest.fixture
def states():
    """Tells what goes to the browser: the state of every widget made during the test."""
    known = set(widget._instances)
    yield lambda: [
        made.get_state() for model, made in widget._instances.items() if model not in known
    ]
    ipywidgets.Widget.close_all()


def test_a_drive_is_shown_with_its_trail_and_controls(kit, states):
    world = World.square()
    kit.base().straight(400)
    player = world.show()
    models = [state.get("_model_name") for state in states()]
    assert {"PlayModel", "SelectionSliderModel", "RendererModel", "Line2Model"} <= set(models)
    assert "Score: 25 of 100" in player.children[-1].value


def test_moving_the_slider_takes_the_robot_to_that_moment(kit, states):
    world = World.square()
    kit.base().straight(400)
    player = world.show()
    player._slider.index = 10
    assert player._action.time == pytest.approx(1.0)


def test_a_minute_of_driving_fits_in_a_quarter_of_a_megabyte(kit, states):
    world = World.line("snake")
    kit.base().drive(50, 10)
    world.wait(60_000)
    world.show()
    volume = 0
    for state in states():
        for value in state.values():
            buffer = value.get("buffer") if isinstance(value, dict) else None
            volume += len(pickle.dumps(value)) if buffer is None else buffer.nbytes
    assert volume < 250_000


def test_while_grading_the_drive_is_told_in_words(kit, monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setitem(sys.modules, "pythreejs", None)
    monkeypatch.delitem(sys.modules, "technopark_robots.view", raising=False)
    world = World.square()
    kit.base().straight(400)
    assert world.show() is None
    assert "Marks in order: 1 of 4" in capsys.readouterr().out
