"""Messages of sessions: whole, of the right sender, and never too much."""

import json
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from technopark_sandbox import wire
from technopark_sandbox.wire import LARGEST, Incoming


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = wire.pair()
    with ours, theirs:
        yield ours, theirs


Ends = tuple[socket.socket, socket.socket]


def heard(incoming: Incoming) -> list[dict[str, Any]]:
    """All that has come."""
    messages = []
    while True:
        try:
            message = incoming.take()
        except (BlockingIOError, EOFError):
            return messages
        if message is not None:
            messages.append(message)


def test_a_message_larger_than_a_packet_is_put_together(ends: Ends) -> None:
    ours, theirs = ends
    message = {"is": "display", "data": "я" * 20_000}
    wire.send(theirs, message)
    assert heard(Incoming(ours)) == [message]


def test_pictures_go_as_notebooks_hold_them(ends: Ends) -> None:
    ours, theirs = ends
    wire.send(theirs, {"picture": b"\x89PNG", "other": {1}})
    assert heard(Incoming(ours)) == [{"picture": "iVBORw==", "other": "{1}"}]


def test_files_arrive_with_their_message(ends: Ends) -> None:
    ours, theirs = ends
    reading, writing = os.pipe()
    wire.send(ours, {"do": "copy"}, [writing])
    message, files = wire.receive(theirs)
    os.close(writing)
    os.write(files[0], b"through")
    assert message == {"do": "copy"}
    assert not os.get_inheritable(files[0])
    assert os.read(reading, 10) == b"through"
    for fd in (reading, *files):
        os.close(fd)


def test_only_the_first_who_speaks_is_heard(ends: Ends) -> None:
    ours, theirs = ends
    incoming = Incoming(ours)
    wire.send(theirs, {"is": "ready"})
    assert heard(incoming) == [{"is": "ready"}]
    assert incoming.pid == os.getpid()
    if (child := os.fork()) == 0:
        wire.send(theirs, {"is": "done"})
        os._exit(0)
    os.waitpid(child, 0)
    assert heard(incoming) == []


@pytest.mark.parametrize(
    "packet", [b".{", b".[1]", b".7", b"." + b"[" * 50_000, b".\xff", b"x", b".1" + b"0" * 5_000]
)
def test_what_is_no_message_is_dropped(ends: Ends, packet: bytes) -> None:
    ours, theirs = ends
    theirs.send(packet)
    wire.send(theirs, {"is": "ready"})
    assert heard(Incoming(ours)) == [{"is": "ready"}]


def test_a_message_without_end_costs_no_memory(ends: Ends) -> None:
    ours, theirs = ends
    incoming = Incoming(ours)
    part = b"+" + b"x" * 50_000
    for _ in range(3 * LARGEST // len(part)):
        theirs.send(part)
        assert heard(incoming) == []
    theirs.send(b".")
    assert heard(incoming) == [{"is": "cut"}]
    wire.send(theirs, {"is": "ready"})
    assert heard(incoming) == [{"is": "ready"}]


def test_files_sent_to_the_keeper_are_closed(ends: Ends) -> None:
    ours, theirs = ends
    reading, writing = os.pipe()
    body = b"." + json.dumps({"is": "ready"}).encode()
    socket.send_fds(theirs, [body], [writing])
    os.close(writing)
    assert heard(Incoming(ours)) == [{"is": "ready"}]
    assert os.read(reading, 1) == b""  # nobody holds the other end
    os.close(reading)


def test_the_end_of_a_session_is_the_end_of_its_wire(ends: Ends) -> None:
    ours, theirs = ends
    theirs.close()
    with pytest.raises(EOFError):
        Incoming(ours).take()


def test_the_keeper_does_not_wait_for_a_session_that_does_not_read(ends: Ends) -> None:
    ours, _theirs = ends
    with pytest.raises(BlockingIOError):
        wire.send(ours, {"source": "x" * LARGEST}, patience=0.05)
