"""What tests of the portal share: its pages as they run, and people who look at them."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from support.forms import form_with
from support.portal_here import FakeDoor
from support.service import running

from technopark.portal.app import pages
from technopark.portal.frame import PREFIX
from technopark.portal.seals import Seals
from technopark.portal.visits import Parts
from technopark.settings import Database, Settings
from technopark.store import Store

NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)
"""Ten o'clock in Moscow."""


class Somebody:
    """A person with a browser."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http
        self.page = ""

    def see(self, path: str, status: int = 200) -> str:
        """Opens a page of the portal."""
        return self._got(self.http.get(f"{PREFIX}{path}"), status)

    def press(self, button: str, status: int = 200, files: Any = None, **typed: str) -> str:
        """Fills the form with this button and sends it; what comes is the page then seen."""
        form = form_with(self.page, button)
        answer = self.http.post(form.action, data=form.fields | typed, files=files)
        return self._got(answer, status)

    def _got(self, answer: httpx.Response, status: int) -> str:
        words = " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())
        assert answer.status_code == status, words
        self.page = answer.text
        self.path = answer.url.path.removeprefix(PREFIX)
        return self.page


Open = Callable[..., Somebody]


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    url = "" if database_url.startswith("sqlite") else database_url
    return Settings(data=tmp_path, database=Database(url=url.replace("+psycopg", "")))


@pytest.fixture
def app(settings: Settings, park: Store) -> FastAPI:
    """The portal over the small park."""
    made = pages()
    door: Any = FakeDoor()
    made.state.parts = Parts(settings, park, door, Seals("secret"), now=lambda: NOW)
    return made


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    """Where the portal listens."""
    with running(app, log_level="error") as address:
        yield address


@pytest.fixture
def sit_down(url: str) -> Iterator[Open]:
    """Sits somebody down at a browser, signed in."""
    with ExitStack() as stack:

        def sit(name: str, language: str = "en") -> Somebody:
            headers = {"X-Name": name, "Accept-Language": language, "Origin": url}
            http = httpx.Client(
                base_url=url, headers=headers, follow_redirects=True, trust_env=False, timeout=30
            )
            return Somebody(stack.enter_context(http))

        yield sit
