"""The head of a bench's park: starts and stops pupils' servers over the hub's API.

Called by the bench `bell`. It asks for what the timetable asks for before a lesson, in the same
words.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from technopark.bench.pupil import Seat
from technopark.problem import Problem

PATIENCE_S = 900.0
_THREADS = 8
_PAGE = 50
_LOOK_S = 0.5


class HeadError(Problem):
    """The hub did not do what the head wants; says what it answered."""


class Head:
    """Asks the hub as an admin of the park.

    Args:
        client: the park's front door, with an admin's token.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def warm_up(self, seats: Sequence[Seat]) -> int:
        """Starts the servers of `seats` before anybody comes; how many became ready.

        Raises:
            HeadError: the hub refused, or is not through with it in a quarter of an hour.
        """
        self._each(seats, "POST", {"user_options": {"warm": True}})
        self._until(lambda: all(not server["pending"] for server in self._servers()), "starts")
        return sum(bool(server["ready"]) for server in self._servers())

    def stop(self, seats: Sequence[Seat]) -> None:
        """Stops the servers of `seats`; returns when no server is left.

        Raises:
            HeadError: as `warm_up`.
        """
        self._each(seats, "DELETE")
        self._until(lambda: not any(True for _ in self._servers()), "stops")

    def _each(self, seats: Sequence[Seat], method: str, body: Any = None) -> None:
        def ask(seat: Seat) -> None:
            path = f"/hub/api/users/{seat.name}/servers/{seat.classroom}"
            answer = self._client.request(method, path, json=body)
            if answer.is_error and answer.status_code != httpx.codes.NOT_FOUND:
                raise HeadError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")

        with ThreadPoolExecutor(_THREADS) as pool:
            list(pool.map(ask, seats))

    def _servers(self) -> Iterator[dict[str, Any]]:
        """All servers that run, start or stop."""
        offset = 0
        while True:
            query: dict[str, str | int] = {"state": "active", "limit": _PAGE, "offset": offset}
            answer = self._client.get("/hub/api/users", params=query)
            if answer.is_error:
                raise HeadError(f"The hub says of its users: {answer.text[:500]}")
            users = answer.json()
            for user in users:
                yield from user["servers"].values()
            if len(users) < _PAGE:
                return
            offset += _PAGE

    def _until(self, done: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while not done():
            if time.monotonic() > until:
                raise HeadError(f"The hub was not through with its {what} in {PATIENCE_S:.0f} s.")
            time.sleep(_LOOK_S)
