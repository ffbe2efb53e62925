"""Leases on the engine of this machine: real kernels and sandboxes behind the real firewall."""

import json
import secrets
import shutil
import signal
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import pytest
from support.kernels import Kernel, curve_connection
from support.park import own_name
from support.reach import reached
from support.waiting import eventually

from technopark.catalogue.images import ensure_images
from technopark.engine.client import EngineError, open_engine
from technopark.engine.devices import found_here
from technopark.engine.docker_leases import DockerLeases
from technopark.engine.firewall import firewall_problems
from technopark.engine.leased import (
    CONNECTION_FILE,
    KERNEL_PORTS,
    LEASE_LABEL,
    Device,
    Order,
    Started,
    Way,
)
from technopark.engine.networks import PARK_LABEL, Network
from technopark.engine.park_containers import remove_park_containers
from technopark.machine.network import doors, drop_network, ensure_network
from technopark.settings import Device as DeclaredDevice
from technopark.settings import Exchange, LeaseNode, Leases, Ports, Settings, load
from technopark.settings import Network as NetworkSettings

pytestmark = pytest.mark.docker

PARK = own_name("tplease")
PYTHON = "/opt/course/bin/python"
KERNEL = (PYTHON, "-m", "ipykernel_launcher", "-f", CONNECTION_FILE)
CARD = Device("a-card-for-trying")


@pytest.fixture(scope="module")
def settings() -> Settings:
    """A park that consists of its network, with one declared card."""
    changes = {
        "network": NetworkSettings(name=PARK),
        "exchange": Exchange(port=18182),
        "ports": Ports(hub=18181, proxy_api=18101, egress=18183, broker=18184),
        "leases": Leases(nodes=[LeaseNode(devices=[DeclaredDevice(uuid=CARD.uuid, shares=2)])]),
    }
    return load().model_copy(update=changes)


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[docker.APIClient]:
    with closing(open_engine(settings.engine)) as connected:
        yield connected


@pytest.fixture(scope="module")
def network(settings: Settings, client: docker.APIClient) -> Iterator[Network]:
    yield ensure_network(settings)
    remove_park_containers(client, PARK, 2)
    drop_network(settings)


@pytest.fixture(scope="module")
def image(settings: Settings) -> str:
    return ensure_images(["base"], settings, print)["base"].id


@pytest.fixture
def leases(settings: Settings, network: Network) -> Iterator[DockerLeases]:
    with closing(DockerLeases(settings)) as engine:
        yield engine
        engine.connect([])
        for each in engine.found():
            engine.stop(each.container)


