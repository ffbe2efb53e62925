"""Kernel messages as a page's websocket carries them, in both of Jupyter's forms.

Called by the websocket connection, for the few messages that it reads or writes itself.
"""

import json
from dataclasses import dataclass
from typing import Any

from jupyter_client.jsonutil import json_default
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import (
    deserialize_binary_message,
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)

V1 = "v1.kernel.websocket.jupyter.org"
"""The form in which the parts stay apart; without a name, all parts are one JSON object."""


@dataclass(frozen=True)
class Frame:
    """What the connection needs to know of a message."""

    channel: str
    header: dict[str, Any]
    is_cell: bool
    """Whether it asks to run a cell that a pupil sees."""


def read(message: str | bytes, protocol: str | None) -> Frame:
    """Reads what a page has sent. Raises ValueError or KeyError where it is no kernel message."""
    if protocol == V1:
        channel, parts = deserialize_msg_from_ws_v1(message)
        header = json.loads(parts[0])
        is_cell = header["msg_type"] == "execute_request" and _is_shown(json.loads(parts[3]))
        return Frame(channel, header, is_cell)
    whole = (
        deserialize_binary_message(message) if isinstance(message, bytes) else json.loads(message)
    )
    header = whole["header"]
    is_cell = header["msg_type"] == "execute_request" and _is_shown(whole["content"])
    return Frame(whole.get("channel") or "shell", header, is_cell)


def write(
    session: Session,
    channel: str,
    kind: str,
    content: dict[str, Any],
    parent: dict[str, Any] | None,
    protocol: str | None,
) -> str | bytes:
    """A message to a page.

    Args:
        session: whose id and name it carries.
        channel: such as `iopub`.
        kind: the message's type.
        content: the message's content.
        parent: the header of the request that it belongs to.
        protocol: the websocket's form.
    """
    message = session.msg(kind, content, parent={"header": parent} if parent else None)
    if protocol == V1:
        return bytes(serialize_msg_to_ws_v1(message, channel, session.pack))
    return json.dumps({**message, "channel": channel, "buffers": []}, default=json_default)


def _is_shown(content: dict[str, Any]) -> bool:
    return not content.get("silent", False)
