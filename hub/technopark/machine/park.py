"""A whole park brought up and taken down on this machine, step by step.

Called by `technopark up` and `down`, and by tests that need a park of their own. Every step is
skipped where nothing is to do.
"""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from technopark.catalogue.course import load_courses
from technopark.catalogue.images import images_in_use
from technopark.catalogue.publish import publish
from technopark.catalogue.recipe import all_images
from technopark.engine.client import EngineError, engine_errors, open_engine
from technopark.engine.networks import Network
from technopark.engine.node_images import drop_jobs
from technopark.engine.park_containers import remove_park_containers
from technopark.engine.swarm_leases import remove_services
from technopark.machine import MachineError, supervisor
from technopark.machine.cards import ensure_card_printing
from technopark.machine.engine import UsableEngine, ensure_engine
from technopark.machine.front import ensure_front
from technopark.machine.images import ensure_all_images
from technopark.machine.network import drop_network, ensure_network
from technopark.machine.openid import ensure_openid_secret
from technopark.machine.own_registry import ensure_registry, forget_registry
from technopark.machine.parent import drop_parent, ensure_parent
from technopark.machine.processes import fingerprint, wanted
from technopark.machine.proxy import ensure_proxy
from technopark.machine.readiness import wait_until_ready
from technopark.machine.room import (
    check_disk,
    check_ports,
    inner_ports,
    outer_ports,
    scarce_disk,
)
from technopark.machine.secrets import Secrets, ensure_secrets, were_made
from technopark.noticeboard.demo import ensure_postings
from technopark.path.demo import ensure_demo_works
from technopark.people.demo import SignIn, ensure_demo
from technopark.progress import say, step
from technopark.settings import Settings
from technopark.store import open_store


def start_park(settings: Settings) -> list[SignIn]:
    """Everything from the engine to the sign-in page; returns when that page is there.

    Returns:
        The demo people's sign-ins; none where the settings name no demo file.

    Raises:
        Problem: what is missing, and what to do.
    """
    ensure_openid_secret(settings)
    is_new = not supervisor.is_running(settings)
    if is_new:  # before minutes of building
        check_ports(outer_ports(settings))
    images = prepare(settings).images
    with step("Network") as shown:
        network = ensure_network(settings)
        shown.note = f"{network.name}, {network.subnet}"
    with step("Parent of servers") as shown:
        shown.note = _parent_or_warning(settings, images["base"])
    if is_new:
        check_ports(inner_ports(settings, network.gateway))
    ensure_proxy(settings)
    secrets = ensure_secrets(settings)
    with step("Courses and people") as shown:
        sign_ins = _fill_store(settings, images)
        shown.note = "up to date"
    ensure_front(settings)
    ensure_registry(settings)
    _cards_or_warning()
    _start_processes(settings, secrets, network)
    return sign_ins


@dataclass(frozen=True)
class Prepared:
    """What servers are started with."""

    engine: UsableEngine
    images: dict[str, str]
    """Ids of the images, by name."""


def prepare(settings: Settings) -> Prepared:
    """The engine and the images, which tests need as well as a park does.

    Raises:
        Problem: what is missing, and what to do.
    """
    engine = ensure_engine(settings)
    say(f"Docker engine: {engine.facts.version} at {settings.engine.url}")
    free = check_disk(settings.data, is_new=_is_new(settings))
    if warning := scarce_disk(settings.data):
        say(f"Warning: {warning}")
    settings.data.mkdir(parents=True, exist_ok=True)
    images = ensure_all_images(settings)
    say(f"Images: {len(images)} up to date; disk: {free >> 30} GB free")
    return Prepared(engine, images)


def _is_new(settings: Settings) -> bool:
    """Whether this park was never up, or has images to build."""
    return not were_made(settings) or set(images_in_use(settings)) < set(all_images())


@dataclass(frozen=True)
class Stopped:
    """What `stop_park` ended."""

    processes: bool
    containers: int


def stop_park(settings: Settings, keep_servers: bool = False) -> Stopped:
    """Ends the park's processes and, unless they are kept, its containers and its network.

    Raises:
        Problem: something does not end.
    """
    with step("Stopping the park's processes"):
        ended = supervisor.stop(settings)
        drop_parent(settings)
        forget_registry(settings)
    if keep_servers:
        return Stopped(ended, 0)
    name = settings.network.name
    with step("Stopping servers"), closing(open_engine(settings.engine)) as client:
        if settings.leases.engine == "swarm":
            drop_jobs(settings)
            remove_services(settings)
        with engine_errors(settings.engine):
            removed = remove_park_containers(client, name, settings.engine.threads)
        drop_network(settings)
    return Stopped(ended, removed)


def _parent_or_warning(settings: Settings, image: str) -> str:
    try:
        return ensure_parent(settings, image)
    except EngineError as error:  # a park without it is slower, and works
        return f"Warning: {error}"


def _cards_or_warning() -> None:
    try:
        ensure_card_printing()
    except MachineError as error:  # a park without it teaches; it cannot print cards
        say(f"Warning: {error}")


def _fill_store(settings: Settings, images: dict[str, str]) -> list[SignIn]:
    store = open_store(settings.database_url)
    try:
        for course in load_courses(settings.courses):
            publish(course, images, settings, store)
        sign_ins = ensure_demo(settings, store)
        ensure_postings(settings, store, datetime.now(UTC))
        ensure_demo_works(settings, store)
        return sign_ins
    finally:
        store.close()


def _start_processes(settings: Settings, secrets: Secrets, network: Network) -> None:
    fingerprints = {
        name: fingerprint(name, settings, secrets, network.gateway) for name in wanted(settings)
    }
    with step("Processes") as shown:
        started = supervisor.start(settings, fingerprints, network.gateway)
        wait_until_ready(settings)
        shown.note = f"{', '.join(started)} started" if started else "all run"
