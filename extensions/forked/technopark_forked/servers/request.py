"""What the parent is asked for: one line of JSON, checked before anything is done.

Read by `forking` in a process of its own for each request, so that the parent never holds what
stands in one.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

MOST = 1 << 20
"""Bytes of a request."""


class RefusedError(Exception):
    """What was asked for is not done; the sentence goes back to whoever asked."""


@dataclass(frozen=True)
class Request:
    """A program to fork into a container."""

    pid: int
    """The container's process 1, by this machine's numbers, as the engine says."""
    container: str
    """The container's id, as the engine says."""
    program: str
    """A name in `programs.PROGRAMS`."""
    arguments: list[str]
    environment: dict[str, str]
    """Variables beside those that the engine gave to process 1."""


def parse(line: bytes) -> Request:
    """The request in one line.

    Raises:
        RefusedError: it is none.
    """
    try:
        asked = json.loads(line)
        container = asked["container"]
        found = Request(
            pid=container["pid"],
            container=container["id"],
            program=asked["program"],
            arguments=asked.get("arguments", []),
            environment=asked.get("environment", {}),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RefusedError("Expected one line of JSON with `container` and `program`.") from None
    if not isinstance(found.pid, int) or isinstance(found.pid, bool) or found.pid < 2:
        raise RefusedError(f"{found.pid!r} is no container's process.")
    if not isinstance(found.container, str) or not re.fullmatch("[0-9a-f]{64}", found.container):
        raise RefusedError(f"{found.container!r} is no container's id of 64 digits.")
    if not isinstance(found.program, str):
        raise RefusedError("The program is a name.")
    if not _are_texts(found.arguments):
        raise RefusedError("The arguments are a list of texts.")
    if not isinstance(found.environment, dict) or not _are_texts(
        [*found.environment, *found.environment.values()]
    ):
        raise RefusedError("The environment is texts by names.")
    return found


def _are_texts(values: Any) -> bool:
    # A zero byte ends a text for the kernel: what it would see is not what was checked.
    return isinstance(values, list) and all(
        isinstance(each, str) and "\0" not in each for each in values
    )
