"""The node's parent: imports a stack once and forks programs of pupils' containers from it.

Run in the parent's container (`technopark.engine.parent`), as root, from the base image. In a
forked process `main` goes on as the program and ends as it does.
"""

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from technopark_forked.immortal import make_all_immortal
from technopark_forked.servers.ending import Ending
from technopark_forked.servers.forking import answer
from technopark_forked.servers.listening import listen
from technopark_forked.servers.programs import PROGRAMS

_MODULE = "technopark_forked.servers"


def main(folder: Path, name: str, others: Sequence[str]) -> None:
    """Loads a program and takes requests for it.

    Args:
        folder: where the socket is made, by the program's name.
        name: the program's.
        others: programs that processes of their own are started for; where one of them ends, this
            one does, too, and the engine starts all anew.
    """
    ending = Ending()
    beside = [os.pidfd_open(_start(folder, other)) for other in others]
    gc.disable()  # what is imported stays; looking for garbage would write to all of it
    program = PROGRAMS[name]
    program.load()
    gc.collect()
    make_all_immortal()
    gc.freeze()
    print(f"Ready to fork: {name}.", flush=True)
    forked = listen(folder / name, beside, lambda connection: answer(connection, {name: program}))
    if forked.ending is not None:
        ending.begin(forked.ending)
    ending.run(forked.serve)


def _start(folder: Path, name: str) -> int:
    command = [*PROGRAMS[name].parent, "-m", _MODULE, str(folder), name]
    return os.posix_spawn(command[0], command, os.environ)


def run() -> None:
    """As the command line says: FOLDER PROGRAM [PROGRAM...]."""
    folder, name, *others = sys.argv[1:]
    main(Path(folder), name, others)
