"""The portal as the supervisor runs it, beside a hub before stand-ins.

Called by tests of what the two do together.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from support.waiting import eventually
from technopark.bench.hub.place import LOOPBACK, Place
from technopark.machine.processes import process
from technopark.machine.readiness import http_status
from technopark.machine.secrets import ensure_secrets


@contextmanager
def portal_beside(place: Place) -> Iterator[None]:
    """Runs the portal of the park at `place`."""
    settings = place.settings
    made = process("portal", settings, ensure_secrets(settings), LOOPBACK)
    config = {"TECHNOPARK_CONFIG": str(settings.data.parent / "technopark.yaml")}
    with (settings.data / "logs" / "portal.log").open("wb") as log:
        running = subprocess.Popen(
            made.words, env=os.environ | made.environment | config, stdout=log, stderr=log
        )
        try:
            style = "/services/portal/static/park.css"
            eventually(
                lambda: http_status(LOOPBACK, settings.ports.portal, style) == 200, 60, "the portal"
            )
            yield
        finally:
            running.terminate()
            running.wait(20)
