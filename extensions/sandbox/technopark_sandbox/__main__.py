"""`python -P -m technopark_sandbox`: becomes the keeper of this container, or of a local folder.

Started by the engine as process 1, or by hand as an ordinary program (tests, checks of courses).
"""

import argparse
import os
import signal
from pathlib import Path

from technopark_sandbox import linux
from technopark_sandbox.foundry import first_mould
from technopark_sandbox.keeper import Keeper


def main() -> None:
    """Answers requests from standard input until it ends."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--folder", type=Path, default=Path("/home/pupil/work"))
    folder = words.parse_args().folder.absolute()
    linux.hide_memory()
    mould = first_mould()
    linux.adopt_orphans()
    # without a handler of its own, process 1 cannot be reached by a signal from inside
    signal.signal(signal.SIGINT, signal.SIG_DFL if os.getpid() == 1 else signal.SIG_IGN)
    Keeper(folder, mould).serve()


if __name__ == "__main__":
    main()
