"""The page of a start that goes on, in JupyterHub's place of it: here somebody waits in person.

Named to JupyterHub by `hub_pages.handlers`. It starts nothing.
"""

from typing import Any

from jupyterhub.handlers.pages import SpawnPendingHandler

from technopark.admission.line import the_line
from technopark.settings import Settings


class WaitingPage(SpawnPendingHandler):
    """`spawn-pending/masha/data-6a`: JupyterHub's own page; the line learns of the visit."""

    def initialize(self, park: Settings) -> None:
        """Tornado hands over what the route names."""
        self._park = park

    async def get(self, user_name: str, server_name: str = "") -> Any:
        """The page, or the way on to the server where it is ready."""
        await super().get(user_name, server_name)
        if self.current_user:
            the_line(self._park).visit((user_name, server_name))
