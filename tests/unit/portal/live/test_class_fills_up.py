"""The teacher sees the class fill up: a real hub before stand-ins, and the portal beside it."""

import json
import os
import signal
import threading
from collections.abc import Iterator

import httpx
import pytest
from support.hub_with_stand_ins import TEACHER, hub_with_stand_ins, signed_in
from support.park import Park
from support.portal import portal_beside
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
    with (
        hub_with_stand_ins(folder, PUPILS, admission={"at_a_time": 1}) as (park, place),
        portal_beside(place),
    ):
        yield park, place


@pytest.fixture
def come(hub: tuple[Park, Place]) -> Iterator[dict[str, Visitor]]:
    names = [visit.name for visit in PUPILS]
    with signed_in(hub[0], *names, TEACHER + OURS) as visitors:
        yield {visitor.name: visitor for visitor in visitors}


def live(visitor: Visitor, room: str) -> str:
    return f"{visitor.park.settings.web.service_address('portal')}classrooms/{room}/live"


class Page:
    """The class's page of a teacher, its events read in a thread."""

    def __init__(self, teacher: Visitor, room: str) -> None:
        self.rows: dict[str, str] = {}
        self._stream = teacher.http.stream("GET", f"{live(teacher, room)}/events", timeout=60)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        eventually(lambda: self.rows, 10, "the first event")

    def _read(self) -> None:
        with self._stream as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    self.rows |= json.loads(line.removeprefix("data: "))["rows"]
                    if self.shows(dict.fromkeys(self.rows, "готов")):
                        return

    def shows(self, words: dict[str, str]) -> bool:
        return all(f">{word}<" in self.rows[name] for name, word in words.items())


def test_the_class_fills_up_before_the_teachers_eyes(
    hub: tuple[Park, Place], come: dict[str, Visitor]
) -> None:
    teacher = come[TEACHER + OURS]
    assert f'href="{live(teacher, OURS)}"' in teacher.http.get("/hub/home").text
    shown = teacher.http.get(live(teacher, OURS))
    assert shown.status_code == 200
    assert "olya" in shown.text
    assert "lena" not in shown.text
    page = Page(teacher, OURS)
    assert page.shows(dict.fromkeys(("masha", "olya", "petya"), "не на месте"))

    os.kill(hub[1].pids["stand-ins"], signal.SIGSTOP)
    try:
        for name in ("masha", "petya", "olya"):
            come[name].http.get(f"/hub/spawn/{name}/{OURS}")
        seen = {"masha": "включается", "petya": "в очереди, место 1", "olya": "в очереди, место 2"}
        eventually(lambda: page.shows(seen), 10, "the teacher sees who waits where")
    finally:
        os.kill(hub[1].pids["stand-ins"], signal.SIGCONT)
    eventually(lambda: page.shows(dict.fromkeys(seen, "готов")), 30, "all are ready")


def test_a_pupil_sees_neither_the_class_nor_the_line(
    hub: tuple[Park, Place], come: dict[str, Visitor]
) -> None:
    masha = come["masha"]
    assert masha.http.get(live(masha, OURS)).status_code == 404
    assert "/live" not in masha.http.get("/hub/home").text
    for visitor in (masha, come[TEACHER + OURS]):
        assert visitor.http.get("/hub/line").status_code == 403
    with httpx.Client(base_url=hub[0].address, trust_env=False) as nobody:
        assert nobody.get("/hub/line").status_code == 403
