"""How a commanded movement speeds up, cruises and slows down.

Used by the motors and the drive base to make the reference that the wheels follow. Pure numbers:
no physics, no clock of its own. The units are the caller's (mm, degrees, or shares of a path).
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The most a movement may do: speed per second, and its growth and fall per second squared."""

    speed: float
    acceleration: float
    deceleration: float


@dataclass
class Reference:
    """Where a movement should be now, and how fast it should go."""

    position: float = 0.0
    speed: float = 0.0

    def approach_speed(self, speed: float, limits: Limits, seconds: float) -> None:
        """Moves on for `seconds`, changing the speed towards `speed` as fast as allowed."""
        slower = abs(speed) < abs(self.speed) or speed * self.speed < 0
        step = (limits.deceleration if slower else limits.acceleration) * seconds
        self.speed += max(-step, min(step, speed - self.speed))
        self.position += self.speed * seconds

    def approach_target(self, target: float, limits: Limits, seconds: float) -> bool:
        """Moves on for `seconds` so as to come to rest at `target`; true once it is there.

        The speed is never higher than the one from which the deceleration still stops in time:
        v = sqrt(2 * deceleration * way left).
        """
        left = target - self.position
        allowed = min(limits.speed, math.sqrt(2 * limits.deceleration * abs(left)))
        self.approach_speed(math.copysign(allowed, left), limits, seconds)
        smallest = 2 * limits.deceleration * seconds
        crossed = left * (target - self.position) <= 0
        near = abs(target - self.position) <= smallest * seconds
        if (crossed or near) and abs(self.speed) <= smallest:
            self.position, self.speed = target, 0.0
            return True
        return False
