"""The programs that may be forked, by the names that requests use: never a path.

Read by the parent at its start. A program's module is of the base image and has two functions:
`load_all`, which imports what the program needs, and `serve`, which is the program.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Program:
    """A program of the environment that the parent itself runs in."""

    module: str
    command: str
    """What it is called where processes are listed, and the first of its arguments."""

    def load(self) -> None:
        """Imports all that the program needs; called once, in the parent."""
        import_module(self.module).load_all()

    def serve(self) -> Callable[[], None]:
        """The program itself, for a forked process."""
        found: Callable[[], None] = import_module(self.module).serve
        return found


PROGRAMS = {
    "server": Program("technopark_server.launch", "/opt/server/bin/technopark-server"),
}
"""All of the server stack."""
