"""Who is asking: the hub's word, a minute of memory, and a hub that is away."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from technopark.exchange.app import create_app
from technopark.services import identity
from technopark.services.identity import Caller, Identities
from technopark.services.refusals import Refusal
from technopark.settings import Settings


class Hub:
    """A hub that counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.answer = httpx.Response(200, json={"kind": "user", "name": "masha"})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        assert request.url == "http://hub/hub/api/user"
        if self.answer.status_code == 0:
            raise httpx.ConnectError("away")
        return self.answer

    def identities(self) -> Identities:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return Identities("http://hub/hub/api/", client)


async def test_the_hub_is_asked_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub()
    identities = hub.identities()
    now = 1000.0
    monkeypatch.setattr(identity.time, "monotonic", lambda: now)

    assert await identities.name("token abc") == "masha"
    now += 59
    hub.answer = httpx.Response(0)
    assert await identities.name("Bearer abc") == "masha", "the hub may be away for a minute"
    now += 2
    with pytest.raises(Refusal) as refused:
        await identities.name("token abc")
    assert (refused.value.code, refused.value.is_passing) == ("away", True)
    assert hub.asked == 2


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(403), "bad-token"),
        (httpx.Response(401), "bad-token"),
        (httpx.Response(502), "away"),
        (httpx.Response(200, json={"kind": "service", "name": "culler"}), "bad-token"),
    ],
)
async def test_who_is_no_known_person_gets_nothing(answer: httpx.Response, code: str) -> None:
    hub = Hub()
    hub.answer = answer
    identities = hub.identities()

    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            await identities.name("token abc")
        assert refused.value.code == code
    assert hub.asked == 2, "a refusal is not remembered"


async def test_a_servers_token_says_of_which_classroom_it_is() -> None:
    hub = Hub()
    scopes = [
        "access:servers!server=masha/data-6a",
        "access:servers!server=petya/robots-5b",
        "users:activity!user=masha",
    ]
    hub.answer = httpx.Response(200, json={"kind": "user", "name": "masha", "scopes": scopes})
    assert await hub.identities().caller("token abc") == Caller("masha", frozenset({"data-6a"}))


@pytest.mark.parametrize("header", ["", "token", "token  ", "Basic abc"])
async def test_without_a_token_the_hub_is_not_even_asked(header: str) -> None:
    hub = Hub()
    with pytest.raises(Refusal) as refused:
        await hub.identities().name(header)
    assert (refused.value.code, hub.asked) == ("no-token", 0)


def test_the_service_runs_while_the_hub_is_away(site: Any, settings: Settings) -> None:
    service = site.app.state.service
    service.identities._url = "http://127.0.0.1:1/hub/api/user"
    with site.as_("masha", "ru") as client:
        assert client.get("/health").json() == {"ok": True}
        answer = client.get("/assignments")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert "работа не пропала" in answer.json()["message"]


def test_nobody_asks_without_a_token(site: Any) -> None:
    public = {"/health", "/key"}
    app: FastAPI = site.app
    routes = app.openapi()["paths"]
    assert public < routes.keys()
    for route, methods in routes.items():
        for method in methods:
            answer = httpx.request(method, f"{site.url}{route}", trust_env=False)
            assert answer.status_code == (200 if route in public else 401), f"{method} {route}"
    for page in ("/docs", "/openapi.json"):
        assert httpx.get(f"{site.url}{page}", trust_env=False).status_code == 404


async def test_half_written_work_is_swept_away_at_the_start(settings: Settings) -> None:
    left = settings.data / "exchange" / "incoming" / "old"
    left.mkdir(parents=True)
    (left / "0").write_bytes(b"half")

    app = create_app(settings, "http://hub")
    async with app.router.lifespan_context(app):
        assert not left.exists()
