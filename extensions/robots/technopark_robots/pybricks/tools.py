"""Waiting and measuring time, as `pybricks.tools`. The time is the world's, not the clock's."""

from technopark_robots.errors import number
from technopark_robots.pybricks.parameters import Number
from technopark_robots.world import TICK_MS, World


def wait(time: Number) -> None:
    """Lets the program pause while the robot goes on moving.

    Arguments:
        time: How long, in ms.
    """
    World.current().wait(number("wait", "time", time))


class StopWatch:
    """Measures time in the newest world; it runs from its making on."""

    def __init__(self) -> None:
        self._world = World.current()
        self._measured = 0.0
        self._since: float | None = self._world.time

    def time(self) -> int:
        """The measured time in ms. Looking at it takes 5 ms, as every reading does."""
        self._world.wait(TICK_MS)
        running = 0.0 if self._since is None else self._world.time - self._since
        return round(1000 * (self._measured + running))

    def pause(self) -> None:
        """Stops the watch for a while."""
        if self._since is not None:
            self._measured += self._world.time - self._since
            self._since = None

    def resume(self) -> None:
        """Lets a paused watch run on."""
        if self._since is None:
            self._since = self._world.time

    def reset(self) -> None:
        """Sets the watch to 0; running or paused it stays."""
        self._measured = 0.0
        if self._since is not None:
            self._since = self._world.time
