"""The programs that may be forked, by the names that requests use: never a path.

Read by the node's parent at its start. A program's module is of the base image and has two
functions: `load_all`, which imports what the program needs, and `serve`, which is the program.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Program:
    """A program, and the process of the parent that it is forked from."""

    parent: tuple[str, ...]
    """The command that runs Python with the program's packages, and nothing of a folder's."""
    module: str
    command: str
    """What it is called where processes are listed, and the first of its arguments."""
    is_server: bool
    """Whether the container is there for it, and ends as it ends."""
    extensions: tuple[str, ...] = ()
    """Modules of this package that it imports by name while it starts."""

    def load(self) -> None:
        """Imports all that the program needs; called once, in the parent."""
        import_module(self.module).load_all()
        for name in self.extensions:
            import_module(name)

    def serve(self) -> Callable[[], None]:
        """The program itself, for a forked process."""
        found: Callable[[], None] = import_module(self.module).serve
        return found


PROGRAMS = {
    "server": Program(
        parent=("/opt/server/bin/python", "-P"),
        module="technopark_server.launch",
        command="/opt/server/bin/technopark-server",
        is_server=True,
        extensions=("technopark_forked.kernels.extension",),
    ),
    # Kernels have their parent's flags, and ordinary ones have none: it leaves `-P` out.
    "kernels": Program(
        parent=("/opt/course/bin/python",),
        module="technopark_forked.kernels.stack",
        command="/opt/course/bin/python",
        is_server=False,
    ),
}
"""Each is forked from a process of its own, as each has an environment of its own."""
