"""Motors and sensors, as `pybricks.pupdevices`. Every reading takes 5 ms of simulated time."""

from collections.abc import Callable, Collection
from typing import Final

from technopark_robots import paint
from technopark_robots.errors import WrongArgumentError, number
from technopark_robots.layout import Paint
from technopark_robots.messages import say
from technopark_robots.motion import Limits, Reference
from technopark_robots.pybricks.parameters import Color, Direction, Number, Port, Stop
from technopark_robots.pybricks.wiring import plug
from technopark_robots.robot import Wheel
from technopark_robots.world import TICK_MS, World

MOTOR_SPEED: Final = 1000.0  # the highest speed a program gets, in degrees per second
MOTOR_ACCELERATION: Final = 2000.0  # degrees per second squared
POSITION_TOLERANCE: Final = 3.0  # degrees
SPEED_TOLERANCE: Final = 20.0  # degrees per second
STALL_MS: Final = 200

DETECTABLE: Final = (
    Color.RED,
    Color.YELLOW,
    Color.GREEN,
    Color.BLUE,
    Color.WHITE,
    Color.NONE,
)
SEEN: Final[dict[Paint, Color]] = {
    "black": Color.NONE,
    "white": Color.WHITE,
    "green": Color.GREEN,
    "red": Color.RED,
    "blue": Color.BLUE,
    "yellow": Color.YELLOW,
}


