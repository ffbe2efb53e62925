"""The robot's machinery: wheels with motors, sensors, where it is and what it touches.

Moved by `world.py`, read by the pupils' devices. It knows nothing of commands such as
"straight 200": those are movements (`pybricks/`), which tell the wheels what to follow.
"""

import math
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

import mujoco
import numpy as np

from technopark_robots import mjcf, paint
from technopark_robots.layout import Layout, Paint, Point

# The wheel regulator: share of full power per degree and per degree a second of error.
KP: Final = 0.045
KD: Final = 0.0018
FRICTION_POWER: Final = mjcf.DRY_FRICTION / mjcf.STALL_TORQUE

ULTRASONIC_LIMIT: Final = 2000.0
# The sensor hears the nearest thing in a narrow cone, in degrees to the sides.
ULTRASONIC_CONE: Final = (-10.0, -5.0, 0.0, 5.0, 10.0)
ROLLING_CONTACTS: Final = 3  # two wheels and the caster; anything more is the bumper


class Drive(Enum):
    """What a wheel's motor does."""

    COAST = auto()
    BRAKE = auto()
    POWER = auto()
    FOLLOW = auto()


@dataclass
class Wheel:
    """A wheel with its motor; angles in degrees, forward is positive."""

    data: mujoco.MjData
    position_index: int
    speed_index: int
    power_index: int
    drive: Drive = Drive.COAST
    power: float = 0.0
    target_angle: float = 0.0
    target_speed: float = 0.0
    leader: object | None = None

    @property
    def angle(self) -> float:
        """How far the wheel has turned, in degrees."""
        return math.degrees(self.data.qpos[self.position_index])

    @property
    def speed(self) -> float:
        """How fast the wheel turns, in degrees per second."""
        return math.degrees(self.data.qvel[self.speed_index])

    def coast(self) -> None:
        """Switches the motor off; the wheel spins freely."""
        self.drive, self.power, self.leader = Drive.COAST, 0.0, None

    def brake(self) -> None:
        """Lets the motor resist the turning."""
        self.drive, self.power, self.leader = Drive.BRAKE, 0.0, None

    def push(self, power: float) -> None:
        """Runs the motor at a power from -1 to 1, whatever speed comes of it."""
        self.drive, self.power, self.leader = Drive.POWER, power, None

    def follow(self, angle: float, speed: float, leader: object) -> None:
        """Keeps the wheel at `angle` (degrees), which moves on at `speed` (degrees a second).

        `leader` is the device that says so; it may go on from there as long as it leads.
        """
        self.drive, self.leader = Drive.FOLLOW, leader
        self.target_angle, self.target_speed = angle, speed

    def error(self) -> float:
        """How far the wheel lags behind what it follows, in degrees."""
        return self.target_angle - self.angle if self.drive is Drive.FOLLOW else 0.0

    def regulate(self) -> None:
        """Sets the motor's controls for the next step of physics."""
        if self.drive is Drive.FOLLOW:
            self.power = self.needed_power()
        self.data.ctrl[self.power_index] = self.power
        self.data.ctrl[self.power_index + 1] = 0.0 if self.drive is Drive.COAST else 1.0

    def needed_power(self) -> float:
        """What the target's speed needs, corrected by how far and how fast the wheel is off."""
        wanted = self.target_speed / mjcf.NO_LOAD_SPEED
        if self.target_speed:
            wanted += math.copysign(FRICTION_POWER, self.target_speed)
        wanted += KP * (self.target_angle - self.angle) + KD * (self.target_speed - self.speed)
        return max(-1.0, min(1.0, wanted))


@dataclass
class Robot:
    """The machine in its world. Points are in mm, headings in degrees clockwise."""

    model: mujoco.MjModel
    data: mujoco.MjData
    layout: Layout
    left: Wheel = field(init=False)
    right: Wheel = field(init=False)

    def __post_init__(self) -> None:
        self.left, self.right = (self._wheel(name) for name in ("left", "right"))
        self._body = self.model.body("robot").id
        self._bumper = self.model.geom("bumper").id
        self._hit = np.zeros(1, dtype=np.int32)
        self._seen = (np.arange(mujoco.mjNGROUP) == mjcf.SEEN_BY_SONAR).astype(np.uint8)

    def _wheel(self, name: str) -> Wheel:
        joint = self.model.joint(name)
        power = self.model.actuator(f"{name}.power").id
        return Wheel(self.data, int(joint.qposadr[0]), int(joint.dofadr[0]), int(power))

    def regulate(self) -> None:
        """Sets both motors' controls for the next step of physics."""
        self.left.regulate()
        self.right.regulate()

    def position(self) -> Point:
        """Where the middle of the axle is."""
        return 1000 * float(self.data.qpos[0]), 1000 * float(self.data.qpos[1])

    def heading(self) -> float:
        """Where the robot looks, from -180 to 180; 0 is along x."""
        w, x, y, z = self.data.qpos[3:7]
        return -math.degrees(math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))

    def ahead(self, distance: float) -> Point:
        """The point `distance` mm ahead of the middle of the axle."""
        x, y = self.position()
        angle = -math.radians(self.heading())
        return x + distance * math.cos(angle), y + distance * math.sin(angle)

    def ultrasonic_distance(self) -> float:
        """From the ultrasonic sensor to the nearest wall or box in its cone; 2000 if none is."""
        x, y = self.ahead(mjcf.FRONT)
        start = np.array([x / 1000, y / 1000, mjcf.ULTRASONIC_HEIGHT / 1000])
        nearest = ULTRASONIC_LIMIT
        for offset in ULTRASONIC_CONE:
            angle = -math.radians(self.heading() + offset)
            direction = np.array([math.cos(angle), math.sin(angle), 0.0])
            metres = mujoco.mj_ray(
                self.model, self.data, start, direction, self._seen, 1, self._body, self._hit
            )
            if metres >= 0:
                nearest = min(nearest, 1000 * metres)
        return nearest

    def reflection(self) -> float:
        """Light that the floor under the colour sensor returns, in percent."""
        return paint.reflection(self.layout, self.ahead(mjcf.COLOR_SENSOR_AHEAD))

    def paint_below(self) -> Paint:
        """The paint under the colour sensor."""
        return paint.paint_at(self.layout, self.ahead(mjcf.COLOR_SENSOR_AHEAD))

    def touched(self) -> str | None:
        """The name of the wall or box that the bumper touches."""
        if self.data.ncon <= ROLLING_CONTACTS:
            return None
        for first, second in self.data.contact.geom:
            if self._bumper in (first, second):
                return str(self.model.geom(int(second if first == self._bumper else first)).name)
        return None
