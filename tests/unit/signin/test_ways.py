"""Which ways to sign in there are is for the settings to say."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from technopark import language
from technopark.openid_settings import OpenId
from technopark.people import identities
from technopark.settings import Database, Settings, SignIn, Web
from technopark.signin import claims, openid_pages
from technopark.signin.openid import OpenIdAuthenticator
from technopark.signin.provider import ProviderWrongError
from technopark.signin.ways import ParkAuthenticator
from technopark.store import Store

PROVIDER = OpenId(issuer="https://sso.example", client_id="our park")


@contextmanager
def door(folder: Path, openid: OpenId, database: str = "") -> Iterator[ParkAuthenticator]:
    settings = Settings(
        data=folder,
        database=Database(url=SecretStr("" if database.startswith("sqlite") else database)),
        web=Web(address="https://park.example"),
        signin=SignIn(openid=openid),
    )
    made = ParkAuthenticator(settings=settings)
    try:
        yield made
    finally:
        made.store.close()
        if made.openid:
            made.openid.store.close()


def pages(made: ParkAuthenticator) -> set[str]:
    return {route[0] for route in made.get_handlers(None)}


def test_without_a_provider_there_are_names_and_words_alone(tmp_path: Path) -> None:
    with door(tmp_path, OpenId()) as made:
        assert made.openid is None
        assert "/login" in pages(made)
        assert not [page for page in pages(made) if "oauth" in page]


def test_with_a_provider_both_ways_are_open(tmp_path: Path) -> None:
    with door(tmp_path, PROVIDER) as made:
        assert {"/login", "/oauth_login", "/oauth_callback"} <= pages(made)
        assert made.login_url("/hub/") == "/hub/login", "who comes in is shown both"


@pytest.mark.parametrize(
    ("auth", "header"), [("basic", "Basic b3VyJTIwcGFyazphJTNBJTI1"), ("post", None)]
)
async def test_the_secret_is_shown_as_the_provider_wants_it(
    tmp_path: Path, auth: str, header: str | None
) -> None:
    openid = PROVIDER.model_copy(update={"client_auth": auth})
    with door(tmp_path, openid) as made:
        way = made.openid
        assert isinstance(way, OpenIdAuthenticator)
        way.client_secret = "a:%"
        assert way.build_token_info_request_headers().get("Authorization") == header
        assert way.get_callback_url() == "https://park.example/hub/oauth_callback"


async def test_people_are_asked_for_a_password_each_time_unless_settings_say_otherwise(
    tmp_path: Path,
) -> None:
    for always, asked in ((True, {"prompt": "login"}), (False, {})):
        with door(tmp_path, PROVIDER.model_copy(update={"always_ask": always})) as made:
            assert made.openid
            assert made.openid.extra_authorize_params == asked


@pytest.mark.parametrize("content", [None, "", " \n"])
async def test_a_missing_secret_is_named_and_a_new_one_needs_no_restart(
    tmp_path: Path, content: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secrets" / "openid-client-secret"
    file.parent.mkdir()
    if content is not None:
        file.write_text(content)
    with door(tmp_path, PROVIDER) as made:
        way = made.openid
        assert way
        asked = {
            "issuer": PROVIDER.issuer,
            "authorization_endpoint": "https://sso.example/auth",
            "token_endpoint": "https://sso.example/token",
            "jwks_uri": "https://sso.example/keys",
        }

        async def answer(_address: str) -> dict[str, str]:
            return asked

        monkeypatch.setattr(way.provider, "_ask", answer)
        with pytest.raises(ProviderWrongError, match="openid-client-secret"):
            await way.ready()
        file.write_text("made-up\n")
        await way.ready()
        assert way.client_secret == "made-up"


def test_a_class_that_comes_for_the_first_time_at_once_is_as_many_people(
    park: Store, tmp_path: Path, database_url: str
) -> None:
    coming = [{"sub": str(number % 6), "given_name": "Маша"} for number in range(12)]
    with door(tmp_path, PROVIDER, database_url) as made, ThreadPoolExecutor(12) as pool:
        assert made.openid
        names = list(pool.map(made.openid._person, coming))
    # Two clicks of one person at the same moment are one person, and namesakes are two.
    assert set(names) == {"masha-2", "masha-3", "masha-4", "masha-5", "masha-6", "masha-7"}
    assert names[:6] == names[6:]


def test_every_refusal_has_its_russian() -> None:
    texts = [
        text
        for module in (openid_pages, claims, identities)
        for name, text in vars(module).items()
        if name.isupper() and isinstance(text, str) and text.endswith(".")
    ]
    assert len(texts) == 12
    assert [text for text in texts if language.translate(text, "ru") == text] == []
