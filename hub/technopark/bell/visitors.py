"""Who looks at the bell's pages: the hub signs them in (OAuth), the rule book says what they see.

Called by `pages` at each request. A browser gets a token that opens these pages and nothing else.
"""

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from jupyterhub.services.auth import HubOAuth

from technopark.bell.calendar import Timetable
from technopark.people.hub_scopes import BELL_SERVICE
from technopark.people.rights import Standing
from technopark.settings import Settings

PREFIX = f"/services/{BELL_SERVICE}/"
_COOKIE = f"technopark-{BELL_SERVICE}"
_STATE_COOKIE = f"{_COOKIE}-state"
_STATE_SECONDS = 600
_SCOPES = {"access:services", f"access:services!service={BELL_SERVICE}"}


class Doorkeeper:
    """Signs visitors in by the hub."""

    def __init__(self, settings: Settings, hub_api_url: str, token: str) -> None:
        self._is_secure = settings.web.has_front
        self._hub: Any = HubOAuth(
            api_url=hub_api_url,
            api_token=token,
            base_url=PREFIX,
            oauth_client_id=f"service-{BELL_SERVICE}",
            oauth_redirect_uri=f"{settings.web.service_address(BELL_SERVICE)}oauth_callback",
            oauth_authorization_url=f"{settings.web.address}/hub/api/oauth2/authorize",
            cache_max_age=60,
        )

    async def name(self, request: Request) -> str | None:
        """Who is asking; None: nobody signed in, or without the right to see these pages."""
        token = request.cookies.get(_COOKIE)
        user = await self._hub.user_for_token(token, sync=False) if token else None
        return str(user["name"]) if user and _SCOPES & set(user["scopes"]) else None

    def to_sign_in(self) -> Response:
        """To the hub, which sends the browser back to `let_in`."""
        verifier, challenge, method = self._hub.generate_pkce_code_challenge()
        state = self._hub.generate_state(PREFIX, code_verifier=verifier)
        asked = f"state={state}&code_challenge={challenge}&code_challenge_method={method}"
        answer = RedirectResponse(f"{self._hub.login_url}&{asked}")
        self._set(answer, _STATE_COOKIE, state, _STATE_SECONDS)
        return answer

    async def let_in(self, request: Request) -> Response:
        """The browser comes back from the hub; in it goes, or to the hub again."""
        state, code = request.query_params.get("state"), request.query_params.get("code")
        verifier = self._hub.get_code_verifier(state) if state else None
        if not code or not verifier or state != request.cookies.get(_STATE_COOKIE):
            return RedirectResponse(PREFIX)
        self._hub.clear_oauth_state(state)
        token = await self._hub.token_for_code(code, code_verifier=verifier, sync=False)
        answer = RedirectResponse(PREFIX)
        self._set(answer, _COOKIE, token, None)
        answer.delete_cookie(_STATE_COOKIE, path=PREFIX)
        return answer

    def _set(self, answer: Response, name: str, value: str, seconds: int | None) -> None:
        answer.set_cookie(
            name,
            value,
            max_age=seconds,
            path=PREFIX,
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )


@dataclass(frozen=True)
class View:
    """What somebody may see."""

    classrooms: frozenset[str]
    sees_machine: bool
    """Also what all lessons together need."""


def view(who: Standing, table: Timetable) -> View | None:
    """What `who` may see of the timetable; None: nothing."""
    if who.is_admin:
        return View(frozenset(table.places), sees_machine=True)
    rooms = who.teacher_of & table.places.keys()
    rooms |= {room for room, place in table.places.items() if place.site in who.admin_of_sites}
    return View(frozenset(rooms), sees_machine=False) if rooms else None
