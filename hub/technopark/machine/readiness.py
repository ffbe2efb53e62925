"""Waiting until a started park answers, or saying which of its processes does not come up.

Called by `up` and `doctor`.
"""

import time
from collections import defaultdict
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from technopark.machine import MachineError, supervisor
from technopark.machine.processes import log_of
from technopark.settings import Settings

LIMIT = 120.0
"""Seconds until the sign-in page must be there."""

LAST_LINES = 12
TRIES = 3
"""A process that was started so often and still does not run will not come up."""


def page_status(settings: Settings) -> int | None:
    """The HTTP status of the sign-in page, for a browser on this machine; None: no answer."""
    return front_status(settings, "/hub/login")


def front_status(settings: Settings, path: str) -> int | None:
    """The HTTP status of a page of the park, for a browser on this machine; None: no answer."""
    address = "127.0.0.1" if settings.web.listen_ip == "0.0.0.0" else settings.web.listen_ip  # noqa: S104
    host = urlsplit(settings.web.address).netloc
    return http_status(address, settings.web.listen_port, path, host)


def http_status(address: str, port: int, path: str, host: str = "") -> int | None:
    """The HTTP status of a page; None where nobody answers."""
    connection = HTTPConnection(address, port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def wait_until_ready(settings: Settings, limit: float = LIMIT) -> None:
    """Returns when the sign-in page is there and every process runs.

    Raises:
        MachineError: a process does not come up; with the last lines of its log.
    """
    deadline = time.monotonic() + limit
    pids: defaultdict[str, set[int]] = defaultdict(set)
    while True:
        states = supervisor.states(settings)
        late = [state.name for state in states if state.state != "RUNNING"]
        if states and not late and page_status(settings) == HTTPStatus.OK:
            return
        for state in states:
            pids[state.name].add(state.pid)
            if len(pids[state.name] - {0}) >= TRIES:
                raise MachineError(_died(state.name, settings))
        if time.monotonic() > deadline:
            name = late[0] if late else "hub"
            raise MachineError(
                f"The sign-in page did not come within {limit:.0f} s.\n{_died(name, settings)}"
            )
        time.sleep(0.4)


def _died(name: str, settings: Settings) -> str:
    log = log_of(name, settings)
    lines = log.read_text("utf-8", errors="replace").splitlines() if log.exists() else []
    last = "\n".join(f"    {line}" for line in lines[-LAST_LINES:])
    return f"The park's {name} does not come up. The last it said (all of it in {log}):\n{last}"
