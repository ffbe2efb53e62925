"""The proxy's word on who was active is written down a few pupils at a time."""

import asyncio
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from technopark.routes import A_FEW, keep_routes, note_activity

EARLY, LATE = datetime(2026, 9, 1, 9, 0), datetime(2026, 9, 1, 9, 30)  # noqa: DTZ001  # as JupyterHub's
MOSCOW = "2026-09-01T12:30:00.000+03:00"


class Hub:
    """A hub with pupils who have a server each, and a proxy that knows them."""

    def __init__(self, pupils: int) -> None:
        self.users = {number: self._user(number) for number in range(pupils)}
        self.commits = 0
        self.db = SimpleNamespace(commit=self._commit)
        self.proxy = self
        self._service_map: dict[str, Any] = {}
        self.checked = asyncio.Event()

    def _commit(self) -> None:
        self.commits += 1

    def _user(self, number: int) -> Any:
        spawner = SimpleNamespace(orm_spawner=SimpleNamespace(last_activity=None))
        return SimpleNamespace(
            name=f"p{number}",
            orm_user=SimpleNamespace(last_activity=EARLY),
            spawners={"6a": spawner},
        )

    async def get_all_routes(self) -> dict[str, Any]:
        pupils = {f"/user/p{number}/6a/": self.route(f"p{number}") for number in self.users}
        return {"/": {"data": {"hub": True}}, **pupils}

    @staticmethod
    def route(name: str, at: str = MOSCOW) -> dict[str, Any]:
        return {"data": {"user": name, "server_name": "6a", "last_activity": at}}

    async def check_routes(self, *_known: object) -> None:
        self.checked.set()

    def seen(self, number: int) -> tuple[Any, Any]:
        user = self.users[number]
        return user.orm_user.last_activity, user.spawners["6a"].orm_spawner.last_activity


async def test_the_proxys_word_counts_where_it_is_newer() -> None:
    hub: Any = Hub(2)
    hub.users[1].orm_user.last_activity = datetime(2026, 9, 1, 10, 0)  # noqa: DTZ001
    routes = [hub.route("p0"), hub.route("p1"), hub.route("nobody"), {"data": {"hub": True}}]
    await note_activity(hub, routes)
    assert hub.seen(0) == (LATE, LATE)
    assert hub.seen(1)[0] > LATE


async def test_others_get_their_turn_between_a_few_and_a_few() -> None:
    hub: Any = Hub(5 * A_FEW)
    turns = 0

    async def somebody_else() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(somebody_else())
    await note_activity(hub, (await hub.get_all_routes()).values())
    other.cancel()
    assert hub.commits == 5
    assert turns >= 5
    assert all(hub.seen(number) == (LATE, LATE) for number in hub.users)


async def test_a_proxy_that_is_away_is_asked_again() -> None:
    hub: Any = Hub(1)
    answers, routes = iter([OSError("the proxy is away")]), hub.get_all_routes

    async def ask() -> Any:
        for error in answers:
            raise error
        return await routes()

    hub.get_all_routes = ask
    task = asyncio.create_task(keep_routes(hub, every=0.001))
    await asyncio.wait_for(hub.checked.wait(), 5)
    task.cancel()
    assert hub.seen(0) == (LATE, LATE)
