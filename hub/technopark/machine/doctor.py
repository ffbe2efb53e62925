"""Looks at the whole chain, from Python to a pupil's container; says what to do where it breaks.

Called by `technopark doctor`. Changes nothing; the one container it starts is gone at the end.
"""

import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from technopark import host
from technopark.admission.looks import SHOW_REFUSED
from technopark.admission.report import read_report
from technopark.catalogue.images import images_in_use
from technopark.catalogue.recipe import all_images
from technopark.engine.client import engine_errors, open_engine
from technopark.engine.facts import engine_facts
from technopark.engine.firewall import firewall_problems
from technopark.engine.probe import reachable
from technopark.front import cards, ways
from technopark.machine import MachineError, supervisor
from technopark.machine.debian import is_root
from technopark.machine.kernel_limits import servers_that_fit, too_low
from technopark.machine.network import doors, park_network
from technopark.machine.openid import check_openid
from technopark.machine.parent import check_parent
from technopark.machine.readiness import front_status, http_status, page_status
from technopark.machine.registry import check_registry
from technopark.machine.room import GIGABYTE, check_disk, scarce_disk
from technopark.problem import Problem
from technopark.settings import Settings
from technopark.store import open_store

LEAST_MEMORY = 2 * GIGABYTE
"""Free memory below which a class of pupils will not fit."""

LARGEST_SKEW = 120
"""Seconds by which something may seem to have been saved in the future."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `advice` is empty where all is well."""

    subject: str
    found: str
    advice: str = ""


Check = Callable[[Settings], str]
"""Returns what was found; raises a `Problem` that says what to do."""


def examine(settings: Settings) -> Iterator[Finding]:
    """All findings, in the order in which one part rests on another."""
    for subject, check in CHECKS.items():
        try:
            yield Finding(subject, check(settings))
        except Problem as problem:
            yield Finding(subject, "", str(problem))


def _python(settings: Settings) -> str:
    del settings
    return f"{sys.version.split()[0]} in {sys.prefix}"


def _settings(settings: Settings) -> str:
    return f"data in {settings.data}, pages at {settings.web.address}"


def _disk(settings: Settings) -> str:
    free = check_disk(settings.data, is_new=False)
    if warning := scarce_disk(settings.data):
        raise MachineError(warning)
    return f"{free / GIGABYTE:.0f} GB free"


def _memory(settings: Settings) -> str:
    memory = host.memory()
    total, free = memory.total / GIGABYTE, memory.available / GIGABYTE
    if memory.available < LEAST_MEMORY:
        raise MachineError(
            f"Only {free:.1f} of {total:.1f} GB are free; each running server may take up to "
            f"{settings.servers.memory / GIGABYTE:.1f} GB. End other programs or idle servers, or "
            "give the machine more memory."
        )
    return f"{free:.1f} of {total:.1f} GB free, {host.cores()} cores"


def _kernel_limits(settings: Settings) -> str:
    servers = servers_that_fit(host.memory().total, settings.servers.way)
    if found := list(too_low(servers)):
        raise MachineError(
            f"Memory is there for {servers} servers, but Linux stops earlier. As root, and in a "
            f"file below /etc/sysctl.d to keep it: {'; '.join(found)}."
        )
    return f"enough for {servers} servers"


def _engine(settings: Settings) -> str:
    with closing(open_engine(settings.engine)):
        facts = engine_facts(settings.engine.url)
    if facts is None:
        raise MachineError("The Docker engine answers one time and not the next; look at its log.")
    return f"Docker {facts.version}, API {facts.api}, {facts.storage}, cgroup v{facts.cgroup}"


def _images(settings: Settings) -> str:
    have = images_in_use(settings)
    missing = [name for name in all_images() if name not in have]
    if missing:
        raise MachineError(f"Not built: {', '.join(missing)}. `./park images build` builds them.")
    return f"{len(have)} up to date"


def _network(settings: Settings) -> str:
    network = park_network(settings)
    if not is_root():
        raise MachineError("Only root may look at the firewall: sudo ./park doctor.")
    problems = firewall_problems(network, doors(settings))
    if problems:
        raise MachineError(f"{'; '.join(problems)}. `./park up` sets the rules again.")
    return f"{network.name}, {network.subnet}, firewall set"


def _processes(settings: Settings) -> str:
    states = supervisor.states(settings)
    if not states:
        raise MachineError("The park is down. `./park up` starts it.")
    ill = [f"{each.name} is {each.state}" for each in states if each.state != "RUNNING"]
    if ill:
        raise MachineError(f"{', '.join(ill)}. `./park logs NAME` says why; `./park up` starts it.")
    return ", ".join(each.name for each in states)


def _line(settings: Settings) -> str:
    """Whether pupils get their servers, as the hub itself tells."""
    report = read_report(settings)
    if report is None or all(each.pid != report.pid for each in supervisor.states(settings)):
        return "the hub has not told of it yet"
    if report.is_short or time.time() - (report.refused_at or 0.0) < SHOW_REFUSED:
        refused = f"{report.refused} starts were refused, " if report.refused else ""
        raise MachineError(
            f"Memory is too short for more servers: {refused}{report.waiting} pupils wait. End "
            "idle servers or other programs, or give the machine more memory; what is set aside "
            "is in `./park logs hub` and in `admission` of the settings."
        )
    slow = f", its loop was held up for {report.worst.blocked * 1000:.0f} ms at worst"
    return f"{report.waiting} wait, {report.starting} start{slow}"


