"""Who is asking: the hub says so, for the token that came with the request.

Called by the services on the event loop, before anything else is done. An answer of the hub is
good for a minute (or as long as a service says), so that a class that hands in together does not
ask it three hundred times.
"""

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass

import httpx

from technopark.services.refusals import Refusal

GOOD_FOR_SECONDS = 60.0
_REMEMBERED = 10_000


@dataclass(frozen=True)
class Caller:
    """Whoever a token belongs to."""

    name: str
    """Of the hub user."""
    classrooms: frozenset[str]
    """Whose servers of this user the token may enter: that of a server names its own alone."""


class Identities:
    """The hub's answers to "who is this?", remembered for a short time."""

    def __init__(
        self,
        hub_api_url: str,
        client: httpx.AsyncClient,
        good_for_seconds: float = GOOD_FOR_SECONDS,
    ) -> None:
        self._url = f"{hub_api_url.rstrip('/')}/user"
        self._client = client
        self._good_for = good_for_seconds
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    async def caller(self, authorization: str) -> Caller:
        """The hub user whose token stands in an Authorization header.

        Raises:
            Refusal: there is no token, the hub does not know it, or the hub is away.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() not in ("token", "bearer") or not token.strip():
            raise Refusal("no-token")
        key = hashlib.sha256(token.strip().encode()).hexdigest()
        known = self._known.get(key)
        if known and time.monotonic() < known[1]:
            return known[0]
        caller = await self._ask(token.strip())
        self._known[key] = (caller, time.monotonic() + self._good_for)
        self._known.move_to_end(key)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return caller

    async def name(self, authorization: str) -> str:
        """The caller's name; see `caller`."""
        return (await self.caller(authorization)).name

    async def _ask(self, token: str) -> Caller:
        try:
            answer = await self._client.get(self._url, headers={"Authorization": f"token {token}"})
        except httpx.HTTPError:
            raise Refusal("away") from None
        if answer.status_code in (401, 403):
            raise Refusal("bad-token")
        if answer.status_code != httpx.codes.OK:
            raise Refusal("away")
        user = answer.json()
        if user.get("kind") != "user":
            raise Refusal("bad-token")
        name = str(user["name"])
        own = f"access:servers!server={name}/"
        scopes = [str(scope) for scope in user.get("scopes", [])]
        return Caller(
            name,
            frozenset(scope.removeprefix(own) for scope in scopes if scope.startswith(own)),
        )
