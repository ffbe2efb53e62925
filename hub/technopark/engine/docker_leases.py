"""Leases on the Docker engine of this machine: kernels on the park's network, sandboxes on none.

Called by the broker, as `leased.LeaseEngine`, on threads. Touches only containers that carry the
park's label and a lease's; what they may reach is the firewall's business (`engine.firewall`).
"""

import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docker.errors import APIError, NotFound
from docker.types import DeviceRequest, LogConfig, NetworkingConfig

from technopark.engine.attached import Attached
from technopark.engine.client import EngineError, engine_errors, open_engine
from technopark.engine.containers import HOME, PUPIL, hardened, memory_home
from technopark.engine.devices import devices, found_here
from technopark.engine.events import follow_deaths
from technopark.engine.firewall import connect_leases
from technopark.engine.handover import TINI, connection_line, with_connection
from technopark.engine.lease_network import ADDRESS_LABEL, LeaseNetwork
from technopark.engine.leased import (
    KERNEL_PORTS,
    LEASE_LABEL,
    Found,
    Node,
    Order,
    Started,
    Stream,
    Way,
)
from technopark.engine.networks import PARK_LABEL
from technopark.settings import Settings

_HOSTS = Path(__file__).with_name("inside") / "hosts"
"""A sandbox's table of hosts: without a network the engine leaves it empty."""
_GLANCE = 0.02
"""Seconds between two tries to reach a kernel that starts."""
_TOLD_LINES = 12
"""Of a container's log, in the error that says why it ended."""
_GONE = (404, 409)
"""The engine's word for a container that is not there, and for one that is just being removed."""