def _database(settings: Settings) -> str:
    is_sqlite = not settings.database.url.get_secret_value()
    if is_sqlite and not (settings.data / "park.sqlite").exists():
        raise MachineError("There is no database yet. `./park up` makes it.")
    try:
        with closing(open_store(settings.database_url)) as store, store.write() as session:
            session.execute(text("SELECT 1"))
            return f"{store.engine.dialect.name}, writable"
    except SQLAlchemyError as error:
        raise MachineError(
            f"The database cannot be written: {str(error).splitlines()[0]}. Look at the disk, at "
            f"who owns {settings.data}, and at `database.url` in the settings."
        ) from None


def _clock(settings: Settings) -> str:
    last = max((path.stat().st_mtime for path in settings.data.glob("*.sqlite*")), default=0.0)
    if last - time.time() > LARGEST_SKEW:
        raise MachineError(
            f"This machine's clock says {time.ctime()}, but something was saved at "
            f"{time.ctime(last)}. Deadlines go by this clock: set it (apt install chrony)."
        )
    return f"{datetime.now(ZoneInfo(settings.timezone)):%Y-%m-%d %H:%M} ({settings.timezone})"


def _page(settings: Settings) -> str:
    status = page_status(settings)
    if status != HTTPStatus.OK:
        found = f"answers {status}" if status else "does not answer"
        raise MachineError(
            f"The sign-in page at {settings.web.address} {found}. `./park logs hub` and `./park "
            "logs proxy` say why; `./park up` starts what does not run."
        )
    return f"{settings.web.address} answers"


def _front(settings: Settings) -> str:
    found = ways.way(settings)
    if not (images := cards.known(settings)):
        raise MachineError("Nothing that browsers download is ready. `./park up` makes it.")
    path = f"{cards.PATH}/{cards.read(settings, images[0]).lab}/package.json"
    status = front_status(settings, path)
    if status != HTTPStatus.OK:
        how = f"answers {status}" if status else "does not answer"
        raise MachineError(
            f"What browsers download ({path}) {how}. `./park logs front` says why; `./park up` "
            "starts what does not run."
        )
    return f"{found}, files of {len(images)} images"


def _exchange(settings: Settings) -> str:
    return _service(settings, "exchange", settings.exchange.port)


def _broker(settings: Settings) -> str:
    return _service(settings, "broker", settings.ports.broker)


def _service(settings: Settings, name: str, port: int) -> str:
    gateway = park_network(settings).gateway
    status = http_status(gateway, port, "/health")
    if status != HTTPStatus.OK:
        found = f"answers {status}" if status else "does not answer"
        raise MachineError(
            f"The {name} at {gateway}:{port} {found}. `./park logs {name}` says why."
        )
    return f"{gateway}:{port} answers"


def _inside(settings: Settings) -> str:
    """A container reaches the hub's API and the services, and nothing else of this host."""
    network = park_network(settings)
    image = images_in_use(settings).get("base")
    if image is None:
        raise MachineError("The image base is not built. `./park images build` builds it.")
    ports = settings.ports
    services = (ports.hub, settings.exchange.port, ports.broker, ports.portal)
    wanted = [(network.gateway, port) for port in services]
    here = dict.fromkeys([network.gateway, *_own_address()])
    with socket.create_server(("0.0.0.0", 0)) as other:  # noqa: S104  # nobody must get in
        forbidden = [(address, other.getsockname()[1]) for address in here]
        with closing(open_engine(settings.engine)) as client, engine_errors(settings.engine):
            found = reachable(client, image, network.name, [*wanted, *forbidden])
    unreached = [f"{address}:{port}" for address, port in wanted if (address, port) not in found]
    if unreached:
        raise MachineError(
            f"A container in {network.name} does not reach {', '.join(unreached)}. Is another "
            "firewall on this machine (nft list ruleset)? `./park up` sets the park's own rules."
        )
    open_doors = [f"{address}:{port}" for address, port in forbidden if (address, port) in found]
    if open_doors:
        raise MachineError(
            f"A container in {network.name} reaches this machine's {', '.join(open_doors)}, which "
            "must be closed. `./park up` sets the rules again; if that does not help, end the park."
        )
    return "a container reaches the hub and the services, and nothing else here"


def _own_address() -> list[str]:
    """This machine's address towards the world, if it has one; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation (RFC 5737)
        except OSError:
            return []
        return [probe.getsockname()[0]]


CHECKS: dict[str, Check] = {
    "Python": _python,
    "Settings": _settings,
    "Disk": _disk,
    "Memory": _memory,
    "Kernel limits": _kernel_limits,
    "Docker engine": _engine,
    "Images": _images,
    "Registry": check_registry,
    "Network": _network,
    "Parent of servers": check_parent,
    "Database": _database,
    "Clock": _clock,
    "Processes": _processes,
    "Line": _line,
    "Sign-in page": _page,
    "Schools' sign-in": check_openid,
    "Front": _front,
    "Exchange": _exchange,
    "Broker of leases": _broker,
    "From inside": _inside,
}
"""What is looked at, in order."""
