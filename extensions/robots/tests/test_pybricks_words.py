"""Names, order of arguments and defaults are those of the `pybricks` package for real hubs."""

import inspect
import typing

import pybricks.parameters
import pybricks.pupdevices
import pybricks.robotics
import pybricks.tools
import pytest

from technopark_robots.pybricks import parameters, pupdevices, robotics, tools

CLASSES = [
    (robotics.DriveBase, pybricks.robotics.DriveBase),
    (pupdevices.Motor, pybricks.pupdevices.Motor),
    (pupdevices.UltrasonicSensor, pybricks.pupdevices.UltrasonicSensor),
    (pupdevices.ColorSensor, pybricks.pupdevices.ColorSensor),
    (tools.StopWatch, pybricks.tools.StopWatch),
    (parameters.Color, pybricks.parameters.Color),
]


def words(function: object) -> list[tuple[str, object]]:
    """The arguments as a program sees them: names in order, with their defaults."""
    return [
        (argument.name, as_written(argument.default))
        for argument in inspect.signature(function).parameters.values()
    ]


def as_written(default: object) -> object:
    return str(default) if type(default).__module__.endswith("parameters") else default


def theirs(function: object) -> list[tuple[str, object]]:
    """Their arguments; where they overload, those of the fullest form."""
    forms = typing.get_overloads(function) or [function]
    return max((words(form) for form in forms), key=len)


@pytest.mark.parametrize(("ours", "real"), CLASSES, ids=lambda each: each.__name__)
def test_a_device_has_the_words_of_the_real_one(ours, real):
    names = [name for name in vars(ours) if not name.startswith("_") or name == "__init__"]
    for name in names:
        if callable(getattr(ours, name)):
            assert words(getattr(ours, name)) == theirs(getattr(real, name)), name


def test_wait_is_theirs_too():
    assert words(tools.wait) == words(pybricks.tools.wait)


@pytest.mark.parametrize("name", ["Port", "Direction", "Stop"])
def test_constants_have_their_names(name):
    real = {member.name for member in getattr(pybricks.parameters, name)}
    assert {member.name for member in getattr(parameters, name)} <= real


def test_colors_have_their_values():
    for name in parameters.Color.__annotations__:
        if name.isupper():
            real = getattr(pybricks.parameters.Color, name)
            ours = getattr(parameters.Color, name)
            assert (ours.h, ours.s, ours.v) == (real.h, real.s, real.v)
