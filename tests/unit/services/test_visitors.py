"""The door of a service: the hub says who comes, and people come back to the page they wanted."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from support.service import running

from technopark.services.visitors import Doorkeeper, prefix
from technopark.settings import Settings, Web

HOME = prefix("pages")
SCOPES = {"masha-token": ["access:services!service=pages"], "other-token": ["access:servers"]}


class FakeHub:
    """The hub's half of OAuth: hands out a code, later a token for it."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.challenge = ""
        self.token = "masha-token"
        self.app.add_api_route("/hub/api/oauth2/token", self.token_for_code, methods=["POST"])
        self.app.add_api_route("/hub/api/user", self.user)

    async def token_for_code(self, request: Request) -> Response:
        sent = parse_qs((await request.body()).decode())
        digest = hashlib.sha256(sent["code_verifier"][0].encode()).digest()
        assert urlsafe_b64encode(digest).decode().rstrip("=") == self.challenge
        assert sent["code"] == ["a-code"]
        return JSONResponse({"access_token": self.token})

    async def user(self, request: Request) -> Response:
        token = request.headers["Authorization"].split()[1]
        if token not in SCOPES:
            return Response(status_code=403)
        return JSONResponse({"name": "masha", "kind": "user", "scopes": SCOPES[token]})


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def http(hub: FakeHub) -> Iterator[httpx.Client]:
    """A browser at a service that says who is there."""
    with running(hub.app) as hub_url:
        settings = Settings(web=Web(address="http://127.0.0.1:8100"))
        door = Doorkeeper("pages", settings, f"{hub_url}/hub/api", "token")
        service = FastAPI()

        @service.api_route("/{path:path}", methods=["GET", "POST"])
        async def page(request: Request) -> Response:
            if request.url.path == f"{HOME}oauth_callback":
                return await door.let_in(request)
            name = await door.name(request)
            return Response(name) if name else door.to_sign_in(request)

        with running(service) as url, httpx.Client(base_url=url, trust_env=False) as client:
            yield client


def go_to_the_hub(http: httpx.Client, hub: FakeHub, path: str, method: str = "GET") -> str:
    """Where the hub sends the browser back to."""
    asked = parse_qs(urlsplit(http.request(method, path).headers["Location"]).query)
    hub.challenge = asked["code_challenge"][0]
    return f"{HOME}oauth_callback?code=a-code&state={asked['state'][0]}"


def test_after_the_sign_in_comes_the_page_that_was_asked_for(
    http: httpx.Client, hub: FakeHub
) -> None:
    wanted = f"{HOME}classrooms/data-6a?page=2&q=%D1%8F"
    back = go_to_the_hub(http, hub, wanted)
    answer = http.get(back)
    assert answer.headers["Location"] == wanted
    assert http.get(wanted).text == "masha"
    cookie = next(one for one in answer.headers.get_list("set-cookie") if "masha-token" in one)
    assert {"HttpOnly", "SameSite=lax", f"Path={HOME}"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "//evil.example/"),
        ("GET", "/hub/home"),
        ("POST", f"{HOME}send"),
    ],
)
def test_nobody_is_led_anywhere_else(
    http: httpx.Client, hub: FakeHub, method: str, path: str
) -> None:
    back = go_to_the_hub(http, hub, f"{http.base_url}{path}" if path[1] == "/" else path, method)
    assert http.get(back).headers["Location"] == HOME


def test_a_way_back_that_this_browser_did_not_begin_opens_nothing(
    http: httpx.Client, hub: FakeHub
) -> None:
    back = go_to_the_hub(http, hub, HOME)
    http.cookies.clear()
    answer = http.get(back)
    assert answer.headers["Location"] == HOME
    assert "set-cookie" not in answer.headers
    made_up = http.get(f"{HOME}oauth_callback?code=x&state=y")
    assert made_up.headers["Location"] == HOME


def test_a_token_for_something_else_opens_nothing(http: httpx.Client, hub: FakeHub) -> None:
    hub.token = "other-token"
    http.get(go_to_the_hub(http, hub, HOME))
    assert "oauth2/authorize" in http.get(HOME).headers["Location"]
