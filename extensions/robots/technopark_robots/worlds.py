"""The ready worlds: what stands and is painted where, and what is to be done there.

Called by `World.square()` and its sisters. Plain data; lengths in mm.
"""

import math
from typing import Final

from technopark_robots import mjcf
from technopark_robots.errors import WrongArgumentError, positive
from technopark_robots.layout import Block, Layout, Patch, Point, Stripe
from technopark_robots.layout import room as walls
from technopark_robots.messages import say
from technopark_robots.mission import FreeDrive, Mission, Parking, Route

MARK: Final = (90.0, 90.0)
LINE_WIDTH: Final = 30.0


def square(side: float) -> tuple[Layout, Mission]:
    """Marks at the corners of a square that begins at the robot and lies ahead to its right."""
    side = positive("World.square", "side", side)
    corners: tuple[Point, ...] = ((side, 0), (side, -side), (0, -side), (0, 0))
    marks: tuple[Stripe | Patch, ...] = (
        Stripe((corners[3], *corners), 6, "yellow"),
        *(Patch(corner, MARK, "blue") for corner in corners[:3]),
        Patch(corners[3], MARK, "green"),
    )
    margin = 300
    layout = Layout((-margin, -side - margin), (side + margin, margin), marks=marks)
    return layout, Route(corners)


def warehouse() -> tuple[Layout, Mission]:
    """A hall of 1.6 m by 1.2 m: two rows of boxes leave a winding way to the green mark."""
    corner, opposite = (-200.0, -900.0), (1400.0, 300.0)
    goal = (1200.0, -700.0)
    boxes = (
        Block("box", (660, 60), (160, 480, 100)),
        Block("box", (100, -560), (200, 200, 100)),
        Block("box", (960, -700), (160, 400, 100)),
        Block("box", (1200, 180), (160, 160, 100)),
    )
    layout = Layout(
        corner,
        opposite,
        blocks=(*walls(corner, opposite), *boxes),
        marks=(Patch((0, 0), (220, 180), "yellow"), Patch(goal, (200, 200), "green")),
    )
    return layout, Route((goal,), radius=100)


def room(length: float, width: float) -> tuple[Layout, Mission]:
    """A room with the robot a little off its middle."""
    length = positive("World.room", "length", length)
    width = positive("World.room", "width", width)
    corner, opposite = (-0.45 * length, -0.6 * width), (0.55 * length, 0.4 * width)
    return Layout(corner, opposite, blocks=walls(corner, opposite)), FreeDrive()


def wall(distance: float) -> tuple[Layout, Mission]:
    """A straight road; the green strip to stop in ends 50 mm before the wall."""
    face = mjcf.FRONT + positive("World.wall", "distance", distance)
    near, far = face - 150, face - 50
    layout = Layout(
        (-200, -300),
        (face + 20, 300),
        blocks=(Block("wall", (face + 10, 0), (20, 600, 160)),),
        marks=(Patch(((near + far) / 2, 0), (far - near, 300), "green"),),
    )
    return layout, Parking((near, -150), (far, 150))


def line(course: str) -> tuple[Layout, Mission]:
    """A line from under the colour sensor to a green finish."""
    if course not in COURSES:
        known = ", ".join(repr(name) for name in COURSES)
        raise WrongArgumentError(say("line-unknown", course=repr(course), known=known))
    points = COURSES[course]
    before, last = points[-2], points[-1]
    length = math.hypot(last[0] - before[0], last[1] - before[1])
    beyond = tuple(b + (b - a) / length * 60 for a, b in zip(before, last, strict=True))
    finish = Patch((beyond[0], beyond[1]), (140, 140), "green")
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    layout = Layout(
        (min(xs) - 300, min(ys) - 300),
        (max(xs) + 350, max(ys) + 300),
        marks=(Stripe(points, LINE_WIDTH, "black"), finish),
    )
    return layout, Route((*points[::4], last), radius=90)


def arc(centre: Point, radius: float, begin: float, end: float) -> tuple[Point, ...]:
    """Points of a circle's part, from angle `begin` to `end` (degrees from x towards y)."""
    count = max(2, round(abs(end - begin) / 10))
    angles = [math.radians(begin + (end - begin) * step / count) for step in range(count + 1)]
    return tuple(
        (centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle))
        for angle in angles
    )


COURSES: Final[dict[str, tuple[Point, ...]]] = {
    "bend": ((40, 0), (500, 0), *arc((500, -350), 350, 80, 0), (850, -700)),
    "snake": (
        (40, 0),
        (300, 0),
        *arc((300, 300), 300, -80, 0),
        *arc((900, 300), 300, 180, 0)[1:],
        *arc((1500, 300), 300, 180, 270)[1:],
        (1800, 0),
    ),
}
