"""`technopark bench exchange`: a class hands in all at once, and no work may be lost.

300 submissions from 50 clients against a real service process on the park's own disk. There is no
peer: nbgrader's exchange cannot work between containers.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from technopark import settings as park_settings
from technopark.bench import rehearsal
from technopark.bench.report import Figures, Measured
from technopark.exchange.check import lost_receipts
from technopark.settings import Settings

CLIENTS = 50
SUBMISSIONS = 300
_NOTEBOOK_BYTES = 40_000


def run(settings: Settings, runs: int = 5) -> Measured:
    """Measures `runs` times; each begins with an empty exchange."""
    settings.data.mkdir(parents=True, exist_ok=True)
    return Measured(ours=[_measure(settings.data) for _ in range(runs)])


def _measure(place: Path) -> Figures:
    names = rehearsal.pupils(CLIENTS)
    with TemporaryDirectory(prefix="bench-exchange-", dir=place) as folder:
        path = rehearsal.write_settings(Path(folder))
        bench_settings = park_settings.load(path)
        rehearsal.seed(bench_settings.database_url, names)
        with _service(path) as url, ExitStack() as stack:
            _release(url)
            # Made beforehand: the service is measured, not the making of clients.
            clients = [(stack.enter_context(_client(url, name)), name) for name in names]
            started = time.monotonic()
            with ThreadPoolExecutor(CLIENTS) as pool:
                found = list(pool.map(lambda one: _hand_in(*one), clients))
            seconds = time.monotonic() - started
        answers = [answer for of_one in found for answer in of_one]
        receipts = [receipt for _, receipt in answers]
        lost = SUBMISSIONS - len(receipts) + len(lost_receipts(bench_settings, receipts))
    return {
        "clients": CLIENTS,
        "submissions": SUBMISSIONS,
        "per_s": round(SUBMISSIONS / seconds, 1),
        "p95_ms": round(quantiles([took for took, _ in answers], n=20)[-1] * 1000, 1),
        "lost": lost,
    }


@contextmanager
def _service(settings_path: Path) -> Iterator[str]:
    with rehearsal.hub() as hub_api_url:
        service = rehearsal.Service(settings_path, hub_api_url)
        service.start()
        try:
            yield service.url
        finally:
            service.stop()


def _release(url: str) -> None:
    with _client(url, rehearsal.TEACHER) as client:
        body = rehearsal.archive({"ps1.ipynb": b"{}"})
        client.put(_address(), content=body).raise_for_status()


def _hand_in(client: httpx.Client, name: str) -> list[tuple[float, dict[str, Any]]]:
    """All submissions of one client, one after the other: seconds and receipt of each."""
    found = []
    for number in range(SUBMISSIONS // CLIENTS):
        text = f"{name} {number} ".encode()
        notebook = text * (_NOTEBOOK_BYTES // len(text))
        body = rehearsal.archive({"ps1.ipynb": notebook, "notes.txt": text})
        started = time.monotonic()
        answer = client.post(f"{_address()}/submissions", content=body)
        if answer.is_success:
            found.append((time.monotonic() - started, answer.json()))
    return found


def _client(url: str, name: str) -> httpx.Client:
    headers = {"Authorization": f"token {rehearsal.token(name)}"}
    # Plain HTTP on loopback; making a TLS context for each client is slow.
    return httpx.Client(
        base_url=url,
        headers=headers,
        timeout=120,
        trust_env=False,
        verify=False,  # noqa: S501
    )


def _address() -> str:
    return f"/classrooms/{rehearsal.CLASSROOM}/assignments/{rehearsal.ASSIGNMENT}"
