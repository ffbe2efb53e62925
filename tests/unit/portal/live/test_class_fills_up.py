"""The teacher sees the class fill up, before a real hub whose servers are stand-ins."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from support.hub_with_stand_ins import TEACHER, hub_with_stand_ins, signed_in
from support.park import Park
from support.visitor import Visitor
from support.waiting import eventually

from technopark.bench.hub.people import Visit
from technopark.bench.hub.place import Place

pytestmark = pytest.mark.slow

OURS, OTHERS = "room-0000", "room-0001"
PUPILS = [Visit(name, OURS) for name in ("masha", "olya", "petya")] + [Visit("lena", OTHERS)]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Park, Place]]:
    folder = tmp_path_factory.mktemp("hub")
    with hub_with_stand_ins(folder, PUPILS, admission={"at_a_time": 1}) as made:
        yield made


@pytest.fixture
def come(hub: tuple[Park, Place]) -> Iterator[dict[str, Visitor]]:
    names = [visit.name for visit in PUPILS]
    with signed_in(hub[0], *names, TEACHER + OURS, TEACHER + OTHERS) as visitors:
        yield {visitor.name: visitor for visitor in visitors}


class Board:
    """The class page of a teacher, read in a thread."""

    def __init__(self, teacher: Visitor, room: str) -> None:
        self.pupils: dict[str, Any] = {}
        self.told_at = 0.0
        self._stream = teacher.http.stream("GET", f"/hub/class/{room}/events", timeout=60)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        eventually(lambda: self.pupils, 10, "the first event")

    def _read(self) -> None:
        with self._stream as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    self.pupils = json.loads(line.removeprefix("data: "))["pupils"]
                    self.told_at = time.monotonic()
                    if all(state == "ready" for state, _ in self.pupils.values()):
                        return


def test_the_class_fills_up_before_the_teachers_eyes(
    hub: tuple[Park, Place], come: dict[str, Visitor]
) -> None:
    teacher = come[TEACHER + OURS]
    assert f'href="/hub/class/{OURS}"' in teacher.http.get("/hub/home").text
    page = teacher.http.get(f"/hub/class/{OURS}")
    assert page.status_code == 200
    assert "olya" in page.text
    assert "lena" not in page.text
    board = Board(teacher, OURS)
    assert board.pupils == {name: ["away", None] for name in ("masha", "olya", "petya")}

    os.kill(hub[1].pids["stand-ins"], signal.SIGSTOP)
    try:
        for name in ("masha", "petya", "olya"):
            come[name].http.get(f"/hub/spawn/{name}/{OURS}")
        seen = {"masha": ["starting", None], "olya": ["waiting", 2], "petya": ["waiting", 1]}
        eventually(lambda: board.pupils == seen, 10, "the teacher sees who waits where")
    finally:
        os.kill(hub[1].pids["stand-ins"], signal.SIGCONT)
    ready = {name: ["ready", None] for name in seen}
    eventually(lambda: board.pupils == ready, 30, "the teacher sees that all are ready")


def test_another_class_is_nobodys_business(come: dict[str, Visitor]) -> None:
    for name, room in (
        (TEACHER + OTHERS, OURS),
        ("masha", OURS),
        ("lena", OURS),
        (TEACHER + OURS, "no-such-room"),
    ):
        for path in (f"/hub/class/{room}", f"/hub/class/{room}/events"):
            assert come[name].http.get(path).status_code == 404, (name, path)
        assert "/hub/class/" not in come["masha"].http.get("/hub/home").text
