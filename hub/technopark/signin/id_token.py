"""The ID token: whether a provider really says this of somebody, to us, now.

Called by `signin.openid` with every token, before anything in it is believed. oauthenticator 17.4
reads a token without looking at signature, issuer or nonce; rules here: OpenID Connect Core 1.0,
3.1.3.7.
"""

import hmac
from typing import Any

import jwt

from technopark.problem import Problem

ALGORITHMS = [
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
]
"""Of key pairs alone: `none` and those of a shared secret sign nothing here."""

CLOCKS_SECONDS = 60
"""How far the provider's clock and ours may be apart."""

_REQUIRED = ["iss", "sub", "aud", "exp", "iat"]


class TokenError(Problem):
    """The token is not to be believed; why, for the log."""


def key_id(token: str) -> str | None:
    """The name of the key that the token says it is signed with.

    Raises:
        TokenError: it is no token.
    """
    try:
        named = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError as error:
        raise TokenError(f"the ID token cannot be read: {error}") from None
    return str(named) if named is not None else None


def verified(
    token: str, key: jwt.PyJWK | None, issuer: str, client_id: str, nonce: str
) -> dict[str, Any]:
    """The claims of a token that is signed by `key`, by `issuer`, for us, and for this sign-in.

    Raises:
        TokenError: something of it is not so.
    """
    if key is None:
        raise TokenError("the ID token is signed with a key that is none of the provider's")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=client_id,
            issuer=issuer,
            leeway=CLOCKS_SECONDS,
            options={"require": _REQUIRED},
        )
    except jwt.PyJWTError as error:
        raise TokenError(f"the ID token does not hold: {error}") from None
    audience, party = claims["aud"], claims.get("azp")
    if party not in (None, client_id) or (
        isinstance(audience, list) and len(audience) > 1 and party is None
    ):
        raise TokenError(f"the ID token is for another client: azp is {party!r}")
    if not nonce or not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise TokenError("the ID token is of another sign-in: its nonce is not ours")
    return claims
