"""Makes what is shown out of what a pupil chose, in a small process of its own.

Called by `works`. A page is a second of work and some 150 MB, so at most two are made at once; what
comes in may be anything, also made to break whoever opens it, so the portal never opens it itself.
"""

import os
import subprocess
import sys
from threading import BoundedSemaphore

from technopark.path.child import REFUSED
from technopark.path.limits import MOST_NOTEBOOK_BYTES, MOST_PICTURE_BYTES, NotShownError
from technopark.people.refused import Refused
from technopark.store import WorkKind

_AT_ONCE = BoundedSemaphore(2)
_IN_LINE = BoundedSemaphore(8)
"""A whole class may press the button at once: the portal has other pages to serve meanwhile."""
_SECONDS = 60

_WHY = {
    "no-notebook": "This file is no notebook that can be read. Open it in the class, save it there "
    "and choose it again.",
    "many-cells": "This notebook is too long to be shown: it has more than 300 cells. Make a short "
    "one of it, with what you are proud of.",
    "long-page": "There is too much in this notebook: large pictures or long outputs. Take some "
    "out and choose it again.",
    "no-picture": "This file is no picture that can be shown. JPEG, PNG, WebP and GIF can be.",
    "many-dots": "This picture is too large: it has more than 40 million dots. Make it smaller and "
    "choose it again.",
}
_BROKEN = "This file cannot be shown: the park could not make a page of it. Choose another one."


def make(kind: WorkKind, content: bytes) -> bytes:
    """A notebook as a piece of HTML, a picture as JPEG.

    Raises:
        Refused: it cannot be shown, or too many are being made just now.
    """
    if kind == "notebook" and len(content) > MOST_NOTEBOOK_BYTES:
        raise Refused(
            "This notebook is too large: more than 5 MB. Clear its outputs, then run only "
            "what is to be seen.",
            "work",
        )
    if kind == "picture" and len(content) > MOST_PICTURE_BYTES:
        raise Refused(
            "This picture is too large: more than 10 MB. Make it smaller and choose it again.",
            "work",
        )
    if not _IN_LINE.acquire(blocking=False):
        raise Refused("Many are showing their works just now. Try again in a minute.", "work")
    try:
        with _AT_ONCE:
            return _in_a_process(kind, content)
    except NotShownError as problem:
        raise Refused(_WHY.get(problem.why, _BROKEN), "work") from None
    finally:
        _IN_LINE.release()


def _in_a_process(kind: WorkKind, content: bytes) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-B", "-m", "technopark.path.child", kind],
            input=content,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            cwd="/",
            env=_surroundings(),
        )
    except subprocess.TimeoutExpired:
        raise NotShownError("endless") from None
    if done.returncode == 0 and done.stdout:
        return done.stdout
    why = done.stderr.decode("utf-8", "replace").rpartition("\n")[2]
    raise NotShownError(why if done.returncode == REFUSED else "broken")


def _surroundings() -> dict[str, str]:
    """No secret of the portal, and none of Jupyter's settings of whoever runs the park."""
    nowhere = "/nonexistent"
    jupyter = dict.fromkeys(
        ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"), nowhere
    )
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    # One thread each: libraries would take memory for as many as there are cores.
    return jupyter | kept | {"LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "1"}
