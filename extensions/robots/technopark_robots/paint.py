"""What the colour sensor sees on the painted floor.

Called by the robot for every reading. It is geometry alone: the sensor looks at a round spot, and
the nearer a mark's edge is to the middle of the spot, the more of the mark it sees.
"""

import math
from typing import Final

from technopark_robots.layout import Layout, Paint, Patch, Point, Stripe

# Hue (degrees), saturation and brightness (percent) of the paints, and how much light they return.
HUES: Final[dict[Paint, tuple[float, float, float]]] = {
    "black": (0, 0, 8),
    "white": (0, 0, 96),
    "green": (120, 90, 60),
    "red": (0, 92, 85),
    "blue": (220, 90, 70),
    "yellow": (55, 90, 95),
}
REFLECTIONS: Final[dict[Paint, float]] = {
    "black": 6.0,
    "white": 98.0,
    "green": 30.0,
    "red": 62.0,
    "blue": 24.0,
    "yellow": 80.0,
}
SPOT_RADIUS: Final = 6.0


def reflection(layout: Layout, point: Point) -> float:
    """Reflected light at `point` (mm) in percent, 0-100, averaged over the sensor's spot."""
    light = REFLECTIONS["white"]
    for mark in layout.marks:
        share = covered(mark, point)
        light += share * (REFLECTIONS[mark.paint] - light)
    return light


def paint_at(layout: Layout, point: Point) -> Paint:
    """The paint that covers most of the sensor's spot at `point` (mm)."""
    paint: Paint = "white"
    for mark in layout.marks:
        if covered(mark, point) > 0.5:
            paint = mark.paint
    return paint


def covered(mark: Stripe | Patch, point: Point) -> float:
    """The share (0-1) of the sensor's spot at `point` that `mark` covers."""
    if isinstance(mark, Stripe):
        inside = depth_in_stripe(mark, point)
    else:
        inside = depth_in_patch(mark, point)
    depth = max(-1.0, min(1.0, inside / SPOT_RADIUS))
    # The part of a circle on one side of a straight edge: a circular segment.
    return 0.5 + (depth * math.sqrt(1 - depth * depth) + math.asin(depth)) / math.pi


def depth_in_stripe(stripe: Stripe, point: Point) -> float:
    """How deep (mm) `point` lies inside the stripe; negative outside."""
    nearest = min(
        distance_to_segment(point, begin, end)
        for begin, end in zip(stripe.points, stripe.points[1:], strict=False)
    )
    return stripe.width / 2 - nearest


def depth_in_patch(patch: Patch, point: Point) -> float:
    """How deep (mm) `point` lies inside the rectangle; negative outside."""
    return min(
        patch.size[0] / 2 - abs(point[0] - patch.centre[0]),
        patch.size[1] / 2 - abs(point[1] - patch.centre[1]),
    )


def distance_to_segment(point: Point, begin: Point, end: Point) -> float:
    """Distance (mm) from `point` to the straight piece from `begin` to `end`."""
    along_x, along_y = end[0] - begin[0], end[1] - begin[1]
    to_x, to_y = point[0] - begin[0], point[1] - begin[1]
    share = (to_x * along_x + to_y * along_y) / (along_x * along_x + along_y * along_y)
    share = max(0.0, min(1.0, share))
    return math.hypot(to_x - share * along_x, to_y - share * along_y)
