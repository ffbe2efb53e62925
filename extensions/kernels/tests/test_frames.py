"""Messages of both forms of the websocket are read and written alike."""

import json
from typing import Any

import pytest
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_binary_message,
    serialize_msg_to_ws_v1,
)

from technopark_kernels import frames


def request(kind: str = "execute_request", **content: Any) -> dict[str, Any]:
    header = {"msg_id": "1", "msg_type": kind, "session": "s", "username": "", "version": "5.3"}
    return {"header": header, "parent_header": {}, "metadata": {}, "content": content}


def pack(value: object) -> bytes:
    return json.dumps(value).encode()


def as_v1(message: dict[str, Any]) -> bytes:
    return bytes(serialize_msg_to_ws_v1(message, "shell", pack))


@pytest.mark.parametrize(
    ("message", "is_cell"),
    [
        (request(code="1", silent=False), True),
        (request(code="1"), True),
        (request(code="1", silent=True), False),
        (request("kernel_info_request"), False),
    ],
)
def test_a_cell_is_known_in_both_forms(message: dict[str, Any], is_cell: bool) -> None:
    v1 = frames.read(as_v1(message), frames.V1)
    old = frames.read(json.dumps({**message, "channel": "shell"}), None)
    assert v1 == old
    assert (v1.channel, v1.header["msg_id"], v1.is_cell) == ("shell", "1", is_cell)


def test_a_message_with_buffers_is_read() -> None:
    message = {**request("comm_msg"), "channel": "shell", "buffers": [b"12"]}
    for part in ("header", "parent_header"):
        message[part] = {**message[part], "date": "2026-11-23T20:00:00Z"}
    assert frames.read(serialize_binary_message(message), None).header["msg_type"] == "comm_msg"


def test_what_is_written_belongs_to_its_cell() -> None:
    session, parent = Session(session="s"), {"msg_id": "1", "msg_type": "execute_request"}
    v1 = frames.write(session, "iopub", "status", {"execution_state": "idle"}, parent, frames.V1)
    channel, parts = deserialize_msg_from_ws_v1(v1)
    old = json.loads(frames.write(session, "iopub", "status", {"a": 1}, parent, None))
    assert channel == old["channel"] == "iopub"
    assert json.loads(parts[0])["msg_type"] == old["header"]["msg_type"] == "status"
    assert json.loads(parts[1]) == old["parent_header"] == parent
    assert json.loads(parts[3]) == {"execution_state": "idle"}
