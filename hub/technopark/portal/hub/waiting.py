"""The page of a start that goes on, in JupyterHub's place of it: here somebody waits in person.

Named to JupyterHub by `hub_pages.handlers`. It starts nothing itself.
"""

from typing import Any
from urllib.parse import quote

from jupyterhub.handlers.pages import SpawnPendingHandler

from technopark.admission.line import the_line
from technopark.settings import Settings


class WaitingPage(SpawnPendingHandler):
    """`spawn-pending/masha/data-6a`: JupyterHub's own page; the line learns of the visit."""

    def initialize(self, park: Settings) -> None:
        """Tornado hands over what the route names."""
        self._park = park

    async def get(self, user_name: str, server_name: str) -> Any:
        """The page, or the way on to the server where it is ready.

        Of a start that there is no more (the hub was started anew, the page was closed for long)
        a reload makes a new one: here somebody waits.
        """
        if self.current_user and self._is_over(user_name, server_name):
            query = f"?{self.request.query}" if self.request.query else ""
            server = f"{quote(user_name)}/{quote(server_name)}"
            self.redirect(f"{self.hub.base_url}spawn/{server}{query}")
            return
        await super().get(user_name, server_name)
        if self.current_user:
            the_line(self._park).visit((user_name, server_name))

    def _is_over(self, user_name: str, server_name: str) -> bool:
        user = self.find_user(user_name)
        if user is None:
            return False
        if server_name not in user.spawners:
            return True
        spawner = user.spawners[server_name]
        return not spawner.active and not spawner._failed
