"""The node's parent: imports the server stack once and forks pupils' servers from it.

Run in the parent's container (`technopark.engine.parent`), as root, from the base image. In a
forked process `main` goes on as the server and ends as it does.
"""

import gc
import sys
from pathlib import Path

from technopark_forked.servers.ending import Ending
from technopark_forked.servers.forking import answer
from technopark_forked.servers.listening import listen
from technopark_forked.servers.programs import PROGRAMS


def main() -> None:
    """Loads all programs and takes requests at the socket that the first argument names."""
    ending = Ending()
    gc.disable()  # what is imported stays; looking for garbage would write to all of it
    for program in PROGRAMS.values():
        program.load()
    gc.collect()
    gc.freeze()
    print("Ready to fork.", flush=True)
    forked = listen(Path(sys.argv[1]), lambda connection: answer(connection, PROGRAMS))
    ending.begin(forked.ending)
    ending.run(forked.serve)
