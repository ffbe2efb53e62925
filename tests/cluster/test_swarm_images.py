"""The night before a lesson the nodes fetch its images from the park's registry, by digest.

The bell is the real one, with a clock that says when; the registry is Debian's, the nodes' engines
are their own.
"""

import io
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import docker
import pytest
from support.cluster import BOSS, FAR, Node
from support.forked import derived
from support.registry import Registry, has, registry
from support.swarm import SET_UP, kernel_order, swarm_config
from support.waiting import eventually

from technopark.bell import evening, timetable
from technopark.bell.calendar import Day
from technopark.bell.evening import Missing
from technopark.bell.hub import Hub
from technopark.bell.rounds import Rounds
from technopark.bench.own_park import free_ports
from technopark.engine.leased import LEASE_LABEL
from technopark.engine.node_images import Lack, missing_on_nodes
from technopark.engine.swarm_leases import SwarmLeases
from technopark.machine import MachineError
from technopark.machine.registry import check_registry
from technopark.people import classrooms
from technopark.settings import Settings, load
from technopark.store import CourseVersion, Site, Store, open_store

pytestmark = pytest.mark.cluster

PARK = "tpnight"
EVENING = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
"""Half past six in Moscow, the day before the lesson."""
LATER = timedelta(minutes=6)
SHORT, LONG = 4, 60
"""Seconds of a look that is too short for a thin line, and in which a thick one is enough."""
SHOWN = len("sha256:") + 12
"""Of an image's id, to people."""
SMALL = """
FROM {below} AS full
USER root
RUN rm -rf /opt/server
FROM scratch
COPY --from=full / /
ENV PATH=/opt/course/bin:/usr/bin:/bin
USER pupil
LABEL technopark.name=tonight
"""
"""A course's libraries without the server: what a kernel on a GPU needs, in one new layer."""


@pytest.fixture(scope="module")
def config(host: docker.APIClient, nodes: list[Node], shared: Path) -> Path:
    """Settings of a park with a registry of its own, at an address that the nodes reach."""
    (network,) = host.inspect_container(nodes[0].container)["NetworkSettings"]["Networks"].values()
    address = f"{network['Gateway']}:{free_ports(1)[0]}"
    path = swarm_config(shared, PARK, nodes[0], registry={"address": address, "own": True})
    nodes[0].run(SET_UP, str(path))
    return path


@pytest.fixture(scope="module")
def city(config: Path, nodes: list[Node]) -> Iterator[Registry]:
    """The registry of the park."""
    with registry(load(config), nodes) as made:
        yield made


@pytest.fixture
def away(city: Registry) -> Iterator[Registry]:
    """The registry, which is off for now."""
    city.stop()
    yield city
    if city.process is None:
        city.start()


@pytest.fixture
def settings(city: Registry) -> Iterator[Settings]:
    file = city.settings.registry_password_file
    password = file.read_text()
    yield city.settings
    file.write_text(password)


@pytest.fixture(scope="module")
def tonight(nodes: list[Node], image: str) -> str:
    """An image that the park's machine alone has."""
    dockerfile = io.BytesIO(SMALL.format(below=image).encode())
    built = ""
    for answer in nodes[0].engine.build(fileobj=dockerfile, rm=True, forcerm=True, decode=True):
        assert "error" not in answer, answer
        built = answer.get("aux", {}).get("ID", built)
    return built


@pytest.fixture
def another(nodes: list[Node], tonight: str) -> str:
    """One more such image; what it shares with the first goes over the line once."""
    return derived(nodes[0].engine, tonight, [f"ENV NIGHT={secrets.token_hex(4)}"])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path / 'park.sqlite'}")) as opened:
        yield opened


@pytest.fixture
def bell(settings: Settings, store: Store, image: str) -> Callable[[str], "Bell"]:
    """The bell of a park with a lesson tomorrow, whose kernels on GPUs need an image."""

    def with_lesson(gpu_image: str) -> Bell:
        with store.write() as session:
            session.add(
                Site(
                    id="north",
                    name="north",
                    module="Базовый",
                    speciality="basic",
                    timezone="Europe/Moscow",
                )
            )
            version = CourseVersion(
                course="learning-machines",
                version="1.0.0",
                title={"ru": "Нейросети", "en": "Neural networks"},
                image=image,
                grader_image=image,
                gpu_image=gpu_image,
                content="learning-machines/1.0.0",
                published_at=EVENING,
            )
            session.add(version)
            session.flush()
            classrooms.ensure_classroom(session, "nets-8b", "8Б", "north", version)
            session.flush()
            timetable.add(session, Day("nets-8b", "added", date(2026, 11, 24), time(10), 45))
        return Bell(settings, store)

    return with_lesson


