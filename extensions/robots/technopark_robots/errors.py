"""What can go wrong with a robot, said so that a child understands it.

Raised by the world and by the pupils' devices. In a notebook such an error shows its sentence and
the pupil's own line instead of a page of library code.
"""

import linecache
import math
from pathlib import Path
from types import TracebackType

from technopark_robots.messages import say

PACKAGE_FOLDER = str(Path(__file__).parent)


class RobotError(Exception):
    """A sentence for the pupil: what happened and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Called by IPython in place of its own long report."""
        return [*pupils_line(self.__traceback__), str(self)]


class CrashError(RobotError):
    """The robot touched a wall or a box, or was told to go on after that."""


class TimeIsUpError(RobotError):
    """The program drove longer than the world allows: most likely a loop without an end."""


class WrongDeviceError(RobotError):
    """A device was looked for at a port where there is none of its kind."""


class WrongArgumentError(RobotError, ValueError):
    """A command got a value that it cannot use."""


class NoWorldError(RobotError):
    """A device was made before any world."""


def pupils_line(traceback: TracebackType | None) -> list[str]:
    """The line of the pupil's program that led to the error, or nothing when it is unknown."""
    line: list[str] = []
    while traceback is not None:
        filename = traceback.tb_frame.f_code.co_filename
        text = linecache.getline(filename, traceback.tb_lineno).strip()
        if text and not filename.startswith(PACKAGE_FOLDER) and "site-packages" not in filename:
            line = [say("line-of-program", number=traceback.tb_lineno, text=text)]
        traceback = traceback.tb_next
    return line


def number(command: str, argument: str, value: object) -> float:
    """Checks that a command's argument is a number and returns it.

    Raises:
        WrongArgumentError: it is something else, such as text.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WrongArgumentError(
            say("not-a-number", command=command, argument=argument, value=repr(value))
        )
    return float(value)


def positive(command: str, argument: str, value: object) -> float:
    """As `number`, and greater than zero."""
    checked = number(command, argument, value)
    if checked <= 0:
        raise WrongArgumentError(
            say("not-positive", command=command, argument=argument, value=value)
        )
    return checked
