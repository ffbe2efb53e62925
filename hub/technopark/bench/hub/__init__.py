"""The bench `hub`: one hub and its proxy with hundreds and thousands of pupils.

Called by `technopark bench hub`. Hub, proxy, database and rights are the park's own; servers and
the engine are stand-ins on loopback. There is no peer.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from technopark.bench.hold_ups import hold_ups
from technopark.bench.hub.people import as_json, visits
from technopark.bench.hub.place import HubBenchError, Place, hub_place
from technopark.bench.hub.watch import Meter, memory_mb
from technopark.bench.report import Figures, Measured, medians
from technopark.progress import step
from technopark.settings import Settings

CLIENTS = (300,)
STEADY_SECONDS = 60.0


def run(settings: Settings, runs: int = 1, clients: Sequence[int] = CLIENTS) -> Measured:
    """Measures each number of `clients` `runs` times, each time with a new hub; minutes each.

    Raises:
        HubBenchError: the hub, or what plays the browsers, broke.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    # Several connections a client: more than the 1024 files that a shell gives by default.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    found: dict[int, list[Figures]] = {}
    for number in clients:
        for _ in range(runs):
            with step(f"{number} pupils come and stay for a minute"):
                found.setdefault(number, []).append(measure(settings, number))
    return Measured(ours=found[clients[0]], growth=[medians(figures) for figures in found.values()])


def measure(settings: Settings, clients: int, seconds: float = STEADY_SECONDS) -> Figures:
    """What a new hub does while `clients` come, and then stay for so many seconds.

    Raises:
        HubBenchError: the hub, or what plays the browsers, broke.
    """
    coming = visits(clients)
    with hub_place(settings, coming) as place:
        names = place.settings.data / "visits.json"
        names.write_text(as_json(coming), encoding="utf-8")
        words = [sys.executable, "-m", "technopark.bench.hub.visitors"]
        words += [place.settings.web.address, str(names), str(seconds)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as browsers:
            try:
                met = _watch(place, browsers.pid, iter(browsers.stdout or ()))
            finally:
                browsers.kill()
        return {"clients": clients, **met}


def _watch(place: Place, browsers: int, said: Iterator[str]) -> dict[str, float]:
    pids = place.pids | {"browsers": browsers}
    arriving = Meter(pids)
    with hold_ups(place.settings) as at_arrival:
        came = _next(said)
        arrival = arriving.cores()
    staying = Meter(pids)
    with hold_ups(place.settings) as in_lesson:
        stayed = _next(said)
        lesson = staying.cores()
    return _figures(came, stayed) | {
        "loop_lag_ms": in_lesson.worst_ms,
        "arrival_lag_ms": at_arrival.worst_ms,
        "arrival_cores": arrival["hub"],
        "cpu_cores": lesson["hub"],
        "proxy_cores": lesson["proxy"],
        "clients_cores": round(lesson["browsers"] + lesson["stand-ins"], 3),
        "rss_mb": round(memory_mb(pids["hub"])),
        "proxy_mb": round(memory_mb(pids["proxy"])),
    }


def _next(said: Iterator[str]) -> dict[str, Any]:
    line = next(said, "")
    if not line:
        raise HubBenchError("What plays the browsers broke off; it said why just above.")
    figures: dict[str, Any] = json.loads(line)
    for error in figures["first_errors"]:
        print(f"    {error}", file=sys.stderr)
    return figures


def _figures(came: dict[str, Any], stayed: dict[str, Any]) -> dict[str, float]:
    """The waits of all kinds; a kind that nobody met has none."""
    kinds = {"": stayed.get("page"), "message_": stayed.get("message")}
    kinds |= {"sign_in_": came.get("sign_in"), "start_": came.get("start")}
    return {
        f"{kind}{rank}": met[rank]
        for kind, met in kinds.items()
        if met
        for rank in ("p50_ms", "p95_ms")
    } | {"errors": came["errors"] + stayed["errors"]}
