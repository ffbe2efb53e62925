"""Servers on the nodes of a Swarm are forked, too: a parent on each, kept by a global service."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import docker
import pytest
import yaml
from support.cluster import FAR, Node
from support.forked import SERVER
from support.waiting import eventually

from technopark.bench.stub_hub import PREFIX, SERVER_PORT, stub_hub
from technopark.engine import forks
from technopark.engine.caretakers import waiting
from technopark.engine.containers import HOME, PUPIL
from technopark.engine.forks import idle_program
from technopark.engine.networks import PARK_LABEL
from technopark.engine.parent import Parent, find_parent
from technopark.settings import SOURCE

pytestmark = pytest.mark.cluster

PARK = "tpfork"
FOLDER = f"/run/{PARK}-parent"
"""Of each node's sockets."""
ORDINARY = ("tini", "--", "/opt/server/bin/technopark-server")
"""What the base image itself would start."""
SECONDS = 30
"""In which anything here must happen."""

MACHINE = """
import sys
from pathlib import Path
from technopark.machine import parent
from technopark.settings import load
print(getattr(parent, sys.argv[2])(load(Path(sys.argv[1])), *sys.argv[3:]), end="")
"""
ASK = """
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=5)
try:
    connection.request("GET", sys.argv[3])
    print(connection.getresponse().status)
except OSError as error:
    print(error)
"""


@dataclass(frozen=True)
class Seat:
    """A pupil's container on a node."""

    node: Node
    id: str

    def answers(self) -> bool:
        """Whether a Jupyter server does."""
        networks = self.node.engine.inspect_container(self.id)["NetworkSettings"]["Networks"]
        ip = next(iter(networks.values()))["IPAddress"]
        return self.node.run(ASK, ip, str(SERVER_PORT), f"{PREFIX}api").strip() == "200"

    def processes(self) -> list[tuple[str, str]]:
        """Names and command lines; the first is process 1."""
        told = self.node.engine.top(self.id, ps_args="-eo pid,comm,args")["Processes"]
        return [(name, line) for _, name, line in sorted(told, key=lambda row: int(row[0]))]

    def is_forked(self) -> bool:
        """Whether its server is; one that starts by itself has a command line of its own."""
        (line,) = [line for name, line in self.processes() if name == SERVER]
        return "technopark_forked" in line


Machine = Callable[..., str]
Parents = Callable[[Node], Parent]


@pytest.fixture(scope="module")
def machine(nodes: list[Node], shared: Path) -> Iterator[Machine]:
    """What `up`, `doctor` and `down` do about parents, on the park's machine."""
    config = shared / f"{PARK}.yaml"
    content = {
        "data": str(shared / PARK),
        "sites": str(SOURCE / "config" / "sites.yaml"),
        "courses": str(SOURCE / "courses"),
        "network": {"name": PARK},
        "engine": {"url": nodes[0].url},
        "leases": {"engine": "swarm"},
    }
    config.write_text(yaml.safe_dump(content), encoding="utf-8")
    call = partial(nodes[0].run, MACHINE, str(config), sees=FOLDER)
    yield call
    call("drop_parent")


@pytest.fixture(scope="module")
def manager(nodes: list[Node]) -> Any:
    return nodes[0].engine


@pytest.fixture(scope="module")
def parents(nodes: list[Node], machine: Machine, image: str) -> Parents:
    """The parent of a node, when it can be asked."""
    machine("ensure_parent", image)

    def ready(node: Node) -> Parent:
        return eventually(partial(parent_that_answers, node), SECONDS, f"a parent on {node.name}")

    for node in nodes:
        ready(node)
    return ready


@pytest.fixture(scope="module")
def environment(host: docker.APIClient, nodes: list[Node]) -> Iterator[dict[str, str]]:
    """Of servers whose hub is a stub on this machine."""
    (network,) = host.inspect_container(nodes[0].container)["NetworkSettings"]["Networks"].values()
    with stub_hub(network["Gateway"]) as made:
        yield made


Sit = Callable[..., list[Seat]]


