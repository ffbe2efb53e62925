"""What the hub asks its proxy every few minutes: who was active, are all routes there?

Started when the hub reads its configuration, instead of JupyterHub's own `update_last_activity`,
which looks every pupil up in the database in one go: the loop stands still for 5 ms a pupil, 1.5 s
with 300. This one takes a few at a time, from what the hub has in memory. A proxy that was started
anew has its routes back by it.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from jupyterhub.app import JupyterHub

log = logging.getLogger(__name__)

EVERY = 300.0
"""Seconds between two looks, as JupyterHub has it."""
A_FEW = 10
"""Pupils whose activity is written at a time: some milliseconds."""


async def keep_routes(hub: JupyterHub, every: float = EVERY) -> None:
    """Looks at the proxy's routes, as long as the hub runs."""
    while True:
        await asyncio.sleep(every)
        try:
            routes = await hub.proxy.get_all_routes()
            await note_activity(hub, routes.values())
            await hub.proxy.check_routes(hub.users, hub._service_map, routes)
        except Exception:
            log.exception("The proxy's routes could not be looked at; the next look is soon")


async def note_activity(hub: JupyterHub, routes: Iterable[Mapping[str, Any]]) -> None:
    """Writes down when each server was last used, as the proxy saw it.

    Args:
        hub: the hub, whose own words on it are kept where they are newer.
        routes: the proxy's; those of pupils' servers have `user`, `server_name` and
            `last_activity` in their `data`.
    """
    users = {user.name: user for user in hub.users.values()}
    used = [each["data"] for each in routes if "last_activity" in each["data"]]
    for start in range(0, len(used), A_FEW):
        for data in used[start : start + A_FEW]:
            user = users.get(data.get("user"))
            spawner = user.spawners.get(data.get("server_name")) if user else None
            if user and spawner:
                at = _moment(data["last_activity"])
                for known in (user.orm_user, spawner.orm_spawner):
                    known.last_activity = max(known.last_activity or at, at)
        hub.db.commit()
        await asyncio.sleep(0)  # whoever waits for a page comes in between


def _moment(text: str) -> datetime:
    """A moment of the proxy's, as JupyterHub keeps it: UTC, without a zone."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
