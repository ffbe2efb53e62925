"""What is to be done in a world, and how well a drive did it (0 to 100 points).

A mission looks only at where the robot has been and how it stands, never at the program: every way
that leads there is right. `worlds.py` gives each world its mission.
"""

import math
from dataclasses import dataclass
from typing import Protocol

from technopark_robots.layout import Point
from technopark_robots.messages import say


@dataclass(frozen=True)
class Drive:
    """What a mission may know of a drive; lengths in mm."""

    trail: tuple[Point, ...]
    nose: Point  # the middle of the front bumper, at the end
    moving: bool
    crashed: bool


class Mission(Protocol):
    """A task in a world."""

    def score(self, drive: Drive) -> int:
        """Points from 0 to 100."""

    def report(self, drive: Drive) -> str:
        """A sentence for the pupil on how far the task is done; empty without a task."""


@dataclass(frozen=True)
class FreeDrive:
    """No task: drive as you like."""

    def score(self, drive: Drive) -> int:
        """Points for a drive without an accident."""
        return 0 if drive.crashed else 100

    def report(self, drive: Drive) -> str:
        """Nothing to say."""
        del drive
        return say("mission-none")


@dataclass(frozen=True)
class Route:
    """Visit the marks in their order, the robot's middle within `radius` mm of each."""

    marks: tuple[Point, ...]
    radius: float = 50.0

    def reached(self, drive: Drive) -> int:
        """How many marks were visited in order."""
        reached = 0
        for x, y in drive.trail:
            if reached < len(self.marks):
                mark_x, mark_y = self.marks[reached]
                reached += math.hypot(x - mark_x, y - mark_y) <= self.radius
        return reached

    def score(self, drive: Drive) -> int:
        """The share of the marks that was reached."""
        return round(100 * self.reached(drive) / len(self.marks))

    def report(self, drive: Drive) -> str:
        """How many marks were reached."""
        total, score = len(self.marks), self.score(drive)
        return say("mission-route", reached=self.reached(drive), total=total, score=score)


@dataclass(frozen=True)
class Parking:
    """Stand still with the front bumper inside the rectangle from `corner` to `opposite` (mm)."""

    corner: Point
    opposite: Point

    def score(self, drive: Drive) -> int:
        """100 inside; half of it up to 100 mm off; nothing when moving, crashed or farther off."""
        if drive.moving or drive.crashed:
            return 0
        x, y = drive.nose
        off_x = max(self.corner[0] - x, 0.0, x - self.opposite[0])
        off_y = max(self.corner[1] - y, 0.0, y - self.opposite[1])
        off = math.hypot(off_x, off_y)
        if off == 0:
            return 100
        return 50 if off <= 100 else 0

    def report(self, drive: Drive) -> str:
        """The points for stopping."""
        return say("mission-parking", score=self.score(drive))
