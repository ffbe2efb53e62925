"""Leases on the nodes of a Swarm: services there, and beside the broker a passage to each.

Called by the broker, as `leased.LeaseEngine`, on threads. The engine of this machine must be a
manager of the Swarm; the nodes' own engines are never spoken to.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from docker.errors import APIError, DockerException, NotFound
from requests.exceptions import RequestException

from technopark.engine.attached import Attached
from technopark.engine.client import EngineError, engine_errors, open_engine
from technopark.engine.firewall import connect_leases
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
from technopark.engine.passages import Passages
from technopark.engine.swarm_nodes import node_id, nodes, ready_nodes
from technopark.engine.swarm_services import (
    FLAVOUR_LABEL,
    Service,
    create_service,
    first_process_port,
    remove_parts,
    sweep_networks,
)
from technopark.problem import Problem
from technopark.settings import Settings

log = logging.getLogger(__name__)

_ENDED = ("complete", "shutdown", "failed", "rejected", "remove", "orphaned")
"""States of a task that will not run (again)."""
_GLANCE = 0.05
"""Seconds between two looks at a service that starts."""
_ROUND = 1.0
"""Seconds between two looks at all services; a Swarm tells nobody of the death of a task."""
_TOLD_LINES = 12


class SwarmLeases:
    """The nodes of the Swarm that carry the settings' label.

    Raises:
        EngineError: no engine answers.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._park = settings.network.name
        self._client: Any = open_engine(settings.engine)  # whose types know no services
        self._network = LeaseNetwork(self._client, self._park)
        self._passages = Passages(self._client, settings, self._network)
        self._choosing = threading.Lock()
        self._starting: set[str] = set()
        """Names of orders: what is not complete yet is not dead."""
        self._over = threading.Event()

    def is_manager(self) -> bool:
        """Whether the engine of this machine may speak for a Swarm."""
        with engine_errors(self._settings.engine):
            return bool(self._client.info()["Swarm"].get("ControlAvailable"))

    def nodes(self) -> list[Node]:
        """The nodes that leases may run on, with their devices."""
        with engine_errors(self._settings.engine):
            return nodes(self._client, self._settings.leases)

    def start(self, order: Order) -> Started:
        """Starts a service and the passage to it; when it answers, a kernel listens.

        Raises:
            EngineError: it did not come up; nothing is left of it.
        """
        with engine_errors(self._settings.engine), self._while_it_starts(order.name):
            node = node_id(self._client, order.node, self._settings.leases)
            with self._choosing:  # until the service exists, its address is nobody's
                address = self._address(order)
                made = create_service(self._client, order, node, address, self._settings)
            with self._or_nothing(made):
                self._open_passage(order, made, address)
        first_port = (order.first_port or self._settings.leases.ports[0]) if address else 0
        return Started(made.id, address, first_port)

    def signal(self, container: str, number: int) -> None:
        """Sends a signal to a kernel and its children."""
        with engine_errors(self._settings.engine):
            labels = self._client.inspect_service(container)["Spec"]["Labels"]
            if labels[FLAVOUR_LABEL] != "gpu":
                raise EngineError("A sandbox on a Swarm takes no signals; it can be stopped.")
            with closing(Attached(self._client, self._passages.to(container))) as passage:
                passage.write(f"{number}\n".encode())

    def stop(self, container: str) -> None:
        """Ends and removes it at once; nothing happens where it is gone already."""
        with engine_errors(self._settings.engine):
            try:
                spec = self._client.inspect_service(container)["Spec"]
            except NotFound:
                self._passages.remove(container)
                return
            self._remove(_parts(container, spec))

    def found(self) -> list[Found]:
        """All services of leases of this park, also those that ended or whose node is lost."""
        starting = set(self._starting)  # before anything is asked: it may be complete by then
        with engine_errors(self._settings.engine):
            services = self._services()
            if not services:
                return []
            ids = [service["ID"] for service in services]
            tasks = {task["ServiceID"]: task for task in self._client.tasks({"service": ids})}
            ready = ready_nodes(self._client)
            passages = self._passages.listed()
        alive = {
            service
            for service, passage in passages.items()
            if passage["State"] == "running" and _runs(tasks.get(service), ready)
        }
        return [
            _found(
                service,
                tasks.get(service["ID"]),
                is_running=service["ID"] in alive
                or service["Spec"]["Labels"][LEASE_LABEL] in starting,
            )
            for service in services
        ]

    def stream(self, container: str) -> Stream:
        """The standard input and output of a running sandbox; what it said before is lost."""
        with engine_errors(self._settings.engine):
            return Attached(self._client, self._passages.to(container))

    def address_of(self, server: str) -> str:
        """The address of a server, by its container's name; empty where it does not run."""
        with engine_errors(self._settings.engine):
            return self._network.address_of(server)

    def connect(self, ways: Collection[Way]) -> None:
        """Lets these servers reach these leases' passages, and nobody else any lease."""
        connect_leases(self._park, ways)

    def watch(self, died: Callable[[str], None]) -> None:
        """Calls `died(container)` from a thread, once for each that ends, until `close`."""
        threading.Thread(target=self._watch, args=(died,), name="lease-watch", daemon=True).start()

    def close(self) -> None:
        """Lets go of the engine; services go on."""
        self._over.set()
        self._client.close()

    def _watch(self, died: Callable[[str], None]) -> None:
        told: set[str] = set()
        while not self._over.wait(_ROUND):
            try:
                dead = {each.container for each in self.found() if not each.is_running}
                with self._choosing:
                    sweep_networks(self._client, self._park)
            except (Problem, DockerException, RequestException) as error:
                log.warning("The Swarm's manager does not say how leases are: %s", error)
                continue
            for container in dead - told:
                died(container)
            told = dead

    def _open_passage(self, order: Order, made: Service, address: str) -> None:
        task = self._running_task(made)
        target = (_task_address(task, made.network), first_process_port(order, self._settings))
        first_port = order.first_port or self._settings.leases.ports[0]
        passage = self._passages.create(
            made.id,
            made.network,
            order.image,
            target,
            address=address,
            ports=range(first_port, first_port + KERNEL_PORTS) if address else (),
        )
        with closing(Attached(self._client, passage)) as streams:
            self._client.start(passage)
            if address:
                self._wait_for_kernel(made, streams)

    def _running_task(self, made: Service) -> dict[str, Any]:
        for _ in self._while_patient("The Swarm did not start it"):
            for task in self._client.tasks({"service": made.id}):
                state = task["Status"]["State"]
                if state in _ENDED:
                    raise EngineError(f"It ended while it started.{self._last_words(made, task)}")
                if state == "running":
                    running: dict[str, Any] = task
                    return running
            time.sleep(_GLANCE)
        raise AssertionError("patience ends with an error")

    def _wait_for_kernel(self, made: Service, passage: Attached) -> None:
        for _ in self._while_patient("The kernel did not answer"):
            if passage.has_news_within(10 * _GLANCE):
                if passage.read():  # it says that the kernel is ready, and nothing else
                    return
                raise EngineError(f"The kernel ended while it started.{self._last_words(made)}")
            for task in self._client.tasks({"service": made.id}):
                if task["Status"]["State"] in _ENDED:
                    said = self._last_words(made, task)
                    raise EngineError(f"The kernel ended while it started.{said}")

    def _while_patient(self, what: str) -> Iterator[None]:
        patience = self._settings.servers.start_timeout
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            yield
        raise EngineError(f"{what} within {patience:g} seconds.")

    def _last_words(self, made: Service, task: dict[str, Any] | None = None) -> str:
        why = str(task["Status"].get("Err", "")) if task else ""
        try:
            said = self._client.service_logs(made.id, stdout=True, stderr=True, tail=_TOLD_LINES)
            why += "\n" + b"".join(said).decode(errors="replace")
        except APIError as error:
            log.debug("no log of %s: %s", made.id, error)
        return f" It said:\n{why.strip()}" if why.strip() else " It said nothing."

    def _address(self, order: Order) -> str:
        if order.flavour != "gpu" or order.address:
            return order.address
        taken = {service["Spec"]["Labels"].get(ADDRESS_LABEL) for service in self._services()}
        return self._network.free_address(taken)

    def _services(self) -> list[dict[str, Any]]:
        labels = [f"{PARK_LABEL}={self._park}", LEASE_LABEL]
        listed: list[dict[str, Any]] = self._client.services(filters={"label": labels})
        return listed

    @contextmanager
    def _while_it_starts(self, name: str) -> Iterator[None]:
        self._starting.add(name)
        try:
            yield
        finally:
            self._starting.discard(name)

    @contextmanager
    def _or_nothing(self, made: Service) -> Iterator[None]:
        """Leaves nothing of the lease behind where the block fails."""
        try:
            yield
        except BaseException:
            self._remove(made)
            raise

    def _remove(self, made: Service) -> None:
        self._passages.remove(made.id)
        remove_parts(self._client, made)


