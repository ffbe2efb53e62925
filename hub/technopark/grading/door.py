"""The hub and a classroom's grading server, as the service `grading` reaches them.

Called by `class_run`; everything goes through the park's proxy, as browsers do. It may start and
enter grading servers and nothing else, which the hub sees to (`people.hub_scopes`).
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from technopark.grading import GradingError
from technopark.settings import Settings

LOOK_S = 0.5
SLACK_S = 900.0
"""What the hub may take beyond the start of a server itself: at the bell it stands in line."""


class Door:
    """One visitor's connection to the park."""

    def __init__(self, settings: Settings, token: str) -> None:
        self._settings = settings
        web = settings.web
        address = "127.0.0.1" if web.listen_ip == "0.0.0.0" else web.listen_ip  # noqa: S104
        self._http = httpx.Client(
            base_url=f"http://{address}:{web.listen_port}",
            headers={"Authorization": f"token {token}"},
            timeout=60,
            trust_env=False,
        )

    def close(self) -> None:
        """Ends the connection."""
        self._http.close()

    def ensure_server(self, user: str, name: str) -> dict[str, Any]:
        """The hub's word on a server that answers; it is started where it does not run.

        Raises:
            GradingError: it does not come up, or the park is away.
        """
        limit = self._settings.servers.start_timeout + SLACK_S
        deadline = time.monotonic() + limit
        path = f"/users/{quote(user)}/servers/{quote(name)}"
        asked = False
        while time.monotonic() < deadline:
            answer = self._hub("GET", path)
            server = answer.json() if answer.is_success else {}
            if server.get("ready"):
                return dict(server)
            if not server.get("pending"):
                if asked:
                    raise GradingError(f"The grading server did not start: {self._why(path)}")
                asked = self._start(path)
            time.sleep(LOOK_S)
        raise GradingError(
            f"The grading server did not come up within {limit:.0f} s: `./park logs hub` says more."
        )

    def ask(
        self, server: dict[str, Any], method: str, path: str, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Calls a server's own API.

        Args:
            server: as `ensure_server` gave it.
            method: HTTP's.
            path: below the server's address, without a slash at the front.
            body: what is sent as JSON.

        Raises:
            GradingError: the park is away.
        """
        # Where each person has a name of their own, the proxy tells servers apart by it.
        place = urlsplit(server.get("full_url") or server["url"])
        host = place.netloc or urlsplit(self._settings.web.address).netloc
        with _answered():
            return self._http.request(
                method, f"{place.path}{path}", headers={"Host": host}, json=body
            )

    def _start(self, path: str) -> bool:
        answer = self._hub("POST", path)
        if answer.is_success:
            return True
        if answer.status_code == HTTPStatus.BAD_REQUEST:
            return False  # it is being stopped, or another call was quicker: look again
        raise GradingError(f"The hub does not start the grading server: {_told(answer)}")

    def _why(self, path: str) -> str:
        """What the hub's last event about a start says."""
        events = self._hub("GET", f"{path}/progress").text.splitlines()
        told = [line.removeprefix("data: ") for line in events if line.startswith("data: ")]
        try:
            return str(json.loads(told[-1])["message"])
        except (IndexError, ValueError, KeyError, TypeError):
            return "`./park logs hub` says why."

    def _hub(self, method: str, path: str) -> httpx.Response:
        host = urlsplit(self._settings.web.address).netloc
        with _answered():
            return self._http.request(method, f"/hub/api{path}", headers={"Host": host})


def _told(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status_code}"


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise GradingError(
            f"The park does not answer ({type(error).__name__}): `./park status` says what runs, "
            "`./park up` starts it."
        ) from None
