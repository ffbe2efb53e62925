"""What the park's manager tells a caretaker, on its command line: one object of JSON.

Written by `technopark.engine.caretakers`; nothing in it is secret.
"""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Orders:
    """All that a caretaker knows."""

    engine: str
    """The socket of the node's engine."""
    park: str
    """The label of everything that is the park's, `key=value`."""
    waiting: str
    """The label of containers that wait for a server: JSON, arguments by program, the server's
    name first."""
    parent_label: str
    """The parent's own label."""
    made_as: str
    """Its value on a parent that is as wanted."""
    name: str
    """Of the parent's container."""
    container: dict[str, Any]
    """The parent's container, in the words of the engine's API."""
    folder: str
    """Where the parent has a socket for each program, by its name."""
    programs: list[str]
    """What it is to fork."""


def read(text: str) -> Orders:
    """The orders in a text.

    Raises:
        ValueError, TypeError: it holds none.
    """
    return Orders(**json.loads(text))
