"""Who is inside nbgrader: it and its gradebook are made for one thread at a time.

`autograding` takes its turn for a submission, and lets others in while its cells run elsewhere.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TURN = threading.Lock()


@contextmanager
def nbgraders_turn() -> Iterator[None]:
    """Wait for the turn to use nbgrader and its gradebook, and have it."""
    with _TURN:
        yield


@contextmanager
def others_turn() -> Iterator[None]:
    """Let other threads into nbgrader meanwhile; they may leave another current folder."""
    here = Path.cwd()
    _TURN.release()
    try:
        yield
    finally:
        _TURN.acquire()
        os.chdir(here)
