"""The hub, as the bell reaches it: which servers there are, start one, stop one, did anybody come.

Called by `rounds` on the event loop. What the bell may do is named by classroom, which the hub sees
to (`people.hub_scopes`); it enters no server.
"""

from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from technopark.bell.plan import Owner, Server
from technopark.problem import Problem

_PAGE = 50
"""Users in one answer: a longer one would hold the hub's loop up."""
_SECONDS = 30.0
"""The hub answers a start after ten seconds at the latest."""
_PAGED = "application/jupyterhub-pagination+json"


class HubAwayError(Problem):
    """The hub does not answer, or does not know the bell's rights yet; it may in a moment."""


class HubRefusesError(HubAwayError):
    """The hub does not let the bell see servers: it gave it no rights, or not yet."""


class Hub:
    """The hub's API."""

    def __init__(self, api_url: str, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=api_url,
            headers={"Authorization": f"token {token}"},
            timeout=_SECONDS,
            trust_env=False,
        )

    async def close(self) -> None:
        """Ends the connection."""
        await self._http.aclose()

    async def servers(self) -> list[Server]:
        """All servers that run, start or stop, of the classrooms in the timetable.

        Raises:
            HubRefusesError: the bell may not see them.
            HubAwayError: the hub does not answer.
        """
        found: list[Server] = []
        offset: int | None = 0
        while offset is not None:
            query: dict[str, str | int] = {"state": "active", "limit": _PAGE, "offset": offset}
            answer = await self._ask("GET", "/users", params=query, headers={"Accept": _PAGED})
            _expect(answer)
            page = answer.json()
            found += [server for user in page["items"] for server in _servers(user)]
            following = page["_pagination"]["next"]
            offset = following["offset"] if following else None
        return found

    async def start(self, owner: Owner) -> bool:
        """Asks for a server to be started behind everybody who waits; whether the hub agreed.

        Raises:
            HubAwayError: the hub does not answer.
        """
        answer = await self._ask("POST", _path(owner), json={"user_options": {"warm": True}})
        return answer.is_success

    async def stop(self, owner: Owner) -> bool:
        """Stops a server; whether the hub agreed.

        Raises:
            HubAwayError: the hub does not answer.
        """
        return (await self._ask("DELETE", _path(owner))).is_success

    async def was_entered(self, owner: Owner) -> bool:
        """Whether the owner's browser was let into the server since it runs.

        Each browser gets a token for this server alone when it enters (OAuth); the hub deletes
        these when the server is stopped.

        Raises:
            HubAwayError: the hub does not answer.
        """
        person, classroom = owner
        answer = await self._ask("GET", f"/users/{quote(person)}/tokens")
        _expect(answer)
        server = f"/user/{quote(person)}/{quote(classroom)}/"
        clients = [str(token.get("oauth_client", "")) for token in answer.json()["api_tokens"]]
        return any(client.endswith(server) for client in clients)

    async def _ask(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, **arguments)
        except httpx.HTTPError as error:
            raise HubAwayError(f"The hub does not answer ({type(error).__name__}).") from None
        if answer.status_code in (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE):
            raise HubAwayError(f"The hub is not there yet (HTTP {answer.status_code}).")
        return answer


def _expect(answer: httpx.Response) -> None:
    if answer.status_code == HTTPStatus.FORBIDDEN:
        raise HubRefusesError(
            "The hub does not tell the bell about servers; rights follow a new timetable within "
            "seconds."
        )
    if not answer.is_success:
        raise HubAwayError(
            f"The hub does not tell the bell about servers (HTTP {answer.status_code})."
        )


def _path(owner: Owner) -> str:
    person, classroom = owner
    return f"/users/{quote(person)}/servers/{quote(classroom)}"


def _servers(user: dict[str, Any]) -> Iterator[Server]:
    for name, server in (user.get("servers") or {}).items():
        yield Server(
            person=user["name"],
            classroom=name,
            is_ready=bool(server["ready"]),
            pending=server["pending"] or "",
            is_warm=False,  # it does not say; `warm` knows
            started=_moment(server["started"]),
            last_activity=_moment(server["last_activity"]),
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
