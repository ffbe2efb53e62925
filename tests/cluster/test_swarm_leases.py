"""Leases on a Swarm: nodes that are containers, each with an engine of its own."""

import json
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import pytest
from support.cluster import BOSS, FAR, Node
from support.kernels import curve_connection
from support.reach import reached
from support.swarm import CARD, PYTHON, SET_UP, kernel_order, swarm_config
from support.waiting import eventually

from technopark.engine.client import EngineError
from technopark.engine.leased import KERNEL_PORTS, LEASE_LABEL, Order, Started
from technopark.engine.networks import PARK_LABEL
from technopark.engine.node_images import missing_on_nodes
from technopark.engine.swarm_leases import SwarmLeases
from technopark.settings import Settings, load

pytestmark = pytest.mark.cluster

PARK = "tpswarm"
NOTICED = 30
"""Seconds in which a lost node must be noticed."""

CONNECT = """
import json, sys
from pathlib import Path
from technopark.engine.leased import Way
from technopark.engine.swarm_leases import SwarmLeases
from technopark.settings import load
SwarmLeases(load(Path(sys.argv[1]))).connect([Way(*way) for way in json.loads(sys.argv[2])])
"""
COMPUTE = """
import json, sys
from jupyter_client.blocking.client import BlockingKernelClient
client = BlockingKernelClient()
client.load_connection_info(json.loads(sys.argv[1]))
client.start_channels()
client.wait_for_ready(timeout=20)
reply = client.execute_interactive(sys.argv[2], timeout=20)
print(reply["content"].get("ename", ""), end="")
"""


@pytest.fixture(scope="module")
def config(nodes: list[Node], shared: Path) -> Path:
    """Settings of a park whose machine is the Swarm's manager."""
    return swarm_config(shared, PARK, nodes[0])


@pytest.fixture(scope="module")
def settings(config: Path) -> Settings:
    return load(config)


@pytest.fixture(scope="module")
def gateway(nodes: list[Node], config: Path) -> str:
    """The manager's address on the park's network."""
    return nodes[0].run(SET_UP, str(config)).strip()


@pytest.fixture(scope="module")
def manager(nodes: list[Node], gateway: str) -> docker.APIClient:
    """The engine of the park's machine, with the park's network on it."""
    engine: docker.APIClient = nodes[0].engine
    return engine


@pytest.fixture
def leases(settings: Settings, manager: docker.APIClient) -> Iterator[SwarmLeases]:
    with closing(SwarmLeases(settings)) as engine:
        yield engine
        for each in engine.found():
            engine.stop(each.container)


@pytest.fixture
def order(image: str, shared: Path) -> Order:
    return kernel_order(image, shared)


@pytest.fixture
def sandbox(image: str) -> Order:
    """A sandbox that says who it is, then says back what it hears."""
    program = (
        "import json, os, pathlib, socket, sys\n"
        "routes = pathlib.Path('/proc/net/route').read_text().splitlines()[1:]\n"
        "beyond = [route for route in routes if route.split()[1] == '00000000']\n"
        "print(json.dumps([os.getpid(), len(beyond)]), flush=True)\n"
        "for line in sys.stdin: print(line.upper(), end='', flush=True)"
    )
    return Order(
        name=secrets.token_hex(8),
        flavour="sandbox",
        image=image,
        command=(PYTHON, "-P", "-c", program),
        node=FAR,
        device=None,
        memory=256 << 20,
        cpu=1.0,
        pids=32,
        scratch=16 << 20,
    )


Runner = Callable[[], str]


@pytest.fixture
def server(manager: docker.APIClient, image: str) -> Iterator[Runner]:
    """Containers that wait in the park's network as pupils' servers do; by their ids."""
    made: list[str] = []

    def run() -> str:
        created = manager.create_container(
            image,
            entrypoint=[],
            command=["sleep", "300"],
            labels={PARK_LABEL: PARK},
            host_config=manager.create_host_config(network_mode=PARK),
        )["Id"]
        made.append(created)
        manager.start(created)
        return str(created)

    yield run
    for each in made:
        manager.remove_container(each, force=True)


@pytest.fixture
def connect(
    nodes: list[Node], config: Path, manager: docker.APIClient
) -> Callable[[str, Started], None]:
    """Opens the way from a server to a lease, on the park's machine."""

    def open_way(server: str, started: Started) -> None:
        way = [_address(manager, server), started.address, started.first_port]
        nodes[0].run(CONNECT, str(config), json.dumps([way]))

    return open_way


