"""Refuses requests that are too big before a byte of them is read.

Mounted by `app` before everything else: whoever reaches the port, signed in or not, could
otherwise fill this machine's memory.
"""

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from technopark.kernels.refusals import Refusal
from technopark.language import Language
from technopark.services.answers import refusal_answer

MOST_BYTES = 64 << 10


class Bounded:
    """Passes on what says that its body is small; the server cuts off what is longer than said."""

    def __init__(self, app: ASGIApp, language: Language) -> None:
        self._app, self._language = app, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Called by the server with each request."""
        if scope["type"] != "http" or _is_small(Request(scope)):
            await self._app(scope, receive, send)
            return
        refusal = Refusal("too-big", limit=MOST_BYTES)
        await refusal_answer(Request(scope), refusal, self._language)(scope, receive, send)


def _is_small(request: Request) -> bool:
    if "transfer-encoding" in request.headers:
        return False
    length = request.headers.get("content-length", "0")
    return length.isdecimal() and int(length) <= MOST_BYTES
