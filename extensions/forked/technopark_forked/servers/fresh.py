"""Makes a forked process its own: its randomness, its environment, its signals.

Called by `forking` when all privileges are gone and before the program. What a fork shares with
its siblings and cannot change is the hash seed and the layout of its memory (docs/security.md).
"""

import gc
import os
import random
import signal
import ssl
import sys
import time
import uuid
from collections.abc import Mapping


def be_fresh(environment: Mapping[str, str]) -> None:
    """Forgets whatever the parent had at random, and takes the container's environment.

    Args:
        environment: all of it; nothing of the parent's stays.
    """
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    random.seed()
    # Since OpenSSL 1.1.1 a fork gets numbers of its own; this holds for whatever stands in for it.
    ssl.RAND_add(os.urandom(32), 32.0)
    uuid._node = uuid._last_timestamp = None  # type: ignore[attr-defined]
    if (numpy := sys.modules.get("numpy.random")) is not None:
        numpy.seed()
    if (processes := sys.modules.get("multiprocessing.process")) is not None:
        processes.current_process().authkey = os.urandom(32)  # made when it is imported
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    gc.enable()