class Bell:
    """The bell, whose clock a test sets."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.clock = EVENING
        # No hub is asked for anything while no lesson is near.
        hub = Hub("http://127.0.0.1:9/hub/api", "none")
        self._rounds = Rounds(settings, store, hub, now=lambda: self.clock)

    async def ring(self) -> tuple[Missing, ...]:
        """One round, with all that it began; the images that are missing then."""
        await self._rounds.step()
        await self._rounds.end()
        return self._rounds.missing


def jobs(manager: Node) -> list[str]:
    """Services that look for images, or fetch them."""
    names = [service["Spec"]["Name"] for service in manager.engine.services()]
    return [name for name in names if name.startswith((f"{PARK}-image", f"{PARK}-fetch"))]


async def test_nodes_fetch_tomorrows_images_and_the_lesson_needs_no_registry(
    bell: Callable[[str], Bell],
    city: Registry,
    nodes: list[Node],
    settings: Settings,
    shared: Path,
    tonight: str,
) -> None:
    boss, far = nodes
    assert check_registry(settings) == f"{city.address} answers"
    rung = bell(tonight)
    rung.clock -= timedelta(hours=2)  # by day nobody looks at tomorrow
    assert await rung.ring() == ()
    assert not has(far, tonight)

    rung.clock = EVENING
    assert await rung.ring() == ()
    (by_digest,) = far.engine.inspect_image(tonight)["RepoDigests"]
    assert by_digest.startswith(f"{city.address}/technopark/tonight@sha256:")
    assert by_digest in boss.engine.inspect_image(tonight)["RepoDigests"]
    assert jobs(boss) == []

    city.stop()
    try:
        order = kernel_order(tonight, shared)
        with closing(SwarmLeases(settings)) as leases:
            started = leases.start(order)
            label = f"{LEASE_LABEL}={order.name}"
            (kernel,) = far.engine.containers(filters={"label": label})
            assert kernel["ImageID"] == tonight
            leases.stop(started.container)
        rung.clock += timedelta(hours=12)  # in the morning all is there, whoever is away
        assert await rung.ring() == ()
    finally:
        city.start()


async def test_a_registry_that_is_away_is_told_and_asked_again(
    bell: Callable[[str], Bell],
    away: Registry,
    nodes: list[Node],
    settings: Settings,
    another: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    rung = bell(another)
    (missing,) = await rung.ring()
    told = evening.in_words(missing, {"nets-8b": "8Б"}, "en")
    assert told.startswith(
        f"8Б: the image {another[:SHOWN]} is not on {FAR}, and cannot be brought to the registry "
        f"{away.address} ("
    )
    assert "connection refused). The bell tries again" in told
    assert "положить его в реестр" in evening.in_words(missing, {}, "ru")
    assert "cannot be brought to the registry" in caplog.text
    with pytest.raises(MachineError, match=r"does not let this machine in .*connection refused"):
        check_registry(settings)

    away.start()
    rung.clock += LATER
    assert await rung.ring() == ()
    assert has(nodes[1], another)


async def test_a_node_that_does_not_trust_the_registry_is_named_until_it_does(
    bell: Callable[[str], Bell], city: Registry, nodes: list[Node], another: str
) -> None:
    rung = bell(another)
    city.is_strange_to(nodes[1])
    (missing,) = await rung.ring()
    assert (missing.node, missing.rooms, missing.lack.is_there) == (FAR, ("nets-8b",), True)
    assert f"the log of the engine on {FAR} says more" in evening.in_words(missing, {}, "en")

    city.is_trusted_by(nodes[1])
    rung.clock += LATER
    assert await rung.ring() == ()
    assert has(nodes[1], another)


def test_who_needs_long_goes_on_until_the_next_look(
    city: Registry, nodes: list[Node], settings: Settings, another: str
) -> None:
    boss, far = nodes
    port = city.address.rpartition(":")[2]
    silence = ["OUTPUT", "--protocol", "tcp", "--dport", port, "--jump", "DROP"]
    assert far.call("iptables", "--insert", *silence) == ""
    lacking = missing_on_nodes(settings, another, patience=SHORT)
    assert lacking[FAR] == Lack("It is still fetching it.", city.address, is_there=True)
    assert jobs(boss)
    assert far.call("iptables", "--delete", *silence) == ""
    eventually(
        lambda: missing_on_nodes(settings, another, patience=SHORT) == {},
        LONG,
        "the image on all nodes",
    )
    assert jobs(boss) == []


async def test_a_wrong_password_is_told(
    bell: Callable[[str], Bell], settings: Settings, city: Registry, another: str
) -> None:
    settings.registry_password_file.write_text("noisy-day")
    (missing,) = await bell(another).ring()
    assert "401 Unauthorized" in evening.in_words(missing, {}, "en")
    settings.registry_password_file.unlink()
    with pytest.raises(MachineError, match=r"registry-password, which cannot be read"):
        check_registry(settings)


async def test_an_image_that_nobody_has_is_told_for_every_machine(
    bell: Callable[[str], Bell], city: Registry
) -> None:
    nowhere = f"sha256:{secrets.token_hex(32)}"
    missing = await bell(nowhere).ring()
    assert [one.node for one in missing] == ["", BOSS, FAR]
    here, _, there = (evening.in_words(one, {}, "en") for one in missing)
    assert here.startswith(f"nets-8b: the image {nowhere[:SHOWN]} is not on this machine.")
    assert "(The park's own machine does not have it)" in there
