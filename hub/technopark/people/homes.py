"""People's home folders: made before the first server, or before something is sent into one.

Called by the spawner and by `sending`. Only the home itself is made here: what is inside belongs to
the pupil, who could put a link there.
"""

import os
from pathlib import Path

from technopark.settings import Settings

PUPIL = 1000
"""Whose number owns homes and all that is in them: that of the user in every server."""


def ensure_home(settings: Settings, name: str) -> Path:
    """The home of `name`, which nobody else may read."""
    home = settings.homes / name
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if home.stat().st_uid != PUPIL:
        home.chmod(0o700)
        os.chown(home, PUPIL, PUPIL)
    return home
