"""What JupyterHub reads when it starts (`python -m jupyterhub -f` this file)."""

import os

from technopark.jupyterhub import configure
from technopark.machine.secrets import read_secrets
from technopark.settings import load

settings = load()
configure(
    c,  # type: ignore[name-defined]  # noqa: F821  # JupyterHub puts it there
    settings,
    read_secrets(settings),
    os.environ["TECHNOPARK_BRIDGE_IP"],
)
