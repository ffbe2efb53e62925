"""A robot on its wheels, for every test of this package."""

import pytest

from technopark_robots.pybricks.parameters import Direction, Port
from technopark_robots.pybricks.pupdevices import ColorSensor, Motor, UltrasonicSensor
from technopark_robots.pybricks.robotics import DriveBase


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TECHNOPARK_LANGUAGE", "en")


class Kit:
    """Builds the devices as a pupil does, after the world is made."""

    def motors(self) -> tuple[Motor, Motor]:
        return Motor(Port.A, Direction.COUNTERCLOCKWISE), Motor(Port.B)

    def base(self, axle_track: float = 112) -> DriveBase:
        return DriveBase(*self.motors(), wheel_diameter=56, axle_track=axle_track)

    def eye(self) -> UltrasonicSensor:
        return UltrasonicSensor(Port.D)

    def color(self) -> ColorSensor:
        return ColorSensor(Port.C)


@pytest.fixture
def kit() -> Kit:
    return Kit()
