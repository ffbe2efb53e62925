"""The hub forgets people who are being deleted: their servers end, then they are no user any more.

Called by `signin.roster` every few seconds. `safety.deletion` goes on when the hub knows them no
more.
"""

import asyncio

from jupyterhub import orm
from jupyterhub.app import JupyterHub
from sqlalchemy import select

from technopark.store import Deletion, Store


async def forget_deleted(hub: JupyterHub, store: Store) -> None:
    """Takes one step for each of them; a server that takes its time is waited for by the next."""
    for name in await asyncio.to_thread(_being_deleted, store):
        if orm.User.find(hub.db, name) is not None:
            await _forget(hub, name)


def _being_deleted(store: Store) -> list[str]:
    query = select(Deletion.name).where(Deletion.name.is_not(None), Deletion.whole)
    with store.read() as session:
        return [name for name in session.scalars(query) if name]


async def _forget(hub: JupyterHub, name: str) -> None:
    user = hub.users[name]
    for spawner in list(user.spawners.values()):
        if spawner.ready:
            await user.stop(spawner.name)
    if any(spawner.active for spawner in user.spawners.values()):
        return
    user.sync_roles([])
    await user.delete_spawners()
    # Roles in a classroom are called by its teacher, and name its pupils' servers.
    for role in hub.db.query(orm.Role).filter(orm.Role.name.startswith("classroom-")):
        if not (role.users or role.services or role.groups):
            hub.db.delete(role)
    # All in one commit: when the user is gone, `safety` writes the hub's database anew.
    hub.users.delete(user)
