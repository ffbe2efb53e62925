"""Stand-ins for what the page of a class listens to: the hub's line, and pupils' servers.

Called by tests of the portal.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from support.portal_here import TOKEN

ROOM = "data-6a"


class Hub:
    """Stands in for the hub: says whose token it is, and where servers stand."""

    def __init__(self) -> None:
        self.servers: dict[str, tuple[str, int | None]] = {}
        """By `name/classroom`."""
        self.streams = 0
        self.asked_who = 0
        self.is_away = False

    def put(self, name: str, state: str, place: int | None = None, room: str = ROOM) -> None:
        self.servers = self.servers | {f"{name}/{room}": (state, place)}

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/hub/api/user")
        def user(request: Request) -> Response:
            self.asked_who += 1
            token = request.headers["Authorization"].removeprefix("token ")
            if not token.startswith("of-"):
                return JSONResponse({}, 403)
            name, room = token.removeprefix("of-").split("/")
            scope = f"access:servers!server={name}/{room}"
            return JSONResponse({"kind": "user", "name": name, "scopes": [scope]})

        @app.get("/hub/line")
        async def line(request: Request) -> Response:
            if self.is_away or request.headers["Authorization"] != f"token {TOKEN}":
                return JSONResponse({}, 403)
            return StreamingResponse(self._tell(), media_type="text/event-stream")

        return app

    async def _tell(self) -> AsyncIterator[str]:
        self.streams += 1
        told: dict[str, Any] | None = None
        try:
            while not self.is_away:
                if told != self.servers:
                    now = self.servers
                    news = [
                        [*name.split("/"), *stands]
                        for name, stands in now.items()
                        if told is None or told.get(name) != stands
                    ]
                    yield f"data: {json.dumps({'all': told is None, 'servers': news})}\n\n"
                    told = now
                await asyncio.sleep(0.01)
        finally:
            self.streams -= 1


class Server:
    """A pupil's server, as far as the portal meets it."""

    def __init__(self, http: httpx.Client, name: str, room: str = ROOM) -> None:
        self._http, self._room = http, room
        self._token = f"of-{name}/{room}"

    def report(self, room: str = "", **told: Any) -> httpx.Response:
        return self._http.put(
            f"/work/{room or self._room}",
            json=told,
            headers={"Authorization": f"token {self._token}"},
        )
