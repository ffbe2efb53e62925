"""The exchange is killed again and again while a class hands in: no receipt may be empty."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from technopark import settings as park_settings
from technopark.bench import rehearsal
from technopark.exchange.check import damaged, lost_receipts
from technopark.settings import Settings
from technopark.store import HandIn, Submission, open_store

pytestmark = pytest.mark.slow

CLIENTS = 50
SUBMISSIONS = 300
KILLS = 8
PS1 = f"/classrooms/{rehearsal.CLASSROOM}/assignments/{rehearsal.ASSIGNMENT}"


@pytest.fixture
def park(tmp_path: Path) -> Settings:
    rehearsal.write_settings(tmp_path)
    settings = park_settings.load(tmp_path / "technopark.yaml")
    rehearsal.seed(settings.database_url, rehearsal.pupils(CLIENTS))
    return settings


@pytest.fixture
def service(tmp_path: Path, park: Settings) -> Iterator[rehearsal.Service]:
    with rehearsal.hub() as hub_api_url:
        service = rehearsal.Service(tmp_path / "technopark.yaml", hub_api_url)
        service.start()
        yield service
        service.kill()


def client(url: str, name: str) -> httpx.Client:
    return httpx.Client(
        base_url=url,
        headers={"Authorization": f"token {rehearsal.token(name)}"},
        timeout=60,
        trust_env=False,
        verify=False,  # noqa: S501  # plain HTTP on loopback; making a TLS context is slow
    )


def hand_in_until_receipt(caller: httpx.Client, body: bytes, until: float) -> dict[str, Any]:
    """Sends again, as `technopark_exchange` does, until there is a receipt."""
    while time.monotonic() < until:
        try:
            answer = caller.post(f"{PS1}/submissions", content=body)
        except httpx.TransportError:
            time.sleep(0.1)
            continue
        assert answer.is_success, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt
    raise TimeoutError("no receipt in time")


def test_no_acknowledged_work_is_lost(park: Settings, service: rehearsal.Service) -> None:
    chance = random.Random(20261123)  # noqa: S311  # no secret
    until = time.monotonic() + 240
    receipts: list[dict[str, Any]] = []

    def hand_in(name: str) -> None:
        with client(service.url, name) as caller:
            for number in range(SUBMISSIONS // CLIENTS):
                text = f"{name}, work {number}. ".encode()
                body = rehearsal.archive({"ps1.ipynb": text * 1000, "data/notes.txt": text})
                receipts.append(hand_in_until_receipt(caller, body, until))

    with client(service.url, rehearsal.TEACHER) as teacher:
        teacher.put(PS1, content=rehearsal.archive({"ps1.ipynb": b"{}"})).raise_for_status()
    with ThreadPoolExecutor(CLIENTS) as pool:
        futures = [pool.submit(hand_in, name) for name in rehearsal.pupils(CLIENTS)]
        for enough in sorted(chance.sample(range(SUBMISSIONS - CLIENTS), KILLS)):
            while len(receipts) < enough and time.monotonic() < until:
                time.sleep(0.002)
            # Everybody is sending: some are heard, some are being written, some are to be told.
            time.sleep(chance.uniform(0, 0.1))
            service.kill()
            service.start()
        for future in futures:
            future.result()

    assert len(receipts) == SUBMISSIONS
    assert lost_receipts(park, receipts) == []
    assert damaged(park) == []
    store = open_store(park.database_url)
    with store.read() as session:
        kept = session.scalar(select(func.count()).select_from(Submission))
        asked = session.scalar(select(func.count()).select_from(HandIn))
    store.close()
    assert (kept, asked) == (SUBMISSIONS, SUBMISSIONS), "sending again makes no second work"
