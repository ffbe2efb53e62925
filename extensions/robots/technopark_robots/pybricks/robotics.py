"""Driving with two wheels, as `pybricks.robotics`. Lengths in mm, angles in degrees, right is +."""

import math
from typing import Final, overload

from technopark_robots.errors import WrongArgumentError, number, positive
from technopark_robots.messages import say
from technopark_robots.motion import Limits, Reference
from technopark_robots.pybricks.parameters import Number, Stop
from technopark_robots.pybricks.pupdevices import MOTOR_SPEED, Motor, settled
from technopark_robots.world import TICK_MS, World

Acceleration = Number | tuple[Number, Number]
Settings = tuple[int, int | tuple[int, int], int, int | tuple[int, int]]

USUAL_SHARE: Final = 0.4  # of the highest speed, unless the program sets another
SECONDS_TO_SPEED: Final = 0.25


class DriveBase:
    """A robot on two driven wheels.

    The wheels follow a reference of distance and heading; each movement starts where the last
    reference ended, so small errors do not add up.
    """

    def __init__(
        self, left_motor: Motor, right_motor: Motor, wheel_diameter: Number, axle_track: Number
    ) -> None:
        """Joins two motors to a drive.

        Arguments:
            left_motor: The motor of the left wheel.
            right_motor: The motor of the right wheel.
            wheel_diameter: In mm.
            axle_track: Distance between the points where the wheels touch the floor, in mm.

        Raises:
            WrongArgumentError: both motors are the same, or a size is not a positive number.
        """
        # What motors and drives need of each other is private: a pupil who asks the notebook what
        # a motor can do is shown the words of the real one alone.
        if left_motor._wheel is right_motor._wheel:
            raise WrongArgumentError(say("same-motor"))
        diameter = positive("DriveBase", "wheel_diameter", wheel_diameter)
        track = positive("DriveBase", "axle_track", axle_track)
        self._world: World = left_motor._world
        self._motors = (left_motor, right_motor)
        self._wheels = (left_motor._wheel, right_motor._wheel)
        self._wheel_degrees_per_mm = 360 / (math.pi * diameter)
        self._wheel_degrees_per_turn = track / diameter
        speed = USUAL_SHARE * MOTOR_SPEED / self._wheel_degrees_per_mm
        rate = USUAL_SHARE * MOTOR_SPEED / self._wheel_degrees_per_turn
        self._straight = Limits(*rounded(speed, speed / SECONDS_TO_SPEED, speed / SECONDS_TO_SPEED))
        self._turning = Limits(*rounded(rate, rate / SECONDS_TO_SPEED, rate / SECONDS_TO_SPEED))
        self._zero = self._measured_from_motors()
        self._distance, self._angle = Reference(), Reference()
        self._done = True

    def straight(self, distance: Number, then: Stop = Stop.HOLD, wait: bool = True) -> None:
        """Drives `distance` mm straight; a negative distance is backward."""
        self._travel(number("straight", "distance", distance), 0.0, then, wait=wait)

    def turn(
        self, angle: Number, then: Stop = Stop.HOLD, wait: bool = True, absolute: bool = False
    ) -> None:
        """Turns on the spot by `angle` degrees to the right; `absolute` turns to that heading."""
        turn = number("turn", "angle", angle)
        self._resume()
        if absolute:
            turn -= self._angle.position
        self._travel(0.0, turn, then, wait=wait)

    def arc(
        self,
        radius: Number,
        angle: Number | None = None,
        distance: Number | None = None,
        then: Stop = Stop.HOLD,
        wait: bool = True,
    ) -> None:
        """Drives along a circle of `radius` mm, to the right if positive, to the left if not.

        Arguments:
            radius: In mm, not zero.
            angle: How far along the circle, in degrees; or
            distance: how far, in mm.
            then: What to do at the end.
            wait: Whether the program waits for the end.

        Raises:
            WrongArgumentError: not exactly one of angle and distance, or a zero radius.
        """
        radius = number("arc", "radius", radius)
        if radius == 0:
            raise WrongArgumentError(say("arc-radius"))
        if (angle is None) == (distance is None):
            raise WrongArgumentError(say("arc-arguments"))
        if angle is not None:
            length = math.radians(number("arc", "angle", angle)) * abs(radius)
        else:
            length = number("arc", "distance", distance)
        self._travel(length, math.degrees(length / radius), then, wait=wait)

    def drive(self, speed: Number, turn_rate: Number) -> None:
        """Drives at `speed` mm/s, turning by `turn_rate` degrees a second, until told otherwise."""
        wanted_speed = number("drive", "speed", speed)
        wanted_rate = number("drive", "turn_rate", turn_rate)
        self._resume()
        self._done = False

        def movement(seconds: float) -> None:
            if max(abs(wheel.error()) for wheel in self._wheels) < 90:
                self._distance.approach_speed(wanted_speed, self._straight, seconds)
                self._angle.approach_speed(wanted_rate, self._turning, seconds)
            self._follow()

        self._world.move(self._wheels, movement)

    def stop(self) -> None:
        """Switches the motors off; the robot rolls out."""
        self._end(Stop.COAST)

    def brake(self) -> None:
        """Stops by letting the motors resist the turning."""
        self._end(Stop.BRAKE)

    def hold(self) -> None:
        """Stops and keeps the wheels where they are."""
        self._distance.position, self._angle.position = self._measured()
        self._end(Stop.HOLD)

    def distance(self) -> int:
        """The distance driven since the start or the last reset, in mm, as the wheels count it."""
        self._world.wait(TICK_MS)
        return round(self._measured()[0])

    def angle(self) -> float:
        """The angle turned since the start or the last reset, from the wheels' turning."""
        self._world.wait(TICK_MS)
        return self._measured()[1]

    def state(self) -> tuple[int, int, int, int]:
        """Distance (mm), speed (mm/s), angle (degrees), turn rate (degrees a second)."""
        self._world.wait(TICK_MS)
        left, right = self._wheels
        distance, angle = self._measured()
        speed = (left.speed + right.speed) / 2 / self._wheel_degrees_per_mm
        rate = (left.speed - right.speed) / 2 / self._wheel_degrees_per_turn
        return round(distance), round(speed), round(angle), round(rate)

    def reset(self, distance: Number = 0, angle: Number = 0) -> None:
        """Stops, and calls the present distance and angle by new numbers."""
        self.stop()
        old_distance, old_angle = self._measured()
        self._zero = (
            self._zero[0] + old_distance - number("reset", "distance", distance),
            self._zero[1] + old_angle - number("reset", "angle", angle),
        )

    @overload
    def settings(self) -> Settings: ...

    @overload
    def settings(
        self,
        straight_speed: Number | None = None,
        straight_acceleration: Acceleration | None = None,
        turn_rate: Number | None = None,
        turn_acceleration: Acceleration | None = None,
    ) -> None: ...

    def settings(
        self,
        straight_speed: Number | None = None,
        straight_acceleration: Acceleration | None = None,
        turn_rate: Number | None = None,
        turn_acceleration: Acceleration | None = None,
    ) -> Settings | None:
        """Sets speeds and accelerations of `straight`, `turn` and `arc`; or tells them.

        Arguments:
            straight_speed: In mm/s.
            straight_acceleration: In mm/s²; a pair sets acceleration and deceleration apart.
            turn_rate: In degrees a second.
            turn_acceleration: In degrees a second squared; a pair as above.

        Returns:
            The four values in force when called without arguments, else nothing.
        """
        given = (straight_speed, straight_acceleration, turn_rate, turn_acceleration)
        if all(value is None for value in given):
            return (*told(self._straight), *told(self._turning))
        self._straight = changed(self._straight, "straight", straight_speed, straight_acceleration)
        self._turning = changed(self._turning, "turn", turn_rate, turn_acceleration)
        return None

    def done(self) -> bool:
        """Whether the last movement is over."""
        self._world.wait(TICK_MS)
        return self._done

    def stalled(self) -> bool:
        """Whether a wheel is blocked although its motor gives full power."""
        return any(motor.stalled() for motor in self._motors)

    def _measured_from_motors(self) -> tuple[float, float]:
        left, right = (motor._sign * motor._wheel.angle for motor in self._motors)
        return (
            (left + right) / 2 / self._wheel_degrees_per_mm,
            (left - right) / 2 / self._wheel_degrees_per_turn,
        )

    def _measured(self) -> tuple[float, float]:
        """Distance (mm) and angle (degrees) as the wheels tell them."""
        distance, angle = self._measured_from_motors()
        return distance - self._zero[0], angle - self._zero[1]

    def _resume(self) -> None:
        """Starts the reference from the robot's present place unless it leads the wheels."""
        if any(wheel.leader is not self for wheel in self._wheels):
            distance, angle = self._measured()
            self._distance, self._angle = Reference(distance), Reference(angle)

    def _travel(self, distance: float, angle: float, then: Stop, *, wait: bool) -> None:
        """Drives `distance` mm while turning by `angle` degrees, both in step."""
        self._resume()
        begin_distance, begin_angle = self._distance.position, self._angle.position
        limits = shared_limits(distance, angle, self._straight, self._turning)
        if limits is None:
            self._end(then)
            return
        now = self._distance.speed / distance if distance else self._angle.speed / angle
        share = Reference(0.0, now)
        self._done = False

        def movement(seconds: float) -> None:
            if then is Stop.NONE:
                share.approach_speed(limits.speed, limits, seconds)
                there = share.position >= 1
            else:
                there = share.approach_target(1.0, limits, seconds)
            self._distance = Reference(
                begin_distance + share.position * distance, share.speed * distance
            )
            self._angle = Reference(begin_angle + share.position * angle, share.speed * angle)
            self._follow()
            if there and then is Stop.NONE:
                self._done = True
            elif there and all(settled(wheel) for wheel in self._wheels):
                self._end(then)

        self._world.move(self._wheels, movement)
        while wait and not self._done:
            self._world.wait(TICK_MS)

    def _follow(self) -> None:
        """Lets the wheels follow the reference."""
        per_mm, per_turn = self._wheel_degrees_per_mm, self._wheel_degrees_per_turn
        distance = self._distance.position + self._zero[0]
        angle = self._angle.position + self._zero[1]
        for motor, side in zip(self._motors, (1, -1), strict=True):
            motor._wheel.follow(
                motor._sign * (distance * per_mm + side * angle * per_turn),
                motor._sign * (self._distance.speed * per_mm + side * self._angle.speed * per_turn),
                self,
            )

    def _end(self, then: Stop) -> None:
        self._world.release(self._wheels)
        self._done = True
        self._distance.speed = self._angle.speed = 0.0
        for wheel in self._wheels:
            if then is Stop.BRAKE:
                wheel.brake()
            elif then is not Stop.HOLD:
                wheel.coast()
        if then is Stop.HOLD:
            self._follow()


