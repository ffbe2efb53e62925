"""What JupyterHub reads when it starts (`python -m jupyterhub -f` this file)."""

import asyncio
import gc
import os
import sys

from technopark.admission.line import the_line
from technopark.admission.report import keep_report
from technopark.jupyterhub import configure
from technopark.looplag import LoopLag
from technopark.machine.secrets import read_secrets
from technopark.settings import load
from technopark.store.hub_database import commit_quickly

# The loop gives Python's lock away at every SQL statement; threads shall return it soon.
sys.setswitchinterval(0.0005)
# What is imported now stays as long as the hub: no search for garbage need walk over it again.
gc.collect()
gc.freeze()
gc.set_threshold(2_000, 10, 50)
settings = load()
commit_quickly(settings.data.resolve() / "hub.sqlite")
configure(
    c,  # type: ignore[name-defined]  # noqa: F821  # JupyterHub puts it there
    settings,
    read_secrets(settings),
    os.environ["TECHNOPARK_BRIDGE_IP"],
)
# JupyterHub reads this on its event loop; the reference keeps the task alive.
reporting = asyncio.get_running_loop().create_task(
    keep_report(settings, the_line(settings), LoopLag())
)