@pytest.fixture
def sit(nodes: list[Node], manager: Any, image: str, environment: dict[str, str]) -> Iterator[Sit]:
    """Starts a service with a pupil's container on each node, waits until their servers answer."""
    made: list[str] = []

    def start(after: int = forks.ALONE_AFTER) -> list[Seat]:
        words = idle_program(ORDINARY, after)
        marker = secrets.token_hex(4)
        labels = {
            PARK_LABEL: PARK,
            "test": marker,
            **waiting({forks.SERVER: [], forks.KERNELS: []}),
        }
        container = {
            "Image": image,
            "Command": words["entrypoint"],
            "Args": words["command"],
            "Env": [f"{name}={value}" for name, value in environment.items()],
            "User": f"{PUPIL}:{PUPIL}",
            "ReadOnly": True,
            "CapabilityDrop": ["ALL"],
            "Privileges": {"NoNewPrivileges": True},
            "Init": False,
            "Ulimits": [{"Name": "nofile", "Soft": 4096, "Hard": 4096}],
            "Labels": labels,
            "Mounts": [
                {"Type": "tmpfs", "Target": folder, "TmpfsOptions": {"Mode": 0o1777}}
                for folder in ("/tmp", HOME)  # noqa: S108
            ],
        }
        task = {"ContainerSpec": container, "RestartPolicy": {"Condition": "none"}}
        made.append(manager.create_service(task, name=f"seat-{marker}", mode="global")["ID"])
        seats = [
            eventually(partial(seat, node, marker), SECONDS, f"a container on {node.name}")
            for node in nodes
        ]
        for each in seats:
            eventually(each.answers, SECONDS, f"a server on {each.node.name}")
        return seats

    yield start
    for each in made:
        manager.remove_service(each)


def seat(node: Node, marker: str) -> Seat | None:
    found = node.engine.containers(filters={"label": f"test={marker}"})
    return Seat(node, found[0]["Id"]) if found else None


def parent_that_answers(node: Node) -> Parent | None:
    """The parent of a node once all its programs are ready, at each of its starts."""
    found = find_parent(node.engine, PARK)
    if found is None or not found.runs:
        return None
    began = 1 + node.engine.inspect_container(found.id)["RestartCount"]
    said = node.engine.logs(found.id).decode().count("Ready to fork")
    return found if said == began * len(forks.PROGRAMS) else None


def is_another(node: Node, than: Parent) -> bool:
    found = find_parent(node.engine, PARK)
    return found is not None and found.id != than.id


def caretaker(node: Node) -> str:
    (found,) = [
        each for each in node.engine.containers() if "technopark_forked.nodes" in each["Command"]
    ]
    return str(found["Id"])


def test_a_server_is_forked_on_each_node(parents: Parents, sit: Sit, machine: Machine) -> None:
    assert machine("check_parent").endswith("forks: server, kernels; on every node of the Swarm")
    for each in sit():
        assert each.is_forked(), each.processes()
        assert len(each.processes()) >= 1 + len(forks.PROGRAMS)  # its kernels' parent, too


def test_a_killed_parent_comes_back_and_forks_the_next_server(
    parents: Parents, nodes: list[Node], sit: Sit
) -> None:
    far = nodes[1]
    (_, running), before = sit(), parents(far)
    pid = far.engine.inspect_container(before.id)["State"]["Pid"]
    far.call("kill", "-s", "KILL", str(pid))
    restarted = far.engine.inspect_container
    eventually(lambda: restarted(before.id)["RestartCount"] == 1, SECONDS, "the parent's return")
    assert parents(far).id == before.id
    assert running.answers()
    assert all(each.is_forked() for each in sit())


def test_servers_start_by_themselves_where_nobody_looks_after_them(
    parents: Parents, nodes: list[Node], sit: Sit
) -> None:
    near, far = nodes
    away = caretaker(far)
    far.engine.pause(away)
    try:
        forked, alone = sit(after=2)
    finally:
        far.engine.unpause(away)
    assert (forked.node, forked.is_forked()) == (near, True)
    assert (alone.node.name, alone.is_forked()) == (FAR, False)
    assert alone.processes()[0][0] == "tini"
    assert all(each.is_forked() for each in sit())  # who was late does it no harm
    assert alone.answers()


def test_a_new_base_image_replaces_the_parents_and_touches_no_server(
    parents: Parents,
    nodes: list[Node],
    machine: Machine,
    image: str,
    newer_image: str,
    sit: Sit,
) -> None:
    assert machine("ensure_parent", image) == "up to date"
    running, before = sit(), {node.name: parents(node) for node in nodes}
    assert machine("ensure_parent", newer_image) == "started"
    assert parent_that_answers(nodes[0]) is not None  # the park's machine forks, too
    for node in nodes:
        others = partial(is_another, node, before[node.name])
        eventually(others, SECONDS, f"another parent on {node.name}")
        assert parents(node).image == newer_image
    assert all(each.answers() and each.is_forked() for each in [*running, *sit()])


def test_with_the_service_the_parents_go_and_servers_stay(
    parents: Parents,
    nodes: list[Node],
    manager: Any,
    machine: Machine,
    sit: Sit,
) -> None:
    running = sit()
    assert machine("drop_parent") == "True"
    assert machine("drop_parent") == "False"
    for node in nodes:
        assert node.call("ls", "-d", FOLDER).endswith("No such file or directory\n")
        left = node.engine.containers(all=True, filters={"label": f"{PARK_LABEL}={PARK}"})
        assert {each["Id"] for each in left} == {
            each.id for each in running if each.node.name == node.name
        }
    assert manager.services(filters={"label": f"{PARK_LABEL}={PARK}"}) == []
    assert all(each.answers() for each in running)
