"""Sign-in by OpenID Connect: somebody whom the school's provider knows is a person of the park.

oauthenticator 17.4 brings the flow: state bound to the browser, PKCE, the exchange of the code.
Added here: discovery, nonce, a verified ID token, and that who somebody is hangs on issuer and
subject. Made by `signin.ways`, called by the pages in `signin.openid_pages`. Tokens are used and
forgotten: what a person may do is read from the store, as for everybody.
"""

import asyncio
import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from oauthenticator.generic import GenericOAuthenticator
from sqlalchemy.exc import IntegrityError
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.web import HTTPError
from traitlets import default

from technopark.people import identities
from technopark.people.identities import Profile
from technopark.people.sign_ins import note_sign_in
from technopark.signin import claims as words
from technopark.signin import id_token
from technopark.signin.id_token import TokenError
from technopark.signin.provider import (
    KEPT_SECONDS,
    Description,
    Provider,
    ProviderAwayError,
    ProviderWrongError,
)
from technopark.signin.roster import AuthModel, RosterAuthenticator
from technopark.signin.whence import browser_address
from technopark.store import SignInEnd, SignInRecord

CALLBACK = "/oauth_callback"
"""Where the provider sends people back to, below /hub."""

_LARGEST_ANSWER = 1 << 20
_AT_A_TIME = 50
"""Sign-ins of classes at the bell wait for the provider, not for one another."""
_TRIES = 20
"""To write down somebody new, on PostgreSQL, where others write at the same moment."""


class UsedUpError(TokenError):
    """The provider does not take the code: it was used before, is too old, or was made up."""


