"""What every authenticator of the park shares: rights come from rosters and stay in step.

A sign-in says who somebody is; what that person may do is read from the store then, at most a
minute later again for whoever is signed in, and within seconds of every change of a roster.
Mixed into `PassphraseAuthenticator`, and into oauthenticator's class for the way by a provider.
"""

import asyncio
from datetime import datetime
from typing import Any

from jupyterhub import orm, roles
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator
from jupyterhub.user import User
from sqlalchemy import select
from traitlets import Any as AnyTrait
from traitlets import Float, List, default

from technopark.people import changes, rights, sessions
from technopark.people.hub_scopes import (
    BELL_SERVICE,
    GRADING_SERVICE,
    HubRights,
    bell_service_scopes,
    grading_service_scopes,
    hub_rights,
    people_with_lessons,
)
from technopark.people.names import is_name, normalise
from technopark.settings import Settings
from technopark.settings import load as load_settings
from technopark.signin.forgetting import forget_deleted
from technopark.signin.pages import CardPage, SignOutPage
from technopark.signin.sessions import end_everything, end_sessions_and_tokens
from technopark.store import Classroom, Store, open_store

AuthModel = dict[str, Any]

GRADING_ROLE = "grade-classrooms"
"""JupyterHub's name of what the grading service may do."""
BELL_ROLE = "warm-servers-up"
"""JupyterHub's name of what the bell may do."""


