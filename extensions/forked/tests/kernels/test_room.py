"""Imports ahead are made while the machine has memory to spare, and not at the cost of others."""

import socket
import sys
import threading

import pytest
from support.waiting import eventually

from technopark_forked.kernels import preload
from technopark_forked.kernels.line import Line
from technopark_forked.kernels.parent import Parent

MODULE = "this"
"""Of the standard library, and imported by nobody."""


@pytest.fixture(autouse=True)
def calm_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    monkeypatch.setattr(preload, "is_calm", lambda: True)
    monkeypatch.setattr(preload, "leaves_threads", lambda: False)  # it forks, and here are threads


@pytest.mark.parametrize("has_room", [True, False])
def test_libraries_are_imported_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch, *, has_room: bool
) -> None:
    looked = threading.Event()
    monkeypatch.setattr(preload, "has_room", lambda: looked.set() or has_room)
    server, parent = socket.socketpair()
    with server, parent:
        serving = threading.Thread(target=Parent(Line(parent), [MODULE], {}, 60.0).serve)
        serving.start()
        assert looked.wait(10)
        if has_room:
            eventually(lambda: MODULE in sys.modules, 10, "it is imported")
        server.shutdown(socket.SHUT_RDWR)
        serving.join(10)
        assert not serving.is_alive()
    assert (MODULE in sys.modules) == has_room


def test_a_machine_that_is_nearly_empty_has_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preload, "_ROOM", 0.0)
    assert preload.has_room()
    monkeypatch.setattr(preload, "_ROOM", 1.0)
    assert not preload.has_room()