def _address(engine: docker.APIClient, container: str) -> str:
    networks = engine.inspect_container(container)["NetworkSettings"]["Networks"]
    return str(networks[PARK]["IPAddress"])


def _ports(started: Started) -> list[tuple[str, int]]:
    ports = range(started.first_port, started.first_port + KERNEL_PORTS)
    return [(started.address, port) for port in ports]


def compute(
    engine: docker.APIClient, server: str, order: Order, started: Started, source: str
) -> str:
    """What a cell prints in the leased kernel, run from a pupil's server."""
    names = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
    ports = {name: started.first_port + number for number, name in enumerate(names)}
    connection = {**(order.connection or {}), "transport": "tcp", "ip": started.address, **ports}
    words = ["/opt/server/bin/python", "-c", COMPUTE, json.dumps(connection), source]
    asked = engine.exec_create(server, words)
    said: str = engine.exec_start(asked["Id"]).decode()
    return said


def _inside(node: Node, order: Order) -> dict[str, Any]:
    """A node's own word on the container of a lease."""
    label = f"{LEASE_LABEL}={order.name}"
    (found,) = node.engine.containers(filters={"label": label})
    described: dict[str, Any] = node.engine.inspect_container(found["Id"])
    return described


def test_nodes_have_their_declared_cards(leases: SwarmLeases) -> None:
    nodes = {node.name: node for node in leases.nodes()}
    assert {name: node.devices for name, node in nodes.items()} == {
        name: (card,) for name, card in CARD.items()
    }
    assert all(node.is_ready and node.cores >= 1 for node in nodes.values())


def test_the_evening_before_says_which_nodes_lack_an_image(
    settings: Settings, manager: docker.APIClient, image: str
) -> None:
    assert missing_on_nodes(settings, image) == {}
    nowhere = f"sha256:{secrets.token_hex(32)}"
    missing = missing_on_nodes(settings, nowhere)
    assert set(missing) == {BOSS, FAR}
    assert "No such image" in missing[FAR].why
    services: Any = manager
    assert [each for each in services.services() if "-image-" in each["Spec"]["Name"]] == []


def test_a_kernel_runs_on_its_node_and_answers_its_holder_alone(
    leases: SwarmLeases,
    nodes: list[Node],
    manager: docker.APIClient,
    order: Order,
    server: Runner,
    connect: Callable[[str, Started], None],
) -> None:
    holder, neighbour = server(), server()
    started = leases.start(order)
    assert reached(manager, holder, _ports(started)) == []
    connect(holder, started)
    source = (
        "import os; open('here.txt', 'w').write('yes'); "
        "print(os.environ['TECHNOPARK_DEVICE'], os.getcwd())"
    )
    assert compute(manager, holder, order, started, source) == f"{CARD[FAR].uuid} /home/pupil\n"
    assert (next(iter(order.folders)) / "here.txt").read_text() == "yes"
    assert reached(manager, neighbour, _ports(started)) == []
    assert _inside(nodes[1], order)["State"]["Running"]


def test_a_kernel_reaches_nothing_and_is_published_nowhere(
    leases: SwarmLeases,
    nodes: list[Node],
    manager: docker.APIClient,
    gateway: str,
    order: Order,
    server: Runner,
    connect: Callable[[str, Started], None],
) -> None:
    holder = server()
    other = leases.start(replace(order, name=secrets.token_hex(8), connection=curve_connection()))
    started = leases.start(order)
    connect(holder, started)
    ssh_like = [(node.address, 2377) for node in nodes]  # the Swarm itself listens there
    targets = [*ssh_like, (gateway, 8081), *_ports(other), *_ports(started), ("1.1.1.1", 53)]
    described = _inside(nodes[1], order)
    assert reached(nodes[1].engine, described["Id"], targets) == []
    assert described["NetworkSettings"]["Ports"] in ({}, None)


def test_a_kernel_is_locked_down_and_its_keys_are_told_to_nobody(
    leases: SwarmLeases, nodes: list[Node], manager: Any, order: Order
) -> None:
    started = leases.start(order)
    described = _inside(nodes[1], order)
    host = described["HostConfig"]
    assert host["CapDrop"] == ["ALL"]
    assert host["ReadonlyRootfs"]
    assert host["PidsLimit"] == order.pids
    assert host["Memory"] == order.memory
    assert described["Config"]["User"] == "1000:1000"
    status = nodes[1].engine.exec_create(described["Id"], ["cat", "/proc/1/status"])
    assert "NoNewPrivs:\t1" in nodes[1].engine.exec_start(status["Id"]).decode()
    service = manager.inspect_service(started.container)
    passages = manager.containers(filters={"label": "technopark.passage"})
    told = json.dumps([described, service, passages])
    for name in ("key", "curve_publickey", "curve_secretkey"):
        assert str((order.connection or {})[name]) not in told


