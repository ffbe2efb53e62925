"""What a world consists of: floor, walls, boxes, painted marks, the robot's start.

Plain data, written by `worlds.py`, read by `mjcf.py` (physics) and `paint.py` (colour sensor).
Lengths are in mm; x points where the robot looks at a zero heading, y to its left; headings are
degrees clockwise seen from above, as pybricks counts them.
"""

from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Paint = Literal["black", "white", "green", "red", "blue", "yellow"]
Kind = Literal["wall", "box"]


@dataclass(frozen=True)
class Block:
    """Something solid that stands on the floor; `size` is along x, along y, and high."""

    kind: Kind
    centre: Point
    size: tuple[float, float, float]


@dataclass(frozen=True)
class Stripe:
    """A painted line through `points`, `width` wide."""

    points: tuple[Point, ...]
    width: float
    paint: Paint


@dataclass(frozen=True)
class Patch:
    """A painted rectangle; `size` is along x and along y."""

    centre: Point
    size: Point
    paint: Paint


@dataclass(frozen=True)
class Start:
    """Where the middle of the robot's axle stands at first, and where it looks."""

    x: float = 0.0
    y: float = 0.0
    heading: float = 0.0


@dataclass(frozen=True)
class Layout:
    """One world. The floor is a white rectangle from `corner` to `opposite`.

    Later marks are painted over earlier ones.
    """

    corner: Point
    opposite: Point
    start: Start = Start()
    blocks: tuple[Block, ...] = ()
    marks: tuple[Stripe | Patch, ...] = ()


def room(corner: Point, opposite: Point, height: float = 120.0) -> tuple[Block, ...]:
    """Four walls around the rectangle from `corner` to `opposite`; the inner faces lie on it."""
    thickness = 20.0
    (x0, y0), (x1, y1) = corner, opposite
    long_x, long_y = x1 - x0 + 2 * thickness, y1 - y0
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    return (
        Block("wall", (middle_x, y0 - thickness / 2), (long_x, thickness, height)),
        Block("wall", (middle_x, y1 + thickness / 2), (long_x, thickness, height)),
        Block("wall", (x0 - thickness / 2, middle_y), (thickness, long_y, height)),
        Block("wall", (x1 + thickness / 2, middle_y), (thickness, long_y, height)),
    )