class OpenIdAuthenticator(RosterAuthenticator, GenericOAuthenticator):
    """The way by the school's provider; never the hub's only one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        openid = self.settings.signin.openid
        self.openid = openid
        self.client_id = openid.client_id
        self.scope = list(openid.scopes)
        self.basic_auth = openid.client_auth == "basic"
        self.enable_pkce = True
        self.extra_authorize_params = {"prompt": "login"} if openid.always_ask else {}
        self.oauth_callback_url = f"{self.settings.web.address}/hub{CALLBACK}"
        self.provider = Provider(openid.issuer, self._ask)

    @default("http_client")
    def _patient_for_seconds(self) -> AsyncHTTPClient:
        seconds = self.openid.answer_seconds
        return AsyncHTTPClient(
            force_instance=True,
            max_clients=_AT_A_TIME,
            max_body_size=_LARGEST_ANSWER,
            defaults={
                "connect_timeout": seconds,
                "request_timeout": seconds,
                "follow_redirects": False,
            },
        )

    async def ready(self, longest: float = KEPT_SECONDS) -> Description:
        """The provider answers, or did within the `longest` seconds; its addresses are set.

        Raises:
            ProviderAwayError: it does not answer.
            ProviderWrongError: it is not what the settings say, or the secret cannot be read.
        """
        found = await self.provider.description(longest)
        self.authorize_url, self.token_url = found.authorization_endpoint, found.token_endpoint
        self.userdata_url = found.userinfo_endpoint
        self.client_secret = await asyncio.to_thread(_secret, self._secret_file)
        return found

    @property
    def _secret_file(self) -> Path:
        return Path(self.settings.data) / "secrets" / str(self.openid.client_secret_file)

    async def authenticate(self, handler: Any, data: Any = None, **kwargs: Any) -> AuthModel | None:
        """The person who comes back from the provider with a code.

        In place of oauthenticator's own, which believes a token unread and keeps it.

        Raises:
            ProviderAwayError, ProviderWrongError: as `ready`.
            TokenError: what the provider answered is not to be believed.
            NotWelcomeError: the provider knows somebody, but the park does not let them in.
        """
        del kwargs
        await self.ready()
        tokens = await self.get_token_info(
            handler, self.build_access_tokens_request_params(handler, data)
        )
        claims = await self._claims(tokens, handler.nonce)
        name = await asyncio.to_thread(self._person, claims)
        address = browser_address(handler.request, self.settings.web.believed_fronts)
        await asyncio.to_thread(self._note, name, address)
        return await self.let_in(name)

    async def get_token_info(self, handler: Any, params: dict[str, Any]) -> dict[str, Any]:
        """The provider's tokens for the code.

        Raises:
            UsedUpError: it does not take the code.
            ProviderAwayError, ProviderWrongError: it does not answer, or does not take the secret.
        """
        del handler
        answer = await self._exchanged({name: text for name, text in params.items() if text})
        error = answer.get("error")
        if error == "invalid_grant":
            raise UsedUpError("the provider does not take the code (invalid_grant)")
        if error or not isinstance(answer.get("id_token"), str):
            raise ProviderWrongError(f"the provider gave no ID token for a code: {error}")
        return answer

    async def _exchanged(self, params: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = await super().get_token_info(None, params)
        except HTTPClientError as refused:
            answer = _refusal(refused)
            if answer is None:
                raise ProviderAwayError(f"{self.token_url} does not answer: {refused}") from None
        except (OSError, ValueError, TypeError) as error:
            raise ProviderAwayError(f"{self.token_url} does not answer: {error}") from None
        except HTTPError as strange:  # oauthenticator's word for an answer without a token
            raise ProviderWrongError(str(strange.log_message)) from None
        found: dict[str, Any] = answer
        return found

    def build_token_info_request_headers(self) -> dict[str, str]:
        """The client's name and secret are spelled as in forms first (RFC 6749, 2.3.1)."""
        headers: dict[str, str] = super().build_token_info_request_headers()
        if self.basic_auth:
            pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return headers

    async def _claims(self, tokens: dict[str, Any], nonce: str) -> dict[str, Any]:
        """What the ID token says, and what the provider says besides when asked."""
        token = tokens["id_token"]
        key = await self.provider.key(id_token.key_id(token))
        claims = id_token.verified(token, key, self.openid.issuer, self.client_id, nonce)
        if not (self.userdata_url and words.missing(claims, self.openid.claims)):
            return claims
        try:
            told = await self.token_to_user(tokens)
        except (HTTPClientError, OSError, ValueError, KeyError) as error:
            raise ProviderAwayError(f"{self.userdata_url} does not answer: {error}") from None
        if not isinstance(told, dict) or told.get("sub") != claims["sub"]:
            raise TokenError("the provider tells of somebody else than its ID token")
        return told | claims

    def _person(self, claims: dict[str, Any]) -> str:
        meaning, issuer = self.openid.claims, self.openid.issuer
        subject, profile = words.subject(claims, meaning), words.profile(claims, meaning)
        if profile.lacks:
            lacking = ", ".join(words.missing(claims, meaning)) or "of no claim"
            self.log.warning("%s Missing: %s", profile.lacks, lacking)
        with self.store.read() as session:
            if name := identities.who_is(session, issuer, subject, profile):
                return name
        for _ in range(_TRIES - 1):
            try:
                return self._welcome(issuer, subject, profile)
            except IntegrityError:
                continue  # somebody with this name, or this one, came at the same moment
        return self._welcome(issuer, subject, profile)

    def _welcome(self, issuer: str, subject: str, profile: Profile) -> str:
        with self.store.write() as session:
            return identities.welcome(session, issuer, subject, profile)

    def _note(self, name: str, address: str) -> None:
        """Writes into the log who came. Who is turned away stands in the hub's own, with why."""
        record = SignInRecord(
            at=datetime.now(UTC), name=name, way="school", address=address, ended=SignInEnd.IN
        )
        with self.store.write() as session:
            note_sign_in(session, record, self.settings.signin.log_days)

    async def _ask(self, address: str) -> Any:
        # Tornado's error is none of the system's; for who asks there is no difference.
        try:
            return await self.httpfetch(address, f"asking {address}", raise_error=True)
        except HTTPClientError as error:
            raise OSError(str(error)) from None


def _secret(file: Path) -> str:
    """The client's secret. Read at each sign-in: a new one needs no restart.

    Raises:
        ProviderWrongError: there is none.
    """
    try:
        secret = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ProviderWrongError(f"the client's secret cannot be read: {error}") from None
    if not secret:
        raise ProviderWrongError(f"{file} is empty; expected the client's secret in it")
    return secret


def _refusal(error: HTTPClientError) -> Any:
    """The error in the provider's own words (RFC 6749, 5.2); None: it said nothing that we know."""
    try:
        answer = json.loads(error.response.body) if error.response else None
    except ValueError:
        return None
    return {"error": answer["error"]} if isinstance(answer, dict) and "error" in answer else None