class RosterAuthenticator(Authenticator):
    """Groups, roles and admission of JupyterHub users, derived from the park's rosters."""

    settings = AnyTrait(help="The park's settings").tag(config=True)
    pages = List(help="Handlers of the park's own pages below /hub/").tag(config=True)
    step_seconds = Float(2.0, help="How often rosters are looked at for changes").tag(config=True)

    manage_groups = True
    manage_roles = True
    allow_all = True  # whom the store knows; `authenticate` finds nobody else
    any_allow_config = True
    auth_refresh_age = 60
    auth_refresh_strict = True

    @default("settings")
    def _settings(self) -> Settings:
        return load_settings()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.store: Store = open_store(self.settings.database_url)
        self._keeping_step: asyncio.Task[None] | None = None
        self._signing_out = asyncio.Lock()
        self._applied: dict[str, HubRights | None] = {}

    def get_handlers(self, app: JupyterHub) -> list[Any]:
        """JupyterHub's sign-in page, the way out, and the park's own pages."""
        at_the_door = [(r"/card", CardPage), (r"/logout", SignOutPage)]
        return [*super().get_handlers(app), *at_the_door, *self.pages]

    def normalize_username(self, username: str) -> str:
        """Names may be typed in Cyrillic and with capitals."""
        return normalise(username)

    def validate_username(self, username: str) -> bool:
        """Whether JupyterHub may have such a user."""
        return is_name(username)

    async def let_in(self, name: str) -> AuthModel | None:
        """What JupyterHub shall know of `name`, who has just proved to be that; or None.

        Sessions that are to end, end before this one begins: with a new card nobody is in for two
        seconds only.
        """
        if isinstance(self.parent, JupyterHub):
            await self._sign_out(self.parent)
        return await self.auth_model(name)

    async def auth_model(self, name: str) -> AuthModel | None:
        """What JupyterHub shall know of `name` now, or None: nobody of the park (any more)."""
        # JupyterHub sets it itself: what the last step set may be the truth no more.
        self._applied.pop(name, None)
        return _auth_model(name, await asyncio.to_thread(self._rights, name))

    def _rights(self, name: str) -> HubRights | None:
        with self.store.read() as session:
            return hub_rights(session, name)

    async def refresh_user(self, user: User, handler: object = None) -> AuthModel | bool:
        """JupyterHub asks again for whoever is signed in."""
        del handler
        return await self.auth_model(user.name) or False

    async def load_managed_roles(self) -> list[dict[str, Any]]:
        """JupyterHub asks once at its start: from then on roles are kept in step."""
        if self._keeping_step is None:
            self._keeping_step = asyncio.create_task(self._keep_in_step(self.parent))
        return []

    async def _keep_in_step(self, hub: JupyterHub) -> None:
        seen = -1
        while True:
            await asyncio.sleep(self.step_seconds if seen >= 0 else 0)
            try:
                number = await asyncio.to_thread(self._revision)
                if number != seen:
                    await self._step(hub)
                    seen = number
                await forget_deleted(hub, self.store)
            except Exception:
                # The hub must outlive an unreachable database; the next step tries again.
                self.log.exception("Rosters could not be read; what was known stays")

    def _revision(self) -> int:
        with self.store.read() as session:
            return changes.revision(session)

    async def _step(self, hub: JupyterHub) -> None:
        """Brings all users up to date: known ones, grading users, whom the bell expects."""
        await self._sign_out(hub)
        known = {name for (name,) in hub.db.query(orm.User.name)}
        wanted = await asyncio.to_thread(self._all_rights, known)
        self._applied = {name: found for name, found in self._applied.items() if name in known}
        for name, found in wanted.items():
            is_new = name not in self._applied or self._applied[name] != found
            if is_new and (name in known or found):
                await self._apply(hub, name, found)
                self._applied[name] = found
                await asyncio.sleep(0)  # a long roster must not hold up the hub's loop
        for service, role, scopes in await asyncio.to_thread(self._service_scopes):
            _let_serve(hub, service, role, scopes)

    async def _sign_out(self, hub: JupyterHub) -> None:
        """Ends the sessions of those whose words and cards are replaced."""
        async with self._signing_out:
            asked = await asyncio.to_thread(self._to_sign_out)
            for name in asked:
                if person := orm.User.find(hub.db, name):
                    self.log.info("%s has new words: all sessions end", name)
                    end_sessions_and_tokens(hub.db, person)
            if asked:
                await asyncio.to_thread(self._signed_out, asked)

    def _to_sign_out(self) -> dict[str, datetime]:
        with self.store.read() as session:
            return sessions.to_sign_out(session)

    def _signed_out(self, done: dict[str, datetime]) -> None:
        with self.store.write() as session:
            sessions.signed_out(session, done)

    def _service_scopes(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """The services whose rights follow the classrooms, with their roles and scopes."""
        with self.store.read() as session:
            return [
                (GRADING_SERVICE, GRADING_ROLE, grading_service_scopes(session)),
                (BELL_SERVICE, BELL_ROLE, bell_service_scopes(session)),
            ]

    def _all_rights(self, known: set[str]) -> dict[str, HubRights | None]:
        with self.store.read() as session:
            graders = map(
                rights.grading_user, session.scalars(select(Classroom.id).where(Classroom.active))
            )
            names = known | set(graders) | people_with_lessons(session)
            return {name: hub_rights(session, name) for name in sorted(names)}

    async def _apply(self, hub: JupyterHub, name: str, found: HubRights | None) -> None:
        if orm.User.find(hub.db, name) is None:
            hub.db.add(orm.User(name=name))
            hub.db.commit()
        user = hub.users[name]
        model = _auth_model(name, found) or {"admin": False, "groups": [], "roles": []}
        user.admin = model["admin"]
        roles.assign_default_roles(hub.db, entity=user.orm_user)
        user.sync_groups(model["groups"])
        user.sync_roles(model["roles"])
        hub.db.commit()
        await self._stop_servers_without_right(user, found)
        if found is None:
            end_everything(hub.db, user.orm_user)

    async def _stop_servers_without_right(self, user: User, found: HubRights | None) -> None:
        rooms = {group.split("-", 1)[1] for group in found.groups} if found else set()
        for spawner in list(user.spawners.values()):
            if spawner.ready and spawner.name not in rooms:
                self.log.info("%s may no longer use %s: stopping it", user.name, spawner.name)
                await user.stop(spawner.name)


def _let_serve(hub: JupyterHub, name: str, role: str, scopes: tuple[str, ...]) -> None:
    """Gives a service the role with exactly these scopes; none: takes the role away."""
    service = orm.Service.find(hub.db, name)
    if service is None:
        return
    if scopes:
        # `managed_by_auth`: or JupyterHub would take it away at its next start
        wanted = {"name": role, "scopes": list(scopes), "managed_by_auth": True}
        roles.create_role(hub.db, wanted, reset_to_defaults=False)
        roles.grant_role(hub.db, service, role)
    elif orm.Role.find(hub.db, role):
        roles.delete_role(hub.db, role)


def _auth_model(name: str, found: HubRights | None) -> AuthModel | None:
    if found is None:
        return None
    scopes = {role["name"]: role["scopes"] for role in roles.get_default_roles()}
    named = {"user": scopes["user"], **({"admin": scopes["admin"]} if found.admin else {})}
    return {
        "name": name,
        "admin": found.admin,
        "groups": sorted(found.groups),
        "roles": [
            {"name": role, "scopes": list(role_scopes)}
            for role, role_scopes in (named | found.roles).items()
        ],
    }
