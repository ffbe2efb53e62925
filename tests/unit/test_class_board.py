"""The class board: one look a second for all who look on, however many they are."""

import asyncio
import json
from contextlib import aclosing

import pytest

from technopark.admission.looks import AWAY, READY, Look, State
from technopark.people.class_list import ClassList, Pupil
from technopark.portal.hub import class_board
from technopark.portal.hub.class_board import Board, event

CLASS = ClassList("6a", "6А", (Pupil("masha", "Маша"), Pupil("petya", "Петя")))


class Servers:
    """Where everybody stands, and how often that was asked."""

    def __init__(self) -> None:
        self.looks: dict[str, Look] = {}
        self.asked = 0

    def look(self, server: tuple[str, str]) -> Look:
        self.asked += 1
        assert server[1] == "6a"
        return self.looks.get(server[0], AWAY)


def told(text: str) -> object:
    return json.loads(text.removeprefix("data: "))


def test_an_event_says_where_everybody_stands() -> None:
    servers = Servers()
    servers.looks = {"masha": READY, "petya": Look(State.WAITING, place=3, line=9)}
    assert told(event(CLASS, servers.look)) == {
        "ready": 1,
        "pupils": {"masha": ["ready", None], "petya": ["waiting", 3]},
    }


async def test_many_look_on_at_the_cost_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_board, "EVERY", 0.02)
    servers, reads = Servers(), 0

    def read(classroom: str) -> ClassList:
        nonlocal reads
        reads += 1
        return CLASS

    boards = [Board.of("6a", read, servers.look) for _ in range(20)]
    assert len(set(map(id, boards))) == 1
    streams = [board.follow() for board in boards]
    first = [told(await anext(stream)) for stream in streams]
    assert all(each == first[0] for each in first)
    asked = servers.asked
    servers.looks = {"masha": READY}
    then = await asyncio.gather(*(anext(stream) for stream in streams))
    assert {told(each)["ready"] for each in then} == {1}  # type: ignore[index]
    assert servers.asked - asked <= 10 * len(CLASS.pupils), "not once for each who looks on"
    assert reads == 1
    for stream in streams:
        await stream.aclose()
    assert Board.of("6a", read, servers.look) is not boards[0], "it ended with its last listener"


async def test_quiet_streams_say_something_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_board, "QUIET", 0.02)
    board = Board("6a", lambda _classroom: CLASS, Servers().look)
    async with aclosing(board.follow()) as stream:
        assert (await anext(stream)).startswith("data: ")
        assert await anext(stream) == ":\n\n"
