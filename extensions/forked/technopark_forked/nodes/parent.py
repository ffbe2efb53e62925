"""The node's parent, as a caretaker looks after it: made, replaced, asked, removed.

Called by `caretaker`. What the parent is like stands in the orders: the park's own machine makes
its parent of the same words (`technopark.engine.parent`).
"""

import json
import os
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

from technopark_forked.nodes.engine import Engine, EngineRefusedError
from technopark_forked.nodes.orders import Orders

PATIENCE = 120.0
"""Seconds to import all on a machine that has other work."""
_ANSWER = 10.0
"""Seconds for an answer; the parent itself gives up sooner."""
_POLL = 0.1
_MOST = 1 << 16


class NotForkedError(Exception):
    """The parent is away or refused; the text says why."""


def ensure_parent(engine: Engine, orders: Orders) -> None:
    """It runs, as wanted, and can be asked; servers that run already are not touched.

    Raises:
        NotForkedError: it does not come up.
        EngineRefusedError, OSError, http.client.HTTPException: the engine does not help.
    """
    for found in _found(engine, orders):
        if found["State"] == "running" and found["Labels"][orders.parent_label] == orders.made_as:
            return
    remove_parent(engine, orders)
    folder = Path(orders.folder)
    folder.mkdir(exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    made = engine.ask("POST", "/containers/create", orders.container, name=orders.name)
    engine.ask("POST", f"/containers/{made['Id']}/start")
    _wait(orders)
    print("A new parent of servers is ready.", flush=True)


def remove_parent(engine: Engine, orders: Orders) -> None:
    """Ends it, and leaves nothing of it; servers that it forked go on.

    Raises:
        EngineRefusedError, OSError, http.client.HTTPException: the engine does not help.
    """
    for found in _found(engine, orders):
        try:
            engine.ask("DELETE", f"/containers/{found['Id']}", force=True, v=True)
        except EngineRefusedError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
    folder = Path(orders.folder)
    for program in orders.programs:
        (folder / program).unlink(missing_ok=True)
    with suppress(OSError):  # there was none
        folder.rmdir()


def fork(orders: Orders, container: str, pid: int, program: str, arguments: Sequence[str]) -> None:
    """Has the parent fork a program into a container.

    Args:
        orders: the caretaker's.
        container: its id, as the engine says.
        pid: of its process 1, as the engine says.
        program: one of those in the orders.
        arguments: of the program.

    Raises:
        NotForkedError: it did not.
    """
    _ask(
        orders,
        program,
        {
            "container": {"pid": pid, "id": container},
            "program": program,
            "arguments": list(arguments),
        },
    )


def _found(engine: Engine, orders: Orders) -> list[dict[str, Any]]:
    return engine.containers(orders.park, orders.parent_label, all_=True)


def _wait(orders: Orders) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            for program in orders.programs:
                _ask(orders, program, {})
        except NotForkedError as error:
            if time.monotonic() > end:
                raise NotForkedError(f"It is not up after {PATIENCE:g} s. {error}") from None
            time.sleep(_POLL)
        else:
            return


def _ask(orders: Orders, program: str, request: dict[str, Any]) -> None:
    if program not in orders.programs:
        raise NotForkedError(f"There is no program {program!r}.")
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_ANSWER)
            line.connect(os.path.join(orders.folder, program))  # noqa: PTH118  # a socket's
            line.sendall(json.dumps(request).encode() + b"\n")
            with line.makefile("rb") as said:
                answer = json.loads(said.readline(_MOST))
    except (OSError, ValueError) as error:
        raise NotForkedError(f"The node's parent does not answer: {error}") from None
    if "error" in answer:
        raise NotForkedError(f"The node's parent refused: {answer['error']}")