@pytest.fixture
def order(image: str, tmp_path: Path) -> Order:
    """A kernel in a pupil's home."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.chown(home, 1000, 1000)
    return Order(
        name=secrets.token_hex(8),
        flavour="gpu",
        image=image,
        command=KERNEL,
        node="",
        device=CARD,
        memory=512 << 20,
        cpu=1.0,
        pids=128,
        scratch=64 << 20,
        environment={"HOME": "/home/pupil", "TECHNOPARK_LANGUAGE": "en"},
        folders={home: "/home/pupil:rw"},
        connection=curve_connection(),
    )


@pytest.fixture
def sandbox(image: str) -> Order:
    """A sandbox whose only program says back what it hears."""
    program = "import sys\nfor line in sys.stdin: print(line.upper(), end='', flush=True)"
    return Order(
        name=secrets.token_hex(8),
        flavour="sandbox",
        image=image,
        command=(PYTHON, "-P", "-c", program),
        node="",
        device=None,
        memory=256 << 20,
        cpu=1.0,
        pids=32,
        scratch=16 << 20,
    )


Runner = Callable[..., str]


@pytest.fixture
def container(client: docker.APIClient, network: Network, image: str) -> Iterator[Runner]:
    """Containers in the park's network that wait, as pupils' servers do; by their ids."""
    made: list[str] = []

    def run(name: str | None = None, command: tuple[str, ...] = ("sleep", "300")) -> str:
        created = client.create_container(
            image,
            entrypoint=[],
            command=list(command),
            name=name,
            labels={PARK_LABEL: PARK},
            host_config=client.create_host_config(network_mode=PARK),
        )["Id"]
        made.append(created)
        client.start(created)
        return str(created)

    yield run
    for each in made:
        client.remove_container(each, force=True)


def ports_of(started: Started) -> list[tuple[str, int]]:
    ports = range(started.first_port, started.first_port + KERNEL_PORTS)
    return [(started.address, port) for port in ports]


def address(client: docker.APIClient, container: str) -> str:
    networks = client.inspect_container(container)["NetworkSettings"]["Networks"]
    return str(networks[PARK]["IPAddress"])


def test_this_machine_is_the_node_and_has_the_declared_card(leases: DockerLeases) -> None:
    (node,) = leases.nodes()
    assert node.name == socket.gethostname()
    assert node.is_ready
    assert node.cores >= 1
    assert Device(CARD.uuid, shares=2, is_real=False) in node.devices


def test_a_kernel_computes_in_the_pupils_home_with_its_device(
    leases: DockerLeases, order: Order
) -> None:
    started = leases.start(replace(order, folder="/home/pupil/data-6a/gone"))
    with closing(Kernel(order.connection or {}, started)) as kernel:
        said = kernel.run(
            "import os, pathlib\n"
            "pathlib.Path('here.txt').write_text('yes')\n"
            "print(os.environ['TECHNOPARK_DEVICE'], os.getcwd(), os.getuid())"
        )
    assert said == f"{CARD.uuid} /home/pupil 1000\n"
    home = next(iter(order.folders))
    assert (home / "here.txt").read_text() == "yes"


def test_the_keys_are_in_the_kernels_memory_and_nowhere_else(
    leases: DockerLeases, client: docker.APIClient, order: Order
) -> None:
    connection = order.connection or {}
    started = leases.start(order)
    described = json.dumps(client.inspect_container(started.container))
    log = client.logs(started.container).decode()
    for name in ("key", "curve_publickey", "curve_secretkey"):
        value = connection[name]
        text = value.decode() if isinstance(value, bytes) else str(value)
        assert text not in described
        assert text not in log
    with closing(Kernel(connection, started)) as kernel:
        mode = kernel.run(f"import os; print(os.stat({CONNECTION_FILE!r}).st_mode)")
        commands = kernel.run(
            "import pathlib; print([p.read_bytes() for p in pathlib.Path('/proc').glob('*/cmdline')"
            " if p.parent.name.isdigit()])"
        )
    assert stat.filemode(int(mode)) == "-rw-------"
    assert str(connection["key"]) not in commands


def test_only_the_holder_reaches_the_kernel(
    leases: DockerLeases, client: docker.APIClient, order: Order, container: Runner
) -> None:
    holder, neighbour = container(f"{PARK}-masha--data-6a"), container()
    started = leases.start(order)
    everything = ports_of(started)
    assert leases.address_of(f"{PARK}-masha--data-6a") == address(client, holder)
    assert leases.address_of(f"{PARK}-nobody--data-6a") == ""
    assert reached(client, holder, everything) == []

    leases.connect([Way(address(client, holder), started.address, started.first_port)])
    assert reached(client, holder, everything) == everything
    assert reached(client, holder, [(started.address, 22)]) == []
    assert reached(client, neighbour, everything) == []

    leases.connect([])
    assert reached(client, holder, everything) == []


def test_open_ways_are_no_problem_of_the_firewall_and_survive_its_renewal(
    leases: DockerLeases,
    settings: Settings,
    client: docker.APIClient,
    order: Order,
    container: Runner,
) -> None:
    holder, started = container(), leases.start(order)
    leases.connect([Way(address(client, holder), started.address, started.first_port)])
    network = ensure_network(settings)
    assert firewall_problems(network, doors(settings)) == []
    assert reached(client, holder, ports_of(started)) == ports_of(started)


def test_a_kernel_reaches_nothing(
    leases: DockerLeases,
    client: docker.APIClient,
    settings: Settings,
    network: Network,
    order: Order,
    container: Runner,
) -> None:
    holder = container(command=("python3", "-m", "http.server", "8888"))
    other = leases.start(replace(order, name=secrets.token_hex(8)))
    started = leases.start(order)
    server = address(client, holder)
    leases.connect([Way(server, started.address, started.first_port)])
    eventually(lambda: _answers(server, 8888), 30, "the neighbour's server")
    with ExitStack() as listening:
        hub = [(network.gateway, port) for port in doors(settings)]
        for door in hub:
            listening.enter_context(socket.create_server(door))
        world = ("1.1.1.1", 53)
        targets = [*hub, (server, 8888), *ports_of(other), world]
        assert reached(client, started.container, targets) == []
        with closing(Kernel(order.connection or {}, started)) as kernel:
            assert kernel.run("print(1 + 1)") == "2\n"


def test_a_restarted_kernel_keeps_its_address(leases: DockerLeases, order: Order) -> None:
    first = leases.start(order)
    leases.stop(first.container)
    leases.stop(first.container)  # gone already
    neighbour = leases.start(replace(order, name=secrets.token_hex(8)))
    assert neighbour.address != first.address
    again = leases.start(
        replace(order, address=first.address, connection=curve_connection(), first_port=52000)
    )
    assert (again.address, again.first_port) == (first.address, first.first_port)
    assert again.container != first.container
    assert {each.name for each in leases.found() if each.is_running} >= {order.name}


def test_a_kernel_that_dies_while_it_starts_is_noticed_at_once(
    leases: DockerLeases, order: Order
) -> None:
    broken = replace(order, command=(PYTHON, "-c", "raise SystemExit('no card answers')"))
    with pytest.raises(EngineError, match=r"ended while it started\. It said:\nno card answers"):
        leases.start(broken)
    assert leases.found() == []


def test_a_kernel_that_dies_is_told_within_a_moment(leases: DockerLeases, order: Order) -> None:
    died: list[str] = []
    leases.watch(died.append)
    started = leases.start(order)
    leases.signal(started.container, signal.SIGKILL)
    eventually(lambda: started.container in died, 3, "the news of its death")
    (found,) = leases.found()
    assert (found.name, found.is_running, found.exit_code) == (order.name, False, 137)
    assert found.labels[LEASE_LABEL] == order.name


def test_what_died_unseen_is_told_when_somebody_watches_again(
    leases: DockerLeases, order: Order
) -> None:
    started = leases.start(order)
    leases.signal(started.container, signal.SIGKILL)
    eventually(lambda: not leases.found()[0].is_running, 20, "the kernel's end")
    told = threading.Event()
    leases.watch(lambda container: told.set() if container == started.container else None)
    assert told.wait(3)


def test_an_interrupt_reaches_the_kernel(leases: DockerLeases, order: Order) -> None:
    started = leases.start(order)
    with closing(Kernel(order.connection or {}, started)) as kernel:
        kernel.send("import time; print('asleep', flush=True); time.sleep(60)")
        assert kernel.output() == "asleep\n"
        leases.signal(started.container, signal.SIGINT)
        assert kernel.reply()["ename"] == "KeyboardInterrupt"
        assert kernel.run("print('awake')") == "awake\n"


def test_a_sandbox_hears_and_answers_and_can_be_taken_up_again(
    leases: DockerLeases, sandbox: Order
) -> None:
    started = leases.start(sandbox)
    with closing(leases.stream(started.container)) as stream:
        stream.write(b"first\n")
        assert stream.read() == b"FIRST\n"
    with closing(leases.stream(started.container)) as stream:  # by a broker that was restarted
        content = b"x" * (1 << 20) + b"\n"
        threading.Thread(target=stream.write, args=(content,)).start()
        answer = b""
        while not answer.endswith(b"\n"):
            answer += stream.read()
        assert answer == content.upper()


def test_a_stream_ends_with_its_sandbox_and_tells_no_errors(
    leases: DockerLeases, sandbox: Order
) -> None:
    program = "import sys; input(); print('x' * 1000, file=sys.stderr); print('bye')"
    started = leases.start(replace(sandbox, command=(PYTHON, "-c", program)))
    with closing(leases.stream(started.container)) as stream:
        stream.write(b"\n")
        assert stream.read() == b"bye\n"
        assert stream.read() == b""
        eventually(lambda: not leases.found()[0].is_running, 20, "the sandbox's end")
        with pytest.raises(BrokenPipeError):
            stream.write(b"more\n")


def test_a_sandbox_is_its_first_process_and_reaches_only_itself(
    leases: DockerLeases, client: docker.APIClient, sandbox: Order
) -> None:
    program = (
        "import json, os, socket\n"
        "input()\n"
        "with open('/home/pupil/x', 'wb') as home:\n"
        "    try: home.write(bytes(17 << 20)); full = False\n"
        "    except OSError: full = True\n"
        "server = socket.create_server(('localhost', 0))\n"
        "socket.create_connection(server.getsockname())\n"
        "print(json.dumps([os.getpid(), [name for _, name in socket.if_nameindex()], full]))"
    )
    started = leases.start(replace(sandbox, command=(PYTHON, "-c", program)))
    with closing(leases.stream(started.container)) as stream:
        stream.write(b"\n")
        pid, interfaces, is_full = json.loads(stream.read())
    assert pid == 1
    assert "eth0" not in interfaces
    assert is_full
    described: dict[str, Any] = client.inspect_container(started.container)
    assert described["HostConfig"]["LogConfig"]["Type"] == "none"
    assert described["HostConfig"]["ReadonlyRootfs"]
    assert described["HostConfig"]["NetworkMode"] == "none"


def test_a_real_card_is_handed_to_the_kernel(leases: DockerLeases, order: Order) -> None:
    found = found_here()
    if not found:
        pytest.skip("there is no GPU here: nvidia-smi does not answer")
    started = leases.start(replace(order, device=Device(found[0], is_real=True)))
    with closing(Kernel(order.connection or {}, started)) as kernel:
        assert found[0] in kernel.run(
            "import subprocess\nprint(subprocess.getoutput('nvidia-smi -L'))"
        )


def _answers(address: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((address, port), 1):
        return True
    return False