def rounded(*values: float) -> tuple[float, ...]:
    """Whole numbers, as a real hub keeps its settings."""
    return tuple(float(round(value)) for value in values)


def shared_limits(
    distance: float, angle: float, straight: Limits, turning: Limits
) -> Limits | None:
    """Limits in shares of the whole movement (1 is all of it) that neither part of it breaks.

    Returns:
        The limits, or nothing when there is nowhere to go.
    """
    parts = [
        (limits, abs(length))
        for limits, length in ((straight, distance), (turning, angle))
        if length
    ]
    if not parts:
        return None
    return Limits(
        min(limits.speed / length for limits, length in parts),
        min(limits.acceleration / length for limits, length in parts),
        min(limits.deceleration / length for limits, length in parts),
    )


def told(limits: Limits) -> tuple[int, int | tuple[int, int]]:
    """Limits as `settings()` shows them."""
    up, down = round(limits.acceleration), round(limits.deceleration)
    return round(limits.speed), up if up == down else (up, down)


def changed(
    limits: Limits, word: str, speed: Number | None, acceleration: Acceleration | None
) -> Limits:
    """Limits with the given values put in; `word` is how `settings` names them."""
    new_speed, up, down = limits.speed, limits.acceleration, limits.deceleration
    if speed is not None:
        name = "turn_rate" if word == "turn" else "straight_speed"
        new_speed = positive("settings", name, abs(number("settings", name, speed)))
    if acceleration is not None:
        name = f"{word}_acceleration"
        pair = acceleration if isinstance(acceleration, tuple) else (acceleration, acceleration)
        up, down = (positive("settings", name, abs(number("settings", name, a))) for a in pair)
    return Limits(new_speed, up, down)
