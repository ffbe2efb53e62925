"""The world a program drives in: simulated time, the record of the drive, collisions, the score.

Pupils make one with `World.square()` and the like, then drive the robot in it; the devices of
`pybricks/` find the newest world by themselves. It never makes a view unless `show` is called.
"""

import math
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import mujoco

from technopark_robots import mjcf, worlds
from technopark_robots.errors import CrashError, NoWorldError, TimeIsUpError
from technopark_robots.layout import Layout, Point
from technopark_robots.messages import decimal, say
from technopark_robots.mission import Drive, FreeDrive, Mission
from technopark_robots.robot import Robot, Wheel

if TYPE_CHECKING:
    from technopark_robots.view import Player

TICK_MS: Final = round(mjcf.TIMESTEP * 1000)
FRAME_TICKS: Final = 10  # one frame of the record every 50 ms
STANDING: Final = 20.0  # wheels slower than this (degrees a second) stand still

Movement = Callable[[float], None]
Frame = tuple[float, ...]


class World:
    """A floor with walls, boxes and painted marks, and one robot on it.

    Lengths are in mm, angles in degrees (clockwise is positive), times in seconds.
    """

    _current: "World | None" = None

    def __init__(
        self, layout: Layout, mission: Mission | None = None, time_limit: float = 120.0
    ) -> None:
        """Builds the world and makes it the one that new devices belong to.

        Arguments:
            layout: What there is in the world.
            mission: What is to be done; without one the robot drives as it likes.
            time_limit: Simulated seconds after which a program is stopped.
        """
        self.layout = layout
        self.mission: Mission = mission or FreeDrive()
        self.time_limit = time_limit
        self.model = mjcf.build(layout)
        self.data = mujoco.MjData(self.model)
        self.robot = Robot(self.model, self.data, layout)
        self.frames: list[Frame] = []
        self.crash: CrashError | None = None
        self._ticks = 0
        self._path = 0.0
        self._movements: dict[int, Movement] = {}
        self._settle()
        World._current = self

    @classmethod
    def square(cls, side: float = 400) -> "World":
        """A floor with four marks at the corners of a square; visit them and come back.

        Arguments:
            side: The square's side in mm.
        """
        return cls(*worlds.square(side))

    @classmethod
    def warehouse(cls) -> "World":
        """A hall with boxes; drive around them to the green mark."""
        return cls(*worlds.warehouse())

    @classmethod
    def room(cls, length: float = 1600, width: float = 1200) -> "World":
        """An empty room with walls, to be measured.

        Arguments:
            length: From the wall in front of the robot to the wall behind it, in mm.
            width: From the wall to the left of it to the wall to the right of it, in mm.
        """
        return cls(*worlds.room(length, width))

    @classmethod
    def wall(cls, distance: float = 1000) -> "World":
        """A road with a wall across; stop just before it.

        Arguments:
            distance: From the robot's front to the wall, in mm.
        """
        return cls(*worlds.wall(distance))

    @classmethod
    def line(cls, course: str = "bend") -> "World":
        """A black line on the floor that leads to a green finish.

        Arguments:
            course: `bend`, or `snake`, which winds to both sides.
        """
        return cls(*worlds.line(course))

    @classmethod
    def current(cls) -> "World":
        """The newest world.

        Raises:
            NoWorldError: none was made yet.
        """
        if cls._current is None:
            raise NoWorldError(say("no-world"))
        return cls._current

    @property
    def time(self) -> float:
        """Simulated seconds since the world was made."""
        return self._ticks * mjcf.TIMESTEP

    def position(self) -> Point:
        """Where the middle of the robot's axle is: x and y in mm."""
        return self.robot.position()

    def heading(self) -> float:
        """Where the robot looks: degrees from -180 to 180, clockwise from the x axis."""
        return self.robot.heading()

    def path(self) -> float:
        """The length of the way driven so far, in mm."""
        return self._path

    def trail(self) -> list[Point]:
        """The way driven so far: x and y in mm, a point for every 50 ms."""
        points = [(1000 * frame[1], 1000 * frame[2]) for frame in self.frames]
        return [*points, self.position()]

    def score(self) -> int:
        """Points for the world's task, from 0 to 100."""
        return self.mission.score(self._drive())

    def summary(self) -> str:
        """The drive in a sentence or two, in the pupil's language."""
        if self.time == 0:
            return say("summary-still")
        drove = say("summary", seconds=decimal(self.time, 1), path=decimal(self._path / 1000))
        told = [drove, str(self.crash or ""), self.mission.report(self._drive())]
        return " ".join(part for part in told if part)

    def show(self) -> "Player | None":
        """The drive in 3D, to watch in the notebook; while grading only its summary is printed."""
        # Set by nbgrader while it runs a notebook: then nobody looks at the widget.
        if os.environ.get("NBGRADER_EXECUTION"):
            print(self.summary())
            return None
        from technopark_robots.view import Player

        return Player(self)

    def wait(self, milliseconds: float) -> None:
        """Lets simulated time pass; movements go on meanwhile.

        Raises:
            CrashError: the robot touched a wall or a box, now or earlier.
            TimeIsUpError: the world's time limit is over.
        """
        for _ in range(math.ceil(milliseconds / TICK_MS)):
            self._tick()

    def move(self, wheels: tuple[Wheel, ...], movement: Movement) -> None:
        """Gives the wheels to a movement, called with the seconds passed before every step.

        A wheel that another movement used is taken from it, and so is that movement's other wheel.
        """
        self.release(wheels)
        for wheel in wheels:
            self._movements[id(wheel)] = movement

    def release(self, wheels: tuple[Wheel, ...]) -> None:
        """Ends the movements that use any of the wheels; their wheels stay as they are set."""
        ended = [self._movements.get(id(wheel)) for wheel in wheels]
        self._movements = {
            wheel: movement for wheel, movement in self._movements.items() if movement not in ended
        }

    def _tick(self) -> None:
        if self.crash is not None:
            raise CrashError(say("after-crash"))
        if self.time >= self.time_limit:
            raise TimeIsUpError(say("time-is-up", seconds=round(self.time_limit)))
        for movement in dict.fromkeys(self._movements.values()):
            movement(mjcf.TIMESTEP)
        x, y = self.data.qpos[0], self.data.qpos[1]
        self._step()
        self._path += 1000 * math.hypot(self.data.qpos[0] - x, self.data.qpos[1] - y)
        self._ticks += 1
        if self._ticks % FRAME_TICKS == 0:
            self._record()
        touched = self.robot.touched()
        if touched is not None:
            self._crash(touched)

    def _step(self) -> None:
        self.robot.regulate()
        mujoco.mj_step(self.model, self.data)

    def _settle(self) -> None:
        """Lets the robot sink onto its springs before time starts."""
        for _ in range(40):
            self._step()
        self.data.time = 0.0
        self._record()

    def _record(self) -> None:
        self.frames.append((self.time, *self.data.qpos.tolist()))

    def _crash(self, touched: str) -> None:
        """Stops everything and says what the robot ran into."""
        self._movements.clear()
        self._record()
        kind = "crash-wall" if touched.startswith("wall") else "crash-box"
        self.crash = CrashError(say(kind, path=decimal(self._path / 1000)))
        raise self.crash

    def _drive(self) -> Drive:
        wheels = (self.robot.left, self.robot.right)
        return Drive(
            trail=tuple(self.trail()),
            nose=self.robot.ahead(mjcf.FRONT),
            moving=any(abs(wheel.speed) > STANDING for wheel in wheels),
            crashed=self.crash is not None,
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """A world as the last line of a cell tells in words what happened in it."""
        return {"text/plain": self.summary()}