class Motor:
    """A wheel's motor with a rotation sensor; angles in degrees."""

    def __init__(
        self,
        port: Port,
        positive_direction: Direction = Direction.CLOCKWISE,
        gears: Collection[int] | Collection[Collection[int]] | None = None,
        reset_angle: bool = True,
        profile: Number | None = None,
    ) -> None:
        """Connects to the motor at a port of the newest world's robot.

        Arguments:
            port: A (left) or B (right).
            positive_direction: Which way positive values turn it. The left motor is mounted
                mirrored, so it drives forward COUNTERCLOCKWISE.
            gears: None; the simulated robot has no gears.
            reset_angle: Whether the angle starts at 0 or goes on counting.
            profile: None; precision is not adjustable.

        Raises:
            WrongDeviceError: there is no motor at this port.
            WrongArgumentError: gears or a profile were given.
        """
        device = plug(port, "motor")
        for argument, value in (("gears", gears), ("profile", profile)):
            if value is not None:
                raise WrongArgumentError(say("not-possible", command="Motor", argument=argument))
        self._world = World.current()
        left = device == "left-motor"
        self._wheel: Wheel = self._world.robot.left if left else self._world.robot.right
        self._sign = 1 if left == (positive_direction is Direction.COUNTERCLOCKWISE) else -1
        self._zero = self._sign * self._wheel.angle if reset_angle else 0.0
        self._reference = Reference()
        self._done = True

    def angle(self) -> int:
        """The angle turned since the start or the last reset, in degrees."""
        self._world.wait(TICK_MS)
        return round(self._angle())

    def speed(self, window: Number = 100) -> int:
        """The speed in degrees per second, averaged over the next `window` ms."""
        before = self._angle()
        milliseconds = max(TICK_MS, number("speed", "window", window))
        self._world.wait(milliseconds)
        return round(1000 * (self._angle() - before) / milliseconds)

    def reset_angle(self, angle: Number | None = None) -> None:
        """Calls the present angle `angle` degrees (0 if not given)."""
        self.stop()
        new = 0.0 if angle is None else number("reset_angle", "angle", angle)
        self._zero += self._angle() - new

    def dc(self, duty: Number) -> None:
        """Turns at a power from -100 to 100 percent, at whatever speed comes of it."""
        self._world.release((self._wheel,))
        power = max(-100.0, min(100.0, number("dc", "duty", duty)))
        self._wheel.push(self._sign * power / 100)

    def stop(self) -> None:
        """Switches the motor off and lets it spin freely."""
        self._end(Stop.COAST)

    def brake(self) -> None:
        """Switches the motor off and lets it resist the turning."""
        self._end(Stop.BRAKE)

    def hold(self) -> None:
        """Stops the motor and keeps it at its angle."""
        self._reference.position = self._angle()
        self._end(Stop.HOLD)

    def run(self, speed: Number) -> None:
        """Turns at `speed` degrees per second until the next command."""
        wanted = clamp(number("run", "speed", speed))
        self._begin(lambda seconds: self._towards(wanted, seconds))

    def run_time(
        self, speed: Number, time: Number, then: Stop = Stop.HOLD, wait: bool = True
    ) -> None:
        """Turns at `speed` degrees per second for `time` ms, then stops as `then` says."""
        wanted = clamp(number("run_time", "speed", speed))
        left = number("run_time", "time", time) / 1000

        def movement(seconds: float) -> None:
            nonlocal left
            left -= seconds
            slowing = left <= abs(self._reference.speed) / MOTOR_ACCELERATION
            self._towards(0.0 if slowing and then is not Stop.NONE else wanted, seconds)
            if left <= 0:
                self._finish(then)

        self._begin(movement, wait=wait)

    def run_angle(
        self, speed: Number, rotation_angle: Number, then: Stop = Stop.HOLD, wait: bool = True
    ) -> None:
        """Turns by `rotation_angle` degrees at `speed` degrees per second."""
        speed = number("run_angle", "speed", speed)
        turn = number("run_angle", "rotation_angle", rotation_angle)
        self._resume()
        target = self._reference.position + (turn if speed >= 0 else -turn)
        self._to(target, speed, then, wait=wait)

    def run_target(
        self, speed: Number, target_angle: Number, then: Stop = Stop.HOLD, wait: bool = True
    ) -> None:
        """Turns to `target_angle` degrees at `speed` degrees per second."""
        target = number("run_target", "target_angle", target_angle)
        self._to(target, number("run_target", "speed", speed), then, wait=wait)

    def done(self) -> bool:
        """Whether the last command is over."""
        self._world.wait(TICK_MS)
        return self._done

    def stalled(self) -> bool:
        """Whether the motor is blocked: full power, and still hardly turning for 200 ms."""
        for _ in range(STALL_MS // TICK_MS):
            self._world.wait(TICK_MS)
            if abs(self._wheel.power) < 1 or abs(self._wheel.speed) > SPEED_TOLERANCE:
                return False
        return True

    def _angle(self) -> float:
        return self._sign * self._wheel.angle - self._zero

    def _resume(self) -> None:
        """Starts the reference from the wheel's present place unless this motor leads it."""
        if self._wheel.leader is not self:
            self._reference = Reference(self._angle(), self._sign * self._wheel.speed)

    def _begin(self, movement: Callable[[float], None], *, wait: bool = False) -> None:
        self._resume()
        self._done = False
        self._world.move((self._wheel,), movement)
        while wait and not self._done:
            self._world.wait(TICK_MS)

    def _to(self, target: float, speed: float, then: Stop, *, wait: bool) -> None:
        limits = Limits(abs(clamp(speed)), MOTOR_ACCELERATION, MOTOR_ACCELERATION)

        def movement(seconds: float) -> None:
            there = self._reference.approach_target(target, limits, seconds)
            self._follow()
            if there and settled(self._wheel):
                self._finish(then)

        self._begin(movement, wait=wait)

    def _towards(self, speed: float, seconds: float) -> None:
        limits = Limits(MOTOR_SPEED, MOTOR_ACCELERATION, MOTOR_ACCELERATION)
        if abs(self._wheel.error()) < 90:  # a blocked wheel must not fall ever farther behind
            self._reference.approach_speed(speed, limits, seconds)
        self._follow()

    def _follow(self) -> None:
        angle = self._reference.position + self._zero
        self._wheel.follow(self._sign * angle, self._sign * self._reference.speed, self)

    def _finish(self, then: Stop) -> None:
        if then is Stop.NONE:
            self._done = True
        else:
            self._end(then)

    def _end(self, then: Stop) -> None:
        self._world.release((self._wheel,))
        self._done = True
        self._reference.speed = 0.0
        if then is Stop.HOLD:
            self._follow()
        elif then is Stop.BRAKE:
            self._wheel.brake()
        else:
            self._wheel.coast()


class UltrasonicSensor:
    """Measures the distance to what stands ahead."""

    def __init__(self, port: Port) -> None:
        """Connects to the sensor at a port.

        Raises:
            WrongDeviceError: there is no ultrasonic sensor at this port.
        """
        plug(port, "ultrasonic-sensor")
        self._world = World.current()

    def distance(self) -> int:
        """The distance to the nearest wall or box in mm; 2000 when nothing is near."""
        self._world.wait(TICK_MS)
        return round(self._world.robot.ultrasonic_distance())


class ColorSensor:
    """Looks at the floor just ahead of the wheels."""

    def __init__(self, port: Port) -> None:
        """Connects to the sensor at a port.

        Raises:
            WrongDeviceError: there is no colour sensor at this port.
        """
        plug(port, "color-sensor")
        self._world = World.current()
        self._detectable: Collection[Color] = DETECTABLE

    def reflection(self) -> int:
        """How much light the floor returns, in percent: black little, white nearly all."""
        self._world.wait(TICK_MS)
        return round(self._world.robot.reflection())

    def color(self, surface: bool = True) -> Color:
        """The colour of the floor, one of `detectable_colors()`; black is Color.NONE."""
        del surface  # there is only the floor to look at
        self._world.wait(TICK_MS)
        seen = SEEN[self._world.robot.paint_below()]
        return seen if seen in self._detectable else Color.NONE

    def hsv(self, surface: bool = True) -> Color:
        """The colour of the floor as measured, not rounded to a known one."""
        del surface
        self._world.wait(TICK_MS)
        return Color(*paint.HUES[self._world.robot.paint_below()])


def clamp(speed: float) -> float:
    """A motor speed (degrees per second) within what a motor can do."""
    return max(-MOTOR_SPEED, min(MOTOR_SPEED, speed))


def settled(wheel: Wheel) -> bool:
    """Whether a wheel has come to rest where it should be."""
    return abs(wheel.error()) < POSITION_TOLERANCE and abs(wheel.speed) < SPEED_TOLERANCE
