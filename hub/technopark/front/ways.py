"""Which way the shelf is served: by nginx in front of all, or by our own service behind the proxy.

`up` decides and writes it down, so that a process that is restarted later finds its place by what
stands before it, not by what was installed meanwhile.
"""

import shutil
from pathlib import Path
from typing import Literal, cast

from technopark.settings import Settings

Way = Literal["nginx", "embedded"]

_PLACES = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
"""Programs for admins are in no ordinary user's path."""


def nginx_program() -> str | None:
    """nginx, where it is installed."""
    return shutil.which("nginx") or shutil.which("nginx", path=_PLACES)


def choose(settings: Settings) -> Way:
    """The way by the settings and by what is installed."""
    wanted = settings.web.front
    return "nginx" if wanted == "nginx" or (wanted == "auto" and nginx_program()) else "embedded"


def decide(settings: Settings) -> Way:
    """Chooses, and writes it down for `way`."""
    chosen = choose(settings)
    _note(settings).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _note(settings).write_text(chosen, encoding="ascii")
    return chosen


def way(settings: Settings) -> Way:
    """What was decided when the park was last brought up."""
    note = _note(settings)
    return cast(Way, note.read_text(encoding="ascii")) if note.exists() else "embedded"


def proxy_socket(settings: Settings) -> Path:
    """Where the proxy listens when nginx is before it."""
    return settings.data / "run" / "proxy.sock"


def _note(settings: Settings) -> Path:
    return settings.data / "run" / "front"
