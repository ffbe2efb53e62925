"""A certified OpenID provider (npm's oidc-provider) with made-up accounts, for tests of sign-in.

It is installed once, as locked in `tests/provider`, into the folder `var/test-provider`.
"""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from support.npm import installed
from technopark.node import NODE

CLIENT = "technopark"
SECRET = "made-up: 100% secret"
"""With signs that forms spell otherwise."""


class OpenIdProvider:
    """A provider that runs, can be told what to say, ended, and begun again."""

    def __init__(self, place: Path, port: int, redirect_uri: str) -> None:
        self._place = place
        self.issuer = f"http://127.0.0.1:{port}"
        self._words = [str(NODE), "provider.mjs", str(port), redirect_uri, CLIENT, SECRET]
        self._running: subprocess.Popen[str] | None = None
        self._accounts: dict[str, dict[str, Any]] = {}

    def begin(self) -> None:
        self._running = subprocess.Popen(
            self._words,
            cwd=self._place,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._running.stdout
        assert any(line == "ready\n" for line in self._running.stdout), "the provider ended"
        self.say(accounts=self._accounts)

    def end(self) -> None:
        if self._running:
            self._running.kill()
            self._running.communicate()
            self._running = None

    def say(self, **what: Any) -> None:
        """What is to be so from now on; see `provider.mjs`."""
        httpx.post(f"{self.issuer}/made-up", json=what, timeout=30).raise_for_status()

    def knows(self, account: str, **claims: Any) -> None:
        """Somebody is known there, with these claims and no others."""
        self._accounts[account] = claims
        self.say(accounts=self._accounts)


@contextmanager
def openid_provider(port: int, redirect_uri: str) -> Iterator[OpenIdProvider]:
    """A provider at `port` that sends people back to `redirect_uri`."""
    provider = OpenIdProvider(installed("provider"), port, redirect_uri)
    try:
        provider.begin()
        yield provider
    finally:
        provider.end()


def sign_in_there(browser: httpx.Client, page: httpx.Response, account: str) -> httpx.Response:
    """Fills in the provider's form and sends it; the answer after all redirects."""
    form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    assert form, f"no form of the provider: {page.status_code} {page.url}\n{page.text[:500]}"
    data = {"prompt": "login", "login": account, "password": "any"}
    return browser.post(page.url.join(form[1]), data=data)
