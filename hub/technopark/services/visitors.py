"""Who looks at a service's pages: the hub signs them in (OAuth), and back they go to their page.

Called by the pages of `bell` and `portal` at each request. A browser gets a token that opens the
pages of this one service and nothing else.
"""

import re
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from jupyterhub.services.auth import HubOAuth

from technopark.settings import Settings

_STATE_SECONDS = 600
_PLAIN = re.compile(r"/[\x21-\x5b\x5d-\x7e]*")
"""A path and a query as browsers send them: no spaces, no backslashes, nothing but ASCII."""


def prefix(service: str) -> str:
    """The path below which the pages of `service` are; ends with a slash."""
    return f"/services/{service}/"


class Doorkeeper:
    """Signs visitors of one service in by the hub."""

    def __init__(self, service: str, settings: Settings, hub_api_url: str, token: str) -> None:
        self.prefix = prefix(service)
        self._cookie = f"technopark-{service}"
        self._state_cookie = f"{self._cookie}-state"
        self._scopes = {"access:services", f"access:services!service={service}"}
        self._is_secure = settings.web.has_front
        self._hub: Any = HubOAuth(
            api_url=hub_api_url,
            api_token=token,
            base_url=self.prefix,
            oauth_client_id=f"service-{service}",
            oauth_redirect_uri=f"{settings.web.service_address(service)}oauth_callback",
            oauth_authorization_url=f"{settings.web.address}/hub/api/oauth2/authorize",
            cache_max_age=60,
        )

    async def name(self, request: Request) -> str | None:
        """Who is asking; None: nobody signed in, or without the right to see these pages."""
        token = self.session(request)
        user = await self._hub.user_for_token(token, sync=False) if token else None
        return str(user["name"]) if user and self._scopes & set(user["scopes"]) else None

    def session(self, request: Request) -> str:
        """What tells this sign-in of this browser from any other: a secret. Empty: none."""
        return request.cookies.get(self._cookie, "")

    def to_sign_in(self, request: Request) -> Response:
        """To the hub, which sends the browser back to `let_in`, and that to the page it wants."""
        verifier, challenge, method = self._hub.generate_pkce_code_challenge()
        state = self._hub.generate_state(self._page_of(request), code_verifier=verifier)
        asked = f"state={state}&code_challenge={challenge}&code_challenge_method={method}"
        answer = RedirectResponse(f"{self._hub.login_url}&{asked}")
        self._set(answer, self._state_cookie, state, _STATE_SECONDS)
        return answer

    async def let_in(self, request: Request) -> Response:
        """The browser comes back from the hub; in it goes, or to the hub again."""
        state, code = request.query_params.get("state", ""), request.query_params.get("code")
        verifier, page = self._hub.get_code_verifier(state), self._hub.get_next_url(state)
        if not code or not verifier or state != request.cookies.get(self._state_cookie):
            return RedirectResponse(page)
        self._hub.clear_oauth_state(state)
        token = await self._hub.token_for_code(code, code_verifier=verifier, sync=False)
        answer = RedirectResponse(page)
        self._set(answer, self._cookie, token, None)
        answer.delete_cookie(self._state_cookie, path=self.prefix)
        return answer

    def _page_of(self, request: Request) -> str:
        """The page that was asked for; the first one, where it is none of this service's."""
        page = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        is_ours = page.startswith(self.prefix) and _PLAIN.fullmatch(page)
        return page if is_ours and request.method in ("GET", "HEAD") else self.prefix

    def _set(self, answer: Response, name: str, value: str, seconds: int | None) -> None:
        answer.set_cookie(
            name,
            value,
            max_age=seconds,
            path=self.prefix,
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )
