"""`technopark bench portal`: how heavy and how slow the portal's pages are with a whole city in it.

The portal runs as the supervisor runs it, over a made-up city (7,600 pupils, 400 classrooms,
200,000 works, a log of a year) in a folder of its own; a stand-in for the hub says who is asking.
There is no peer. Each page is asked for again and again by whoever has most on it.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import httpx
import yaml
from sqlalchemy import insert

from technopark.bench import rehearsal
from technopark.bench.hub.place import LOOPBACK
from technopark.bench.own_park import free_ports
from technopark.bench.portal_pages import PAGES, Cast, Look, cast
from technopark.bench.report import Figures, Measured
from technopark.machine.processes import process
from technopark.machine.readiness import http_status
from technopark.machine.secrets import ensure_secrets
from technopark.made_up.city import city
from technopark.made_up.fill import fill
from technopark.made_up.plan import City
from technopark.people.audit import Did
from technopark.people.hub_scopes import PORTAL_SERVICE
from technopark.problem import Problem
from technopark.services.visitors import prefix
from technopark.settings import SOURCE, Ports, Settings, load
from technopark.store import AuditEntry, Pseudonym, Store, open_store

TIMES = 20
"""So often each page is asked for in a run, after a first time that does not count."""
MOST_KB, MOST_MS = 100, 300
"""What a page may weigh, and how long it may take."""
_UP_SECONDS = 60.0


class PortalBenchError(Problem):
    """The bench's portal did not come up, or a page was not shown."""


def run(settings: Settings, runs: int = 3, scale: float = 1.0) -> Measured:
    """Measures `runs` times, all in the same city.

    Args:
        settings: of the park on whose disk this happens.
        runs: how often.
        scale: of the city.

    Raises:
        PortalBenchError: the portal does not come up, or a page is refused.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-portal-", dir=settings.data) as folder:
        config = _write_settings(Path(folder))
        ours = load(config)
        town = city(scale=scale)
        store = open_store(ours.database_url)
        fill(ours, store, town)
        write_a_years_log(store, town)
        store.close()
        with _portal(ours, config) as url:
            found = [_measure(url, cast(town)) for _ in range(runs)]
    worst = {
        f"worst_{unit}_page": max(_pages(found[-1], unit), key=lambda page: found[-1][page])
        for unit in ("kb", "p95_ms")
    }
    return Measured(ours=found, words=worst)


def write_a_years_log(store: Store, town: City) -> None:
    """Three entries of the log for each pupil of a class: added, looked at, given a card."""
    names = [one.name for one in town.pupils] + [one.name for one in town.adults]
    called = {name: f"p{number:012x}" for number, name in enumerate(names)}
    first = datetime.combine(town.first_day, clock(8), UTC)
    deeds = cycle((Did.PUPIL_IN, Did.PERSON_SEEN, Did.WORDS_MADE))
    entries = [
        {
            "at": first + timedelta(minutes=number),
            "who": called[room.teachers[0]],
            "did": did,
            "whom": called[name],
            "classroom_id": room.id,
            "site_id": room.site,
            "details": {},
        }
        for number, (room, name, did) in enumerate(
            (room, name, next(deeds)) for room in town.rooms for name in room.pupils * 3
        )
    ]
    people = [{"name": name, "pseudonym": pseudonym} for name, pseudonym in called.items()]
    with store.write() as session:
        session.execute(insert(Pseudonym), people)
        session.execute(insert(AuditEntry), entries)


def _measure(url: str, people: Cast) -> Figures:
    looks = [look for some in PAGES.values() for look in some]
    figures: dict[str, float] = {}
    for look in looks:
        headers = {
            "Cookie": f"technopark-{PORTAL_SERVICE}={rehearsal.token(people.names[look.who])}"
        }
        with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as http:
            size, seconds = _ask(http, f"{prefix(PORTAL_SERVICE)}{people.path(look)}", look)
        name = f"{look.who}:/{look.path}"
        figures[f"{name} kb"] = round(size / 1000, 1)
        figures[f"{name} p50_ms"] = round(median(seconds) * 1000, 1)
        figures[f"{name} p95_ms"] = round(quantiles(seconds, n=20)[-1] * 1000, 1)
    kb, p95 = ([figures[page] for page in _pages(figures, unit)] for unit in ("kb", "p95_ms"))
    return {
        "pages": len(looks),
        "worst_kb": max(kb),
        "worst_p95_ms": max(p95),
        "too_heavy": sum(size >= MOST_KB for size in kb),
        "too_slow": sum(ms >= MOST_MS for ms in p95),
        **figures,
    }


def _pages(figures: Figures, unit: str) -> list[str]:
    return [key for key in figures if key.endswith(f" {unit}")]


def _ask(http: httpx.Client, path: str, look: Look) -> tuple[int, list[float]]:
    """Bytes of the page, and how many seconds each answer took."""
    seconds, size = [], 0
    for number in range(TIMES + 1):
        started = time.monotonic()
        answer = http.get(path)
        if answer.status_code != httpx.codes.OK:
            raise PortalBenchError(
                f"The page {look.path or '/'} of the {look.who} answered {answer.status_code}."
            )
        size = len(answer.content)
        if number:
            seconds.append(time.monotonic() - started)
    return size, seconds


def _write_settings(folder: Path) -> Path:
    inner = list(Ports.model_fields)
    web, exchange, *others = free_ports(2 + len(inner))
    content = {
        "data": str(folder / "data"),
        "sites": str(SOURCE / "config" / "sites.yaml"),
        "courses": str(SOURCE / "courses"),
        "web": {"address": f"http://{LOOPBACK}:{web}"},
        "exchange": {"port": exchange},
        "ports": dict(zip(inner, others, strict=True)),
    }
    config = folder / "technopark.yaml"
    config.write_text(yaml.safe_dump(content), encoding="utf-8")
    for part in ("run", "homes"):
        (folder / "data" / part).mkdir(parents=True)
    return config


@contextmanager
def _portal(ours: Settings, config: Path) -> Iterator[str]:
    """The portal as a process of its own; its address."""
    made = process(PORTAL_SERVICE, ours, ensure_secrets(ours), LOOPBACK)
    log = config.with_name("portal.log")
    scopes = [f"access:services!service={PORTAL_SERVICE}"]
    with rehearsal.hub(scopes) as api, log.open("wb") as written:
        ways = {"TECHNOPARK_CONFIG": str(config), "JUPYTERHUB_API_URL": api}
        running = subprocess.Popen(
            made.words,
            env=os.environ | made.environment | ways,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
        )
        try:
            until = time.monotonic() + _UP_SECONDS
            style = f"{prefix(PORTAL_SERVICE)}static/park.css"
            while http_status(LOOPBACK, ours.ports.portal, style) != httpx.codes.OK:
                if running.poll() is not None or time.monotonic() > until:
                    said = log.read_text("utf-8", errors="replace")[-2000:]
                    raise PortalBenchError(f"The portal did not come up. It said:\n{said}")
                time.sleep(0.1)
            yield f"http://{LOOPBACK}:{ours.ports.portal}"
        finally:
            running.terminate()
            running.wait()
