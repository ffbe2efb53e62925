"""Constants for ports, directions, endings of movements, and colours, as `pybricks.parameters`."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

Number = int | float


class Constant(Enum):
    """An enumeration that shows itself as a program writes it, such as Port.A."""

    def __str__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    __repr__ = __str__


class Port(Constant):
    """A socket of the hub."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


class Direction(Constant):
    """Which way a motor turns, seen from its shaft, for positive values."""

    CLOCKWISE = 0
    COUNTERCLOCKWISE = 1


class Stop(Constant):
    """What motors do at the end of a movement."""

    COAST = 0
    BRAKE = 1
    HOLD = 2
    NONE = 3
    COAST_SMART = 4


@dataclass(frozen=True)
class Color:
    """A colour: hue in degrees (0-359), saturation and brightness in percent."""

    h: Number
    s: Number = 100
    v: Number = 100

    NONE: ClassVar["Color"]
    BLACK: ClassVar["Color"]
    GRAY: ClassVar["Color"]
    WHITE: ClassVar["Color"]
    RED: ClassVar["Color"]
    ORANGE: ClassVar["Color"]
    BROWN: ClassVar["Color"]
    YELLOW: ClassVar["Color"]
    GREEN: ClassVar["Color"]
    CYAN: ClassVar["Color"]
    BLUE: ClassVar["Color"]
    VIOLET: ClassVar["Color"]
    MAGENTA: ClassVar["Color"]


Color.NONE = Color(0, 0, 0)
Color.BLACK = Color(0, 0, 10)
Color.GRAY = Color(0, 0, 50)
Color.WHITE = Color(0, 0, 100)
Color.RED = Color(0)
Color.ORANGE = Color(30)
Color.BROWN = Color(30, 100, 50)
Color.YELLOW = Color(60)
Color.GREEN = Color(120)
Color.CYAN = Color(180)
Color.BLUE = Color(240)
Color.VIOLET = Color(270)
Color.MAGENTA = Color(300)
