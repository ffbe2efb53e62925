"""What a page says when it cannot be shown: in the park's look, with a way back.

Named to the application by `app`. It tells nothing about the inside.
"""

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from tornado.web import HTTPError

from technopark.portal.frame import page
from technopark.portal.visits import OLD_FORM, SignInNeededError, Visitor, parts

_READING = ("GET", "HEAD")
_SIGNED_OUT = 401


def handle_errors(app: FastAPI) -> None:
    """Tells the application how to say no."""
    handlers: dict[Any, Any] = {
        SignInNeededError: _sign_in,
        HTTPException: _http,
        RequestValidationError: _not_understood,
        HTTPError: _away,
        Exception: _broken,
    }
    for error, handler in handlers.items():
        app.add_exception_handler(error, handler)


async def _sign_in(request: Request, _error: Exception) -> Response:
    """To the hub; but a form stays here, as what was typed would be lost on the way."""
    if request.method in _READING:
        return parts(request).door.to_sign_in(request)
    return _error_page(request, _SIGNED_OUT)


async def _http(request: Request, error: HTTPException) -> Response:
    return _error_page(request, error.status_code, str(error.detail))


async def _not_understood(request: Request, _error: Exception) -> Response:
    return _error_page(request, 422)


async def _away(request: Request, _error: Exception) -> Response:
    """The hub did not say who is asking."""
    return _error_page(request, 503)


async def _broken(request: Request, _error: Exception) -> Response:
    """A mistake of ours; it stands in the log."""
    return _error_page(request, 500)


def _error_page(request: Request, status: int, why: str = "") -> Response:
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    is_ours_to_send = status == _SIGNED_OUT or why == OLD_FORM
    typed = getattr(request.state, "typed", []) if is_ours_to_send else []
    return page(request, "error.html", visitor, status, code=status, why=why, typed=typed)
