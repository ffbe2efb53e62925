"""What is said to a kernel over its websocket, by the Jupyter messaging protocol 5.4.

Called by whoever in `bench` stands in for the page of a notebook.
"""

import uuid
from collections.abc import Mapping
from typing import Any


def execute_request(code: str) -> dict[str, Any]:
    """The message that runs `code` as a cell."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "session": uuid.uuid4().hex,
        "username": "",
        "version": "5.4",
    }
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}}
    return {**message, "content": content}


def answers(message: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Whether the kernel says `message` because of `request`."""
    parent: Mapping[str, Any] = message.get("parent_header", {})
    return bool(parent.get("msg_id") == request["header"]["msg_id"])


def output_of(message: Mapping[str, Any], request: Mapping[str, Any]) -> str:
    """What a cell shows of `message`; nothing where it belongs to another cell."""
    content = message["content"]
    match message["header"]["msg_type"] if answers(message, request) else None:
        case "stream":
            return str(content["text"])
        case "execute_result":
            return str(content["data"]["text/plain"])
        case "error":
            return "\n".join(content["traceback"])
    return ""


def is_end_of(message: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Whether the kernel has nothing more to say about `request`."""
    is_status = message["header"]["msg_type"] == "status" and answers(message, request)
    return is_status and message["content"]["execution_state"] == "idle"
