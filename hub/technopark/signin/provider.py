"""A provider of OpenID Connect, as it describes itself: its addresses and its keys, kept a while.

Called by `signin.openid` on the hub's loop, which never waits for it: all is asked for with a
time-out, and once for all who come at the same moment. It never sees a token or a person.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt

from technopark.problem import Problem

Ask = Callable[[str], Awaitable[Any]]
"""Fetches JSON from an address; raises OSError or ValueError where there is none."""

LOOK_SECONDS = 2.0
"""Nobody is sent to a provider that was not seen to answer within so long."""
KEPT_SECONDS = 3600.0
"""Description and keys are asked for again after so long; keys also when a token names others."""
PAUSE_SECONDS = 2.0
"""A provider that did not answer is not asked again sooner."""

_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderAwayError(Problem):
    """The provider does not answer, or not in time; for the log."""


class ProviderWrongError(Problem):
    """The provider answers, but not as the settings say; for the log, until an admin mends it."""


@dataclass(frozen=True)
class Description:
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    names_itself: bool
    """Whether it says who it is when it sends somebody back (RFC 9207)."""


class Provider:
    """One provider; keeps its description and its keys for a while."""

    def __init__(self, issuer: str, ask: Ask) -> None:
        self.issuer = issuer
        self._ask = ask
        self._turn = asyncio.Lock()
        self._description: Description | None = None
        self._described_at = self._keys_at = self._away_at = float("-inf")
        self._away = ""
        self._keys: dict[str | None, jwt.PyJWK] = {}

    async def description(self, longest: float = KEPT_SECONDS) -> Description:
        """What the provider says of itself, and has said within the `longest` seconds.

        Raises:
            ProviderAwayError: it does not answer; whoever asks soon after is told so at once.
            ProviderWrongError: what it says is not what the settings expect.
        """
        async with self._turn:
            if self._description is None or _age(self._described_at) > longest:
                address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
                self._description = _described(self.issuer, await self._asked(address))
                self._described_at = time.monotonic()
            return self._description

    async def key(self, key_id: str | None) -> jwt.PyJWK | None:
        """The key that signs tokens under `key_id`; None: the provider has no such key.

        Raises:
            ProviderAwayError, ProviderWrongError: as `description`.
        """
        description = await self.description()
        async with self._turn:
            if key_id not in self._keys or _age(self._keys_at) > KEPT_SECONDS:
                self._keys = _keys(await self._asked(description.jwks_uri))
                self._keys_at = time.monotonic()
            return self._keys.get(key_id)

    async def _asked(self, address: str) -> Mapping[str, Any]:
        if _age(self._away_at) < PAUSE_SECONDS:
            raise ProviderAwayError(self._away)
        try:
            answer = await self._ask(address)
        except (OSError, ValueError) as error:
            self._away_at = time.monotonic()
            self._away = f"{address} does not answer: {error or type(error).__name__}"
            raise ProviderAwayError(self._away) from None
        if not isinstance(answer, dict):
            raise ProviderWrongError(f"{address} answers with no JSON object")
        return answer


def _age(moment: float) -> float:
    return time.monotonic() - moment


def _described(issuer: str, document: Mapping[str, Any]) -> Description:
    """The document, checked.

    Raises:
        ProviderWrongError: it is another one's, or an address is missing or not safe.
    """
    if document.get("issuer") != issuer:
        raise ProviderWrongError(
            f"expected the issuer {issuer}, exactly as in the settings; the provider says "
            f"{document.get('issuer')!r}"
        )
    addresses = {name: document.get(name) for name in _ADDRESSES}
    if document.get("userinfo_endpoint"):
        addresses["userinfo_endpoint"] = document["userinfo_endpoint"]
    for name, address in addresses.items():
        if not isinstance(address, str) or not _is_as_safe(address, issuer):
            raise ProviderWrongError(f"expected {name} to be an https address, not {address!r}")
    return Description(
        **{"userinfo_endpoint": "", **{name: str(each) for name, each in addresses.items()}},
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _is_as_safe(address: str, issuer: str) -> bool:
    """Https; where the provider is on this machine, as in tests, http will do."""
    schemes = {"https", urlsplit(issuer).scheme}
    return urlsplit(address).scheme in schemes and bool(urlsplit(address).hostname)


def _keys(document: Mapping[str, Any]) -> dict[str | None, jwt.PyJWK]:
    """The keys that sign, by their names; a single one also without.

    Raises:
        ProviderWrongError: there is none that we can use.
    """
    try:
        usable = jwt.PyJWKSet.from_dict(dict(document)).keys
    except jwt.PyJWTError as error:
        raise ProviderWrongError(f"the provider's keys cannot be used: {error}") from None
    signing = [key for key in usable if key.public_key_use in (None, "sig")]
    alone: dict[str | None, jwt.PyJWK] = {None: signing[0]} if len(signing) == 1 else {}
    return alone | {key.key_id: key for key in signing if key.key_id is not None}