def test_an_interrupt_reaches_the_kernel(
    leases: SwarmLeases,
    manager: docker.APIClient,
    order: Order,
    server: Runner,
    connect: Callable[[str, Started], None],
) -> None:
    holder, started = server(), leases.start(order)
    connect(holder, started)
    home = next(iter(order.folders))

    def interrupt() -> None:
        eventually(lambda: (home / "asleep").exists(), 20, "the cell's start")
        leases.signal(started.container, signal.SIGINT)

    helper = threading.Thread(target=interrupt)
    helper.start()
    source = "import time; open('asleep', 'w').close(); time.sleep(60)"
    said = compute(manager, holder, order, started, source)
    helper.join()
    assert said.endswith("KeyboardInterrupt")
    assert compute(manager, holder, order, started, "print('awake')") == "awake\n"


def test_a_kernel_that_does_not_start_says_why(leases: SwarmLeases, order: Order) -> None:
    broken = replace(order, command=(PYTHON, "-c", "raise SystemExit('no card answers')"))
    with pytest.raises(EngineError, match=r"ended while it started(.|\n)*no card answers"):
        leases.start(broken)
    assert leases.found() == []


def test_a_kernel_that_dies_is_told(leases: SwarmLeases, order: Order) -> None:
    told = threading.Event()
    started = leases.start(order)
    leases.watch(lambda container: told.set() if container == started.container else None)
    leases.signal(started.container, signal.SIGKILL)
    assert told.wait(10)
    (found,) = leases.found()
    assert (found.is_running, found.exit_code) == (False, 137)


def test_a_sandbox_hears_and_answers_without_a_way_out(
    leases: SwarmLeases, nodes: list[Node], sandbox: Order
) -> None:
    started = leases.start(sandbox)
    with closing(leases.stream(started.container)) as stream:
        pid, ways_out = json.loads(stream.read())
        stream.write(b"first\n")
        assert stream.read() == b"FIRST\n"
    with closing(leases.stream(started.container)) as stream:  # by a broker that was restarted
        stream.write(b"second\n")
        assert stream.read() == b"SECOND\n"
    assert (pid, ways_out) == (1, 0)
    targets = [*((node.address, 2377) for node in nodes), ("1.1.1.1", 53)]
    assert reached(nodes[1].engine, _inside(nodes[1], sandbox)["Id"], targets) == []


def test_nothing_is_left_of_what_was_stopped(
    leases: SwarmLeases, manager: Any, order: Order, sandbox: Order
) -> None:
    leases.watch(lambda _: None)
    for each in (order, sandbox):
        started = leases.start(each)
        leases.stop(started.container)
        leases.stop(started.container)  # gone already
    labels = {"label": f"{PARK_LABEL}={PARK}"}
    assert leases.found() == []
    assert manager.containers(all=True, filters={"label": "technopark.passage"}) == []
    assert manager.secrets(filters=labels) == []
    eventually(
        lambda: [net["Name"] for net in manager.networks(filters=labels)] == [PARK],
        30,
        "the end of the leases' networks",
    )


def test_a_lost_node_is_noticed_and_the_kernel_starts_elsewhere_at_its_address(
    leases: SwarmLeases,
    nodes: list[Node],
    manager: docker.APIClient,
    order: Order,
    server: Runner,
    connect: Callable[[str, Started], None],
    record_property: Callable[[str, object], None],
) -> None:
    """The last test: the node stays lost."""
    holder, started = server(), leases.start(order)
    told = threading.Event()
    leases.watch(lambda container: told.set() if container == started.container else None)
    lost = time.monotonic()
    nodes[1].unplug()
    assert told.wait(NOTICED)
    record_property("noticed_s", round(time.monotonic() - lost, 1))
    assert {node.name: node.is_ready for node in leases.nodes()} == {BOSS: True, FAR: False}
    leases.stop(started.container)
    with pytest.raises(EngineError, match=f"{FAR} does not answer"):
        leases.start(replace(order, name=secrets.token_hex(8)))

    again = replace(order, node=BOSS, device=CARD[BOSS], address=started.address)
    restarted = leases.start(again)
    assert restarted.address == started.address
    connect(holder, restarted)
    said = compute(manager, holder, again, restarted, "print('back')")
    record_property("back_s", round(time.monotonic() - lost, 1))
    assert said == "back\n"
