"""What the broker asks of an engine: containers for leases, placed on a node, on a device.

Spoken by `kernels`, answered by `docker_leases` (one machine) and `swarm_leases` (many). All calls
block: they are made on threads, never on an event loop.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

LEASE_LABEL = "technopark.lease"
"""On every lease's container (or service): the lease's id; a waiting sandbox has its own."""

KERNEL_PORTS = 5
"""TCP ports of one kernel, one after the other: shell, iopub, stdin, control, heartbeat."""

CONNECTION_FILE = "/tmp/kernel.json"  # noqa: S108  # in the container's own memory
"""Where a leased kernel finds its connection; ipykernel writes to it again, as its owner."""


@dataclass(frozen=True)
class Device:
    """A GPU, or what is declared as one."""

    uuid: str
    """As `nvidia-smi` prints it, or a declared name."""
    shares: int = 1
    """How many kernels may use it at a time (time-slicing or MIG, as the admin set it up)."""
    is_real: bool = False
    """Whether the engine must hand hardware on; else `TECHNOPARK_DEVICE` is all there is."""


@dataclass(frozen=True)
class Node:
    """A machine with an engine, as it is now."""

    name: str
    is_ready: bool
    cores: float
    memory: int
    """Bytes."""
    devices: tuple[Device, ...] = ()


@dataclass(frozen=True)
class Order:
    """A container for one lease, wholly described; nothing of it comes from a request."""

    name: str
    """What the lease's container is found by: the lease's id, or that of a waiting sandbox."""
    flavour: Literal["gpu", "sandbox"]
    image: str
    command: tuple[str, ...]
    node: str
    device: Device | None
    memory: int
    """Bytes; no swap beyond them."""
    cpu: float
    pids: int
    scratch: int
    """Bytes of /tmp, and of the home where none is bound; in memory."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    labels: Mapping[str, str] = field(default_factory=dict)
    folders: Mapping[Path, str] = field(default_factory=dict)
    """Folders of the node, and where the container sees them, such as `/home/pupil:rw`."""
    folder: str = "/home/pupil"
    """The working directory."""
    connection: Mapping[str, object] | None = field(default=None, repr=False)
    """For `CONNECTION_FILE`, without addresses and ports: the engine adds them."""
    address: str = ""
    """Flavour `gpu`: the address that it had before; empty: the engine chooses a free one."""
    first_port: int = 0
    """Of `KERNEL_PORTS` ports, as it had them before; 0: the engine's own choice."""


@dataclass(frozen=True)
class Started:
    """Where a lease's container runs."""

    container: str
    """The engine's id of it (of the service, on a Swarm)."""
    address: str
    """The IP address at which the holder's server reaches it; empty for sandboxes."""
    first_port: int


@dataclass(frozen=True)
class Way:
    """From a pupil's server to the kernel that it holds."""

    server: str
    """The server's address on the park's network."""
    address: str
    """Of the lease, as `Started` said it; on a Swarm leases share it."""
    first_port: int


@dataclass(frozen=True)
class Found:
    """A lease's container as the engine has it."""

    name: str
    """`Order.name`, from the label."""
    container: str
    is_running: bool
    exit_code: int | None
    labels: Mapping[str, str]


class Stream(Protocol):
    """The standard input and output of a sandbox, as bytes; both ends may block."""

    def read(self) -> bytes:
        """Some bytes that it wrote; empty when it has ended."""

    def write(self, content: bytes) -> None:
        """Gives bytes to it. Raises OSError when it has ended."""

    def close(self) -> None:
        """Lets go of the stream; the container goes on until it is stopped."""


class LeaseEngine(Protocol):
    """One engine, or the engines of a Swarm. Raises EngineError where it cannot do what it must."""

    def nodes(self) -> list[Node]:
        """The nodes that leases may run on, with their devices."""

    def start(self, order: Order) -> Started:
        """Starts a container; when it answers, a kernel listens on its ports.

        Raises:
            EngineError: it did not come up; nothing is left of it.
        """

    def signal(self, container: str, number: int) -> None:
        """Sends a signal to the container's first process."""

    def stop(self, container: str) -> None:
        """Ends and removes it at once; nothing happens where it is gone already."""

    def found(self) -> list[Found]:
        """All containers of leases of this park, also those that ended."""

    def stream(self, container: str) -> Stream:
        """The standard input and output of a running sandbox; what it says meanwhile is lost."""

    def address_of(self, server: str) -> str:
        """The address of a server, by its container's name; empty where it does not run."""

    def connect(self, ways: Collection[Way]) -> None:
        """Lets these servers reach these leases, and nobody else any lease."""

    def watch(self, died: Callable[[str], None]) -> None:
        """Calls `died(container)` from a thread, once for each that ends, until `close`.

        Also for those that ended before, and whose node was lost.
        """

    def close(self) -> None:
        """Lets go of the engine; containers go on."""
