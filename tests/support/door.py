"""A request at the park's door, as the hub's authenticator gets it."""

from types import SimpleNamespace
from typing import Any

from tornado.httputil import HTTPHeaders

HUB = "10.77.0.1"
"""Where the proxy, which is on the same machine, reaches the hub."""
SCHOOL = "198.51.100.7"
"""The one address that a school has on the internet."""


def browser_at(address: str = SCHOOL, *, peer: str = HUB, language: str = "ru-RU,ru") -> Any:
    """The handler of a request from `address` that came by way of `peer`, the park's proxy."""
    headers = HTTPHeaders({"Accept-Language": language, "X-Forwarded-For": address})
    connection = SimpleNamespace(
        context=SimpleNamespace(address=(peer, 50000)),
        stream=SimpleNamespace(socket=SimpleNamespace(getsockname=lambda: (HUB, 8081))),
    )
    return SimpleNamespace(
        get_cookie=lambda _name: None,
        settings={"cookie_secret": b"a secret of the hub"},
        request=SimpleNamespace(headers=headers, connection=connection),
    )
