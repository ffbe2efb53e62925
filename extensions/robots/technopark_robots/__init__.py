"""Robots in pupils' words: MuJoCo moves them, pythreejs shows them.

A program makes a `World`, then drives the robot in it with the devices of
`technopark_robots.pybricks`, whose words are those of the pybricks library for real machines.
"""

from technopark_robots.errors import CrashError, RobotError, TimeIsUpError
from technopark_robots.world import World

__all__ = ["CrashError", "RobotError", "TimeIsUpError", "World"]
