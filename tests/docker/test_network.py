"""The park's network: what a container reaches, asked from inside one."""

import ipaddress
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress

import docker
import pytest
from support.park import own_name

from technopark.catalogue.images import ensure_images
from technopark.engine.client import EngineError, open_engine
from technopark.engine.firewall import chain, firewall_problems
from technopark.engine.networks import PARK_LABEL, Network
from technopark.engine.park_containers import park_containers, remove_park_containers
from technopark.engine.probe import reachable
from technopark.machine.network import doors, drop_network, ensure_network
from technopark.settings import Exchange, Ports, Settings, load
from technopark.settings import Network as NetworkSettings

pytestmark = pytest.mark.docker

PARK = own_name("tpnet")


@pytest.fixture(scope="module")
def settings() -> Settings:
    """Settings of a park that consists of its network alone."""
    changes = {
        "network": NetworkSettings(name=PARK),
        "exchange": Exchange(port=18082),
        "ports": Ports(hub=18081, proxy_api=18001, egress=18083, broker=18084, portal=18086),
    }
    return load().model_copy(update=changes)


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[docker.APIClient]:
    with closing(open_engine(settings.engine)) as client:
        yield client


@pytest.fixture(scope="module")
def network(settings: Settings, engine: docker.APIClient) -> Iterator[Network]:
    yield ensure_network(settings)
    remove_park_containers(engine, PARK, 2)
    drop_network(settings)


@pytest.fixture(scope="module")
def image(settings: Settings) -> str:
    return ensure_images(["base"], settings, print)["base"].id


def test_a_container_reaches_the_parks_doors_and_nothing_else_of_the_host(
    settings: Settings, engine: docker.APIClient, network: Network, image: str
) -> None:
    open_doors = [(network.gateway, port) for port in doors(settings)]
    with ExitStack() as listening:
        for address in open_doors:
            listening.enter_context(socket.create_server(address))
        everywhere = socket.create_server(("0.0.0.0", 0))  # noqa: S104  # the worst service of a host
        other = listening.enter_context(everywhere).getsockname()[1]
        subnet = engine.inspect_network("bridge")["IPAM"]["Config"][0]["Subnet"]
        other_bridge = str(ipaddress.ip_network(subnet)[1])
        closed_doors = [(network.gateway, other), (other_bridge, other)]
        found = reachable(engine, image, PARK, [*open_doors, *closed_doors])
    assert found == open_doors


def test_containers_do_not_reach_each_other(
    engine: docker.APIClient, network: Network, image: str
) -> None:
    neighbour = engine.create_container(
        image,
        entrypoint=["python3", "-m", "http.server", "8888"],
        command=[],
        labels={PARK_LABEL: PARK},
        host_config=engine.create_host_config(network_mode=PARK),
    )["Id"]
    engine.start(neighbour)
    networks = engine.inspect_container(neighbour)["NetworkSettings"]["Networks"]
    address = networks[PARK]["IPAddress"]
    wait_for_answer(address, 8888)  # the host does reach it
    assert reachable(engine, image, PARK, [(address, 8888)]) == []
    assert [container.id for container in park_containers(engine, PARK)] == [neighbour]
    assert remove_park_containers(engine, PARK, 2) == 1
    assert park_containers(engine, PARK) == []


def test_a_lost_rule_is_noticed_and_set_again(settings: Settings, network: Network) -> None:
    assert firewall_problems(network, doors(settings)) == []
    assert ensure_network(settings) == network
    subprocess.run(["iptables", "-D", chain(PARK), "-j", "DROP"], check=True)
    subprocess.run(["iptables", "-D", "DOCKER-USER", "-i", PARK, "-j", "DROP"], check=True)
    assert len(firewall_problems(network, doors(settings))) == 2
    ensure_network(settings)
    assert firewall_problems(network, doors(settings)) == []


def test_a_network_of_another_kind_is_left_alone(
    settings: Settings, engine: docker.APIClient
) -> None:
    name = f"tpother{os.getpid() % 10000}"
    theirs = engine.create_network(name, driver="bridge")["Id"]
    try:
        with pytest.raises(EngineError, match="not one of a park"):
            ensure_network(settings.model_copy(update={"network": NetworkSettings(name=name)}))
    finally:
        engine.remove_network(theirs)


def wait_for_answer(address: str, port: int) -> None:
    for _ in range(100):
        with suppress(OSError), socket.create_connection((address, port), 1):
            return
        time.sleep(0.1)
    raise AssertionError(f"nobody answers at {address}:{port}")