class DockerLeases:
    """One engine, which is the only node.

    Raises:
        EngineError: no engine answers.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._park = settings.network.name
        self._client = open_engine(settings.engine)
        self._network = LeaseNetwork(self._client, self._park)
        self._choosing = threading.Lock()
        self._over = threading.Event()

    def nodes(self) -> list[Node]:
        """This machine. Settings name it by its own name or by none."""
        with engine_errors(self._settings.engine):
            info = self._client.info()
        name = str(info["Name"])
        declared = [
            device
            for node in self._settings.leases.nodes
            if node.name in ("", name)
            for device in node.devices
        ]
        return [
            Node(
                name,
                is_ready=True,
                cores=float(info["NCPU"]),
                memory=int(info["MemTotal"]),
                devices=devices(declared, found_here()),
            )
        ]

    def start(self, order: Order) -> Started:
        """Starts a container; when it answers, a kernel listens on its ports.

        Raises:
            EngineError: it did not come up; nothing is left of it.
        """
        with engine_errors(self._settings.engine):
            if order.flavour == "sandbox":
                container = self._create(order, _sandbox_plan(order))
                with self._or_nothing(container):
                    self._client.start(container)
                return Started(container, "", 0)
            return self._start_kernel(order)

    def signal(self, container: str, number: int) -> None:
        """Sends a signal to the container's first process, or to the kernel behind it."""
        with engine_errors(self._settings.engine):
            self._client.kill(container, signal=number)

    def stop(self, container: str) -> None:
        """Ends and removes it at once; nothing happens where it is gone already."""
        with engine_errors(self._settings.engine):
            self._remove(container)

    def found(self) -> list[Found]:
        """All containers of leases of this park, also those that ended."""
        with engine_errors(self._settings.engine):
            return [
                Found(
                    name=each["Labels"][LEASE_LABEL],
                    container=each["Id"],
                    is_running=each["State"] == "running",
                    exit_code=self._exit_code(each["Id"]) if each["State"] == "exited" else None,
                    labels=each["Labels"],
                )
                for each in self._listed()
            ]

    def stream(self, container: str) -> Stream:
        """The standard input and output of a running sandbox; what it said before is lost."""
        with engine_errors(self._settings.engine):
            return Attached(self._client, container)

    def address_of(self, server: str) -> str:
        """The address of a server, by its container's name; empty where it does not run."""
        with engine_errors(self._settings.engine):
            return self._network.address_of(server)

    def connect(self, ways: Collection[Way]) -> None:
        """Lets these servers reach these leases, and nobody else any lease."""
        connect_leases(self._park, ways)

    def watch(self, died: Callable[[str], None]) -> None:
        """Calls `died(container)` from a thread, once for each that ends, until `close`."""
        told: set[str] = set()

        def tell(container: str, _name: str = "") -> None:
            if container not in told:
                told.add(container)
                died(container)

        def catch_up() -> None:
            here = self.found()
            told.intersection_update(each.container for each in here)
            for each in here:
                if not each.is_running and each.exit_code is not None:
                    tell(each.container)

        labels = [f"{PARK_LABEL}={self._park}", LEASE_LABEL]
        threading.Thread(
            target=follow_deaths,
            args=(self._settings.engine, labels, tell, self._over.is_set, catch_up),
            name="lease-watch",
            daemon=True,
        ).start()

    def close(self) -> None:
        """Lets go of the engine; containers go on."""
        self._over.set()
        self._client.close()

    def _start_kernel(self, order: Order) -> Started:
        first_port = order.first_port or self._settings.leases.ports[0]
        with self._choosing:  # until the container exists, its address is nobody's
            taken = {each["Labels"].get(ADDRESS_LABEL) for each in self._listed()}
            address = order.address or self._network.free_address(taken)
            container = self._create(order, self._kernel_plan(order, address))
        with self._or_nothing(container), closing(Attached(self._client, container)) as streams:
            self._client.start(container)
            streams.write(connection_line(order, address, first_port))
            self._wait_for_kernel(container, streams, (address, first_port + KERNEL_PORTS - 1))
        return Started(container, address, first_port)

    def _wait_for_kernel(
        self, container: str, streams: Attached, heartbeat: tuple[str, int]
    ) -> None:
        patience = self._settings.servers.start_timeout
        deadline = time.monotonic() + patience
        while not _accepts(heartbeat):
            if streams.ends_within(_GLANCE):
                raise EngineError(
                    f"The kernel ended while it started.{self._last_words(container)}"
                )
            if time.monotonic() > deadline:
                said = self._last_words(container)
                raise EngineError(f"The kernel did not answer within {patience:g} seconds.{said}")

    def _last_words(self, container: str) -> str:
        said = self._client.logs(container, tail=_TOLD_LINES).decode(errors="replace").strip()
        return f" It said:\n{said}" if said else " It said nothing."

    def _create(self, order: Order, plan: "_Plan") -> str:
        limits = self._settings.servers.model_copy(
            update={"cpu": order.cpu, "pids": order.pids, "scratch": order.scratch}
        )
        is_bound = any(place.split(":")[0] == HOME for place in order.folders.values())
        host = hardened(limits, memory=order.memory, home_in_memory=not is_bound) | plan.host
        if not is_bound:
            host["tmpfs"] |= {HOME: memory_home(order.scratch)}
        own = {PARK_LABEL: self._park, LEASE_LABEL: order.name}
        device = {"TECHNOPARK_DEVICE": order.device.uuid} if order.device else {}
        config = self._client.create_container_config(
            order.image,
            plan.command,
            entrypoint=plan.entrypoint,
            environment=dict(order.environment) | device,
            user=f"{PUPIL}:{PUPIL}",
            working_dir=HOME,
            detach=True,  # else its standard input would end with the first who holds it
            stdin_open=True,
            labels=dict(order.labels) | own | plan.labels,
            networking_config=plan.network,
            network_disabled=plan.network_disabled,
            host_config=self._client.create_host_config(
                binds=[
                    f"{path}:{place}" for path, place in {**order.folders, **plan.files}.items()
                ],
                **host,
            ),
        )
        name = f"{self._park}-lease-{order.name}"
        created = self._client.create_container_from_config(  # type: ignore[no-untyped-call]
            config, name
        )
        return str(created["Id"])

    def _kernel_plan(self, order: Order, address: str) -> "_Plan":
        host: dict[str, Any] = {"network_mode": self._park}
        if order.device and order.device.is_real:
            host["device_requests"] = [
                DeviceRequest(
                    driver="nvidia",
                    device_ids=[order.device.uuid],
                    capabilities=[["gpu", "compute", "utility"]],
                )
            ]
        return _Plan(
            entrypoint=[*TINI],
            command=with_connection(order),
            host=host,
            labels={ADDRESS_LABEL: address},
            network=self._network.place(address),
        )

    def _listed(self) -> list[dict[str, Any]]:
        labels = [f"{PARK_LABEL}={self._park}", LEASE_LABEL]
        listed: list[dict[str, Any]] = self._client.containers(all=True, filters={"label": labels})
        return listed

    def _exit_code(self, container: str) -> int | None:
        try:
            return int(self._client.inspect_container(container)["State"]["ExitCode"])
        except NotFound:
            return None

    @contextmanager
    def _or_nothing(self, container: str) -> Iterator[None]:
        """Leaves nothing of the container behind where the block fails."""
        try:
            yield
        except BaseException:
            self._remove(container)
            raise

    def _remove(self, container: str) -> None:
        try:
            self._client.remove_container(container, force=True, v=True)
        except APIError as error:
            if error.status_code not in _GONE:
                raise


@dataclass(frozen=True)
class _Plan:
    """What differs between a kernel's container and a sandbox."""

    entrypoint: list[str]
    command: list[str]
    host: dict[str, Any]
    labels: dict[str, str] = field(default_factory=dict)
    network: NetworkingConfig | None = None
    files: dict[Path, str] = field(default_factory=dict)
    """Of this machine, and where the container sees them."""
    network_disabled: bool = False
    """Whether the engine's network library has nothing to do with it at all."""


def _sandbox_plan(order: Order) -> _Plan:
    # No init: the command is process 1, which nothing in the container can end.
    program, *arguments = order.command
    return _Plan(
        entrypoint=[program],
        command=arguments,
        host={"network_mode": "none", "log_config": LogConfig(type="none")},
        # An empty network namespace comes from the runtime as well, at half of what the whole
        # container costs with an endpoint on the engine's network `none`.
        network_disabled=True,
        files={_HOSTS: "/etc/hosts:ro"},
    )


def _accepts(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True
