"""What JupyterHub reads when it starts (`python -m jupyterhub -f` this file)."""

import asyncio
import os
import sys

from jupyterhub.app import JupyterHub

from technopark.admission.line import the_line
from technopark.admission.report import keep_report
from technopark.garbage import search_when_alone, search_young_only
from technopark.jupyterhub import configure
from technopark.looplag import LoopLag
from technopark.machine.secrets import read_secrets
from technopark.own_name import keep_to_own_name
from technopark.routes import keep_routes
from technopark.settings import load
from technopark.store.hub_database import commit_quickly

# The loop gives Python's lock away at every SQL statement; threads shall return it soon.
sys.setswitchinterval(0.0005)
search_young_only()
settings = load()
commit_quickly(settings.data.resolve() / "hub.sqlite")
configure(
    c,  # type: ignore[name-defined]  # noqa: F821  # JupyterHub puts it there
    settings,
    read_secrets(settings),
    os.environ["TECHNOPARK_BRIDGE_IP"],
)
line = the_line(settings)
# JupyterHub reads this on its event loop; the references keep the tasks alive.
tasks = [
    asyncio.get_running_loop().create_task(each)
    for each in (
        keep_report(settings, line, LoopLag()),
        keep_routes(JupyterHub.instance()),
        keep_to_own_name(JupyterHub.instance(), settings),
        search_when_alone(is_alone=lambda: not line.is_needed, is_calm=lambda: line.is_calm),
    )
]
