"""An engine of leases that starts nothing: for tests of the broker, with deaths on demand."""

import queue
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from technopark.engine.client import EngineError
from technopark.engine.leased import Device, Found, Node, Order, Started, Stream, Way

GIGABYTE = 1 << 30


@dataclass
class Box:
    """A container that is none."""

    order: Order
    started: Started
    exit_code: int | None = None
    signals: list[int] = field(default_factory=list)
    stream: "FakeStream | None" = None

    @property
    def is_running(self) -> bool:
        return self.exit_code is None


class FakeStream:
    """What is written comes back, in capitals, until it is closed or the sandbox dies."""

    def __init__(self) -> None:
        self.said: queue.Queue[bytes] = queue.Queue()
        self.is_closed = False

    def read(self) -> bytes:
        return self.said.get()

    def write(self, content: bytes) -> None:
        if self.is_closed:
            raise OSError("it has ended")
        self.said.put(content.upper())

    def close(self) -> None:
        self.is_closed = True
        self.said.put(b"")


def node(name: str = "here", devices: int = 1, shares: int = 1, cores: float = 2) -> Node:
    """A node with so many declared devices."""
    cards = tuple(Device(f"{name}-gpu-{number}", shares) for number in range(devices))
    return Node(name, is_ready=True, cores=cores, memory=8 * GIGABYTE, devices=cards)


class FakeEngine:
    """Containers in a dictionary, which outlives brokers as real ones do."""

    def __init__(self, *nodes: Node) -> None:
        self.park = {each.name: each for each in nodes or (node(),)}
        self.boxes: dict[str, Box] = {}
        self.ways: list[Way] = []
        self.servers = {"technopark-masha--data-6a": "10.0.0.2"}
        self.fails: str = ""
        """Why nothing starts; empty: all does."""
        self.is_away = False
        self.gate = threading.Event()
        """While it is clear, starts take long."""
        self.gate.set()
        self.tell: list[Callable[[str], None]] = []
        self.wrong: list[str] = []
        """What no broker may ever ask for, and did."""
        self._turn = threading.RLock()
        self._number = 0

    def nodes(self) -> list[Node]:
        self._answer()
        return list(self.park.values())

    def start(self, order: Order) -> Started:
        self._answer()
        self.gate.wait(10)
        with self._turn:
            if self.fails:
                raise EngineError(self.fails)
            if not self.park[order.node].is_ready:
                raise EngineError(f"{order.node} does not answer.")
            taken = [box.order for box in self.boxes.values() if box.is_running]
            if order.name in [other.name for other in taken]:
                self.wrong.append(f"{order.name} has a container already")
            if order.device:
                self._check_share(order.device, taken)
            self._number += 1
            address = order.address or (f"10.0.1.{self._number}" if order.device else "")
            ports = order.first_port or (52000 if order.device else 0)
            started = Started(f"container-{self._number}", address, ports)
            self.boxes[started.container] = Box(order, started)
            return started

    def _check_share(self, device: Device, taken: list[Order]) -> None:
        same = [one for one in taken if one.device and one.device.uuid == device.uuid]
        if len(same) >= device.shares:
            self.wrong.append(f"{device.uuid} is leased too often")

    def signal(self, container: str, number: int) -> None:
        self._answer()
        self.boxes[container].signals.append(number)

    def stop(self, container: str) -> None:
        self._answer()
        with self._turn:
            box = self.boxes.pop(container, None)
        if box and box.stream:
            box.stream.close()

    def found(self) -> list[Found]:
        self._answer()
        with self._turn:
            return [
                Found(box.order.name, container, box.is_running, box.exit_code, box.order.labels)
                for container, box in self.boxes.items()
            ]

    def stream(self, container: str) -> Stream:
        box = self.boxes[container]
        box.stream = FakeStream()
        return box.stream

    def address_of(self, server: str) -> str:
        return self.servers.get(server, "")

    def connect(self, ways: Collection[Way]) -> None:
        self._answer()
        self.ways = list(ways)

    def watch(self, died: Callable[[str], None]) -> None:
        self.tell.append(died)

    def close(self) -> None:
        self.tell.clear()

    def die(self, container: str, exit_code: int = 137) -> None:
        """The container ends by itself, and whoever watches is told."""
        with self._turn:
            box = self.boxes[container]
            box.exit_code = exit_code
        if box.stream:
            box.stream.close()
        for tell in list(self.tell):
            tell(container)

    def lose(self, name: str) -> None:
        """A node goes away with all that runs on it."""
        self.park[name] = replace(self.park[name], is_ready=False)
        for container, box in list(self.boxes.items()):
            if box.order.node == name and box.is_running:
                self.die(container)

    def regain(self, name: str) -> None:
        """The node is back, empty."""
        self.park[name] = replace(self.park[name], is_ready=True)

    def running(self, flavour: str) -> list[Box]:
        """What runs now."""
        with self._turn:
            found = list(self.boxes.values())
        return [box for box in found if box.order.flavour == flavour and box.is_running]

    def _answer(self) -> None:
        if self.is_away:
            raise EngineError("No Docker engine answers.")