def remove_services(settings: Settings) -> None:
    """Removes all leases of the park from the Swarm, if there is one, when the park goes down."""
    with closing(SwarmLeases(settings)) as engine:
        for each in engine.found() if engine.is_manager() else ():
            engine.stop(each.container)


def _runs(task: dict[str, Any] | None, ready: Collection[str]) -> bool:
    return (
        task is not None and task["Status"]["State"] not in _ENDED and task.get("NodeID") in ready
    )


def _found(service: dict[str, Any], task: dict[str, Any] | None, *, is_running: bool) -> Found:
    labels = service["Spec"]["Labels"]
    status: dict[str, Any] = task["Status"] if task else {"State": "new"}
    has_code = status["State"] in ("complete", "failed")
    ended = status.get("ContainerStatus") or {}
    return Found(
        name=labels[LEASE_LABEL],
        container=service["ID"],
        is_running=is_running,
        exit_code=ended.get("ExitCode") if has_code else None,
        labels=labels,
    )


def _parts(service: str, spec: dict[str, Any]) -> Service:
    task = spec["TaskTemplate"]
    given: Iterable[dict[str, Any]] = task["ContainerSpec"].get("Secrets") or ()
    return Service(
        id=service,
        network=task["Networks"][0]["Target"],
        secret=next((str(each["SecretID"]) for each in given), ""),
    )


def _task_address(task: dict[str, Any], network: str) -> str:
    for attachment in task["NetworksAttachments"]:
        if attachment["Network"]["ID"] == network:
            return str(attachment["Addresses"][0].partition("/")[0])
    raise EngineError("The Swarm gave the lease no address in its own network.")
