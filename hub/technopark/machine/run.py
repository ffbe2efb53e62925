"""`python -m technopark.machine.run NAME`: becomes one of the park's processes.

Called by supervisord alone. The settings and secrets are read here, so that a restarted process
sees today's, and neither supervisord's file nor any command line holds a secret.
"""

import os
import sys

from technopark.machine.processes import BRIDGE_IP, PROCESSES, become
from technopark.machine.secrets import read_secrets
from technopark.problem import Problem
from technopark.settings import load


def main() -> None:
    """Becomes the process that the command line names."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in PROCESSES:
        sys.exit(f"expected one of {', '.join(PROCESSES)}, not {name!r}")
    try:
        settings = load()
        become(name, settings, read_secrets(settings), os.environ[BRIDGE_IP])
    except Problem as problem:
        sys.exit(str(problem))


main()
