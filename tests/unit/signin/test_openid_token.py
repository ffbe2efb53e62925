"""A token is believed where all about it is right, and refused for each thing that is not."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from technopark.signin.id_token import TokenError, key_id, verified

ISSUER, CLIENT, NONCE = "https://sso.example", "park", "n-1"
OURS = rsa.generate_private_key(65537, 2048)
STRANGERS = rsa.generate_private_key(65537, 2048)
CURVE = ec.generate_private_key(ec.SECP256R1())


def public(private: Any, algorithm: str = "RS256") -> jwt.PyJWK:
    """The key as a provider shows it."""
    made = jwt.get_algorithm_by_name(algorithm).to_jwk(private.public_key(), as_dict=True)
    return jwt.PyJWK({**made, "kid": "k1", "alg": algorithm})


def token(
    private: Any = OURS, algorithm: str = "RS256", seconds_ago: int = 0, **changes: Any
) -> str:
    """An ID token for a minute; what is changed to None is missing."""
    now = int(time.time()) - seconds_ago
    said = {"iss": ISSUER, "aud": CLIENT, "sub": "17", "iat": now, "exp": now + 60, "nonce": NONCE}
    said = {name: value for name, value in (said | changes).items() if value is not None}
    return jwt.encode(said, private, algorithm, headers={"kid": "k1"})


def believed(made: str, key: jwt.PyJWK | None = None) -> dict[str, Any]:
    return verified(made, key or public(OURS), ISSUER, CLIENT, NONCE)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "other"], "azp": CLIENT},
        {"azp": CLIENT},
        {"seconds_ago": 90},  # clocks go differently
        {"seconds_ago": -30},
    ],
)
def test_a_right_token_is_believed(changes: dict[str, Any]) -> None:
    assert believed(token(**changes))["sub"] == "17"


def test_other_kinds_of_keys_do_too() -> None:
    assert believed(token(CURVE, "ES256"), public(CURVE, "ES256"))["sub"] == "17"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": f"{ISSUER}/"}, "issuer"),
        ({"iss": None}, "iss"),
        ({"aud": "other"}, "[Aa]udience"),
        ({"aud": None}, "aud"),
        ({"aud": [CLIENT, "other"]}, "another client"),
        ({"aud": [CLIENT, "other"], "azp": "other"}, "another client"),
        ({"azp": "other"}, "another client"),
        ({"seconds_ago": 3600}, "expired"),
        ({"exp": None}, "exp"),
        ({"seconds_ago": -3600}, "not yet valid"),
        ({"iat": None}, "iat"),
        ({"sub": None}, "sub"),
        ({"nonce": "n-2"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"nonce": ""}, "another sign-in"),
        ({"nonce": ["n-1"]}, "another sign-in"),
    ],
)
def test_a_wrong_claim_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(TokenError, match=why):
        believed(token(**changes))


def test_no_nonce_on_our_side_is_no_match_for_none_on_theirs() -> None:
    with pytest.raises(TokenError, match="another sign-in"):
        verified(token(nonce=None), public(OURS), ISSUER, CLIENT, "")


def by_stranger() -> str:
    return token(STRANGERS)


def unsigned() -> str:
    body = token().split(".")[1]
    none = jwt.utils.base64url_encode(b'{"alg":"none","kid":"k1"}').decode()
    return f"{none}.{body}."


def by_a_shared_secret() -> str:
    return jwt.encode({"sub": "17"}, "x" * 32, "HS256", headers={"kid": "k1"})


def changed_afterwards() -> str:
    head, _, signature = token().split(".")
    return f"{head}.{token(sub='18').split('.')[1]}.{signature}"


@pytest.mark.parametrize(
    "forge", [by_stranger, unsigned, by_a_shared_secret, changed_afterwards, lambda: "a.b"]
)
def test_a_forged_token_is_refused(forge: Callable[[], str]) -> None:
    with pytest.raises(TokenError, match="does not hold"):
        believed(forge())


def test_a_token_of_an_unknown_key_or_of_none_is_refused() -> None:
    with pytest.raises(TokenError, match="none of the provider's"):
        verified(token(), None, ISSUER, CLIENT, NONCE)
    assert key_id(token()) == "k1"
    with pytest.raises(TokenError, match="cannot be read"):
        key_id("no token at all")
