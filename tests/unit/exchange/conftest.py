"""The exchange service as it runs, in this process, with a stand-in for the hub."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from support.service import running

from technopark.bench import rehearsal
from technopark.exchange.app import create_app
from technopark.settings import Database, Exchange, Settings
from technopark.store import Store


@dataclass
class Site:
    """The running service, and a client for everybody who may call it."""

    url: str
    app: FastAPI
    settings: Settings
    ps1 = "/classrooms/data-6a/assignments/ps1"
    due = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
    """The deadline of ps1: six in the evening in Moscow."""
    before = due - timedelta(hours=1)
    after = due + timedelta(hours=1)

    def as_(self, name: str, language: str = "en") -> httpx.Client:
        return httpx.Client(
            base_url=self.url,
            headers={
                "Authorization": f"token {rehearsal.token(name)}",
                "Accept-Language": language,
            },
            trust_env=False,
            verify=False,  # noqa: S501  # plain HTTP on loopback; making a TLS context is slow
        )

    def set_clock(self, now: datetime) -> None:
        service = self.app.state.service
        self.app.state.service = dataclasses.replace(service, now=lambda: now)


@pytest.fixture
def limits() -> Exchange:
    return Exchange(max_bytes=100 << 10, max_files=5, max_depth=3)


@pytest.fixture
def settings(tmp_path: Path, database_url: str, limits: Exchange) -> Settings:
    url = "" if database_url.startswith("sqlite") else database_url
    database = Database(url=url.replace("+psycopg", ""))
    return Settings(data=tmp_path, language="ru", exchange=limits, database=database)


@pytest.fixture
def site(park: Store, settings: Settings) -> Iterator[Site]:
    with rehearsal.hub() as hub_api_url:
        app = create_app(settings, hub_api_url)
        with running(app) as url:
            yield Site(url, app, settings)


@pytest.fixture
def teacher(site: Site) -> Iterator[httpx.Client]:
    with site.as_("anna") as client:
        yield client


@pytest.fixture
def masha(site: Site) -> Iterator[httpx.Client]:
    with site.as_("masha") as client:
        yield client


@pytest.fixture
def petya(site: Site) -> Iterator[httpx.Client]:
    with site.as_("petya") as client:
        yield client


@pytest.fixture
def released(site: Site, teacher: httpx.Client) -> dict[str, Any]:
    """ps1 is handed out; the clock stands an hour before its deadline."""
    site.set_clock(site.before)
    body = rehearsal.archive({"ps1.ipynb": b"empty"})
    answer = teacher.put(site.ps1, content=body, params={"due": site.due.isoformat()})
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


Send = Callable[..., httpx.Response]


@pytest.fixture
def send(site: Site, released: dict[str, Any]) -> Send:
    """Hands in a notebook with this text, or these files."""

    def hand_in(client: httpx.Client, work: str | Mapping[str, bytes] = "A") -> httpx.Response:
        files = {"ps1.ipynb": work.encode()} if isinstance(work, str) else work
        return client.post(f"{site.ps1}/submissions", content=rehearsal.archive(files))

    return hand_in
