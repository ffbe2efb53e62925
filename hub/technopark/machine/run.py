"""`python -m technopark.machine.run NAME`: becomes one of the park's processes.

Called by supervisord alone. The settings and secrets are read here, so that a restarted process
sees today's, and neither supervisord's file nor any command line holds a secret.
"""

import os
import sys
import time
from http import HTTPStatus

from technopark.machine.processes import BRIDGE_IP, PROCESSES, become, process
from technopark.machine.readiness import http_status
from technopark.machine.secrets import read_secrets
from technopark.problem import Problem
from technopark.settings import load

_AGAIN = 0.5
"""Seconds between two looks whether the hub answers."""


def main() -> None:
    """Becomes the process that the command line names."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in PROCESSES:
        sys.exit(f"expected one of {', '.join(PROCESSES)}, not {name!r}")
    try:
        settings = load()
        secrets, bridge_ip = read_secrets(settings), os.environ[BRIDGE_IP]
        if process(name, settings, secrets, bridge_ip).after_hub:
            while http_status(bridge_ip, settings.ports.hub, "/hub/health") != HTTPStatus.OK:
                time.sleep(_AGAIN)
        become(name, settings, secrets, bridge_ip)
    except Problem as problem:
        sys.exit(str(problem))


main()
