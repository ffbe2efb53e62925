"""A provider describes itself; what it says is kept a while, and what is wrong is named."""

import asyncio
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from technopark.signin import provider
from technopark.signin.provider import Provider, ProviderAwayError, ProviderWrongError

ISSUER = "https://sso.example/realm"
ALGORITHM = jwt.get_algorithm_by_name("RS256")


def key(name: str | None, **more: Any) -> dict[str, Any]:
    made = ALGORITHM.to_jwk(rsa.generate_private_key(65537, 2048).public_key(), as_dict=True)
    return {**made, **({"kid": name} if name else {}), **more}


class Net:
    """What answers, by address; and what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down = False
        self.document: Any = {
            "issuer": ISSUER,
            "authorization_endpoint": "https://sso.example/auth",
            "token_endpoint": "https://sso.example/token",
            "jwks_uri": "https://sso.example/keys",
        }
        self.keys: Any = {"keys": [key("k1")]}

    async def __call__(self, address: str) -> Any:
        self.asked.append(address)
        await asyncio.sleep(0.01)
        if self.down:
            raise ConnectionRefusedError("nobody is there")
        return self.keys if address.endswith("/keys") else self.document


@pytest.fixture
def net() -> Net:
    return Net()


@pytest.fixture
def sso(net: Net) -> Provider:
    return Provider(ISSUER, net)


async def test_a_class_that_comes_at_once_asks_once(sso: Provider, net: Net) -> None:
    found = await asyncio.gather(*(sso.description() for _ in range(30)))
    assert {each.token_endpoint for each in found} == {"https://sso.example/token"}
    assert net.asked == [f"{ISSUER}/.well-known/openid-configuration"]


async def test_a_class_before_a_dead_provider_waits_once(sso: Provider, net: Net) -> None:
    net.down = True
    waited = await asyncio.gather(*(sso.description() for _ in range(30)), return_exceptions=True)
    assert {type(each) for each in waited} == {ProviderAwayError}
    assert len(net.asked) == 1


async def test_a_provider_that_comes_back_is_found(
    sso: Provider, net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    net.down = True
    with pytest.raises(ProviderAwayError, match="does not answer: nobody is there"):
        await sso.description()
    net.down = False
    monkeypatch.setattr(provider, "PAUSE_SECONDS", 0)
    assert (await sso.description()).authorization_endpoint == "https://sso.example/auth"


async def test_a_provider_that_went_away_is_noticed_at_the_next_click(
    sso: Provider, net: Net
) -> None:
    await sso.description()
    net.down = True
    with pytest.raises(ProviderAwayError):
        await sso.description(longest=0)
    # Who is on the way back still gets through, should it answer again by then.
    assert (await sso.description()).token_endpoint == "https://sso.example/token"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"issuer": "https://evil.example"}, "expected the issuer"),
        ({"issuer": f"{ISSUER}/"}, "exactly as in the settings"),
        ({"token_endpoint": "http://sso.example/token"}, "token_endpoint to be an https address"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri to be an https address"),
        ({"authorization_endpoint": None}, "authorization_endpoint to be an https"),
        ({"userinfo_endpoint": "ftp://x"}, "userinfo_endpoint to be an https"),
    ],
)
async def test_a_document_that_is_not_right_is_refused(
    sso: Provider, net: Net, change: dict[str, Any], why: str
) -> None:
    net.document |= change
    with pytest.raises(ProviderWrongError, match=why):
        await sso.description()


@pytest.mark.parametrize("answer", [None, [], "text", 7])
async def test_a_document_that_is_none_is_refused(sso: Provider, net: Net, answer: Any) -> None:
    net.document = answer
    with pytest.raises(ProviderWrongError, match="no JSON object"):
        await sso.description()


async def test_keys_are_asked_for_when_a_token_names_a_new_one(sso: Provider, net: Net) -> None:
    for _ in range(3):
        assert (await sso.key("k1")) is not None
    assert net.asked.count("https://sso.example/keys") == 1
    net.keys = {"keys": [key("k2")]}
    assert (await sso.key("k2")) is not None
    assert (await sso.key("k1")) is None, "what the provider took back is not believed"


async def test_a_key_without_a_name_will_do_where_it_is_the_only_one(
    sso: Provider, net: Net
) -> None:
    net.keys = {"keys": [key(None), key("e1", use="enc")]}
    assert (await sso.key(None)) is not None
    assert (await sso.key("e1")) is None, "it is for secrets, not for signatures"
    net.keys = {"keys": [key(None), key("k1")]}
    assert (await sso.key("k1")) is not None
    assert (await sso.key(None)) is None


@pytest.mark.parametrize("keys", [{}, {"keys": []}, {"keys": [{"kty": "?"}]}])
async def test_keys_that_cannot_be_used_are_named(sso: Provider, net: Net, keys: Any) -> None:
    net.keys = keys
    with pytest.raises(ProviderWrongError, match="keys cannot be used"):
        await sso.key("k1")
