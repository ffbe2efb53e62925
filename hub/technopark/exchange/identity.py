"""Who is asking: the hub says so, for the token that came with the request.

Called by `routes` on the event loop, before anything else is done. An answer of the hub is good
for a minute, so that a class that hands in together does not ask the hub three hundred times.
"""

import hashlib
import time
from collections import OrderedDict

import httpx

from technopark.exchange.refusals import Refusal

GOOD_FOR_SECONDS = 60.0
_REMEMBERED = 10_000


class Identities:
    """The hub's answers to "who is this?", remembered for a short time."""

    def __init__(self, hub_api_url: str, client: httpx.AsyncClient) -> None:
        self._url = f"{hub_api_url.rstrip('/')}/user"
        self._client = client
        self._known: OrderedDict[str, tuple[str, float]] = OrderedDict()

    async def name(self, authorization: str) -> str:
        """The name of the hub user whose token stands in an Authorization header.

        Raises:
            Refusal: there is no token, the hub does not know it, or the hub is away.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() not in ("token", "bearer") or not token.strip():
            raise Refusal("no-token")
        key = hashlib.sha256(token.strip().encode()).hexdigest()
        name, until = self._known.get(key, ("", 0.0))
        if time.monotonic() < until:
            return name
        name = await self._ask(token.strip())
        self._known[key] = (name, time.monotonic() + GOOD_FOR_SECONDS)
        self._known.move_to_end(key)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return name

    async def _ask(self, token: str) -> str:
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
        return str(user["name"])
