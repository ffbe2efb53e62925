"""Whom a caretaker has served, by what the node's engine tells; engine and parent are stand-ins."""

import queue
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from technopark_forked.nodes import caretaker
from technopark_forked.nodes.caretaker import Caretaker
from technopark_forked.nodes.engine import Engine
from technopark_forked.nodes.orders import Orders
from technopark_forked.nodes.parent import NotForkedError

ORDERS = Orders(
    engine="/run/docker.sock",
    park="park=p",
    waiting="waits-for",
    parent_label="parent",
    made_as="as wanted",
    name="p-parent",
    container={},
    folder="/run/p-parent",
    programs=["server", "kernels"],
)
BOTH = {"waits-for": '{"server": ["--debug"], "kernels": []}'}
SERVER, KERNELS = ("one", "server", ["--debug"]), ("one", "kernels", [])


class Node:
    """A node's engine and its parent; what was done is kept in order."""

    def __init__(self) -> None:
        self.waiting: list[dict[str, Any]] = []
        self.processes = ["sh", "sleep"]
        self.refused: set[str] = set()
        self.happens: list[dict[str, Any]] = []
        self.done: queue.Queue[object] = queue.Queue()

    def containers(self, *labels: str) -> list[dict[str, Any]]:
        assert labels == (ORDERS.park, ORDERS.waiting)
        return self.waiting

    def events(self, label: str, _kinds: tuple[str, ...]) -> Iterator[dict[str, Any] | None]:
        assert label == ORDERS.park
        yield None
        yield from self.happens

    def ask(self, _method: str, address: str, **query: str) -> Any:
        if address.endswith("/kill"):
            self.done.put((address.split("/")[2], query["signal"]))
        if address.endswith("/top"):
            return {"Processes": [["1", name] for name in self.processes]}
        return {"State": {"Pid": 4711}}

    def fork(self, _: Orders, container: str, pid: int, program: str, words: list[str]) -> None:
        assert pid == 4711
        if program in self.refused:
            raise NotForkedError("not today")
        self.done.put((container, program, words))


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Node:
    made = Node()
    monkeypatch.setattr(caretaker, "fork", made.fork)
    monkeypatch.setattr(caretaker, "ensure_parent", lambda *_: made.done.put("parent"))
    return made


@pytest.fixture
def work(node: Node) -> Callable[[], list[object]]:
    """Lets a caretaker live through what happens; what it did."""

    def through() -> list[object]:
        worker = Caretaker(ORDERS, cast("Engine", node))
        worker.run()
        worker._threads.shutdown()
        return [node.done.get() for _ in range(node.done.qsize())]

    return through


Work = Callable[[], list[object]]


def event(action: str, labels: dict[str, str], ago: float = 0.0) -> dict[str, Any]:
    actor = {"ID": "one", "Attributes": labels}
    return {"Action": action, "Actor": actor, "time": time.time() - ago}


def container(ago: float) -> dict[str, Any]:
    return {"Id": "one", "Labels": BOTH, "Created": time.time() - ago}


def test_who_starts_and_waits_is_served(node: Node, work: Work) -> None:
    node.happens = [event("start", BOTH)]
    assert work() == ["parent", SERVER, KERNELS]


def test_who_waits_for_nothing_is_left_alone(node: Node, work: Work) -> None:
    node.happens = [event("start", {}), event("start", {"parent": "as wanted"})]
    assert work() == ["parent"]


def test_who_waited_before_it_came_is_served_once(node: Node, work: Work) -> None:
    node.waiting = [container(ago=10)]
    node.happens = [event("start", BOTH)]
    assert work() == ["parent", SERVER, KERNELS]


def test_who_has_a_server_gets_no_other(node: Node, work: Work) -> None:
    node.processes = ["sh", "technopark-serv", "python"]
    node.waiting = [container(ago=10)]
    assert work() == ["parent"]


def test_who_has_helped_itself_is_left_alone(node: Node, work: Work) -> None:
    node.processes = ["tini", "technopark-serv"]
    node.happens = [event("start", BOTH, ago=30)]
    assert work() == ["parent"]


def test_who_cannot_be_served_is_told_at_once(node: Node, work: Work) -> None:
    node.refused = {"server"}
    node.happens = [event("start", BOTH)]
    assert work() == ["parent", ("one", "SIGURG")]


def test_a_server_without_quick_kernels_is_a_server(node: Node, work: Work) -> None:
    node.refused = {"kernels"}
    node.happens = [event("start", BOTH)]
    assert work() == ["parent", SERVER]


def test_a_removed_parent_is_made_again(node: Node, work: Work) -> None:
    node.happens = [event("destroy", {"parent": "as wanted"}), event("destroy", BOTH)]
    assert work() == ["parent", "parent"]
