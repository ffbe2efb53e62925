"""The program that plays the Docker engine and all pupils' servers in the bench `hub`.

Started by `bench.hub.place`. The hub talks to it as to the real engine (its API over a Unix
socket) and to real servers (their start, OAuth, activity, websockets); it must cost next to
nothing, since it is not what is measured.
"""

import asyncio
import json
import os
import random
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientSession, TCPConnector, WSMsgType, web

SERVERS_ADDRESS = f"127.77.{os.getpid() >> 8 & 255}.{os.getpid() & 255 or 1}"
"""All stand-ins of this process listen there, on loopback; each has a path, as servers do."""
SERVERS_PORT = 8888
BOOT_SECONDS = 0.5
"""From a container's start to the first answer of its server."""
ACTIVITY_SECONDS = 300.0
"""How often a server tells the hub of its pupil's activity, and asks who the pupil is.

JupyterHub's own: `JUPYTERHUB_ACTIVITY_INTERVAL`, and `HubAuth.cookie_cache_max_age`.
"""
COOKIE = "stand-in"
KERNEL = "0"

PAGE = "<!doctype html><title>JupyterLab</title>" + "<p>A page of a server.</p>" * 100


@dataclass
class Container:
    """One container that is none, and the server in it."""

    name: str
    created: dict[str, Any]
    """What the hub asked for."""
    started: float = 0.0
    sessions: dict[str, str] = field(default_factory=dict)
    """Tokens of who came in, by cookie."""

    @property
    def environment(self) -> dict[str, str]:
        """What its server was told."""
        return dict(line.split("=", 1) for line in self.created["Env"])

    @property
    def prefix(self) -> str:
        """The path of its pages."""
        return self.environment["JUPYTERHUB_SERVICE_PREFIX"]

    @property
    def is_up(self) -> bool:
        """Whether its server answers yet."""
        return bool(self.started) and time.monotonic() - self.started > BOOT_SECONDS

    def inspection(self) -> dict[str, Any]:
        """What the engine says of it; as long as the real engine's, which the hub must read."""
        ip = SERVERS_ADDRESS if self.started else ""
        return {
            "Id": self.name,
            "Name": f"/{self.name}",
            "State": {
                "Status": "running" if self.started else "created",
                "Running": bool(self.started),
                "ExitCode": 0,
                "Error": "",
                "Pid": os.getpid(),
            },
            "Config": self.created,
            "HostConfig": self.created["HostConfig"],
            "NetworkSettings": {
                "Networks": {self.created["HostConfig"]["NetworkMode"]: {"IPAddress": ip}}
            },
        }


class StandIns:
    """Everything that is played, in one event loop."""

    def __init__(self) -> None:
        self.containers: dict[str, Container] = {}
        self.by_prefix: dict[str, Container] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    async def run(self, socket_path: str) -> None:
        """Serves until the process is ended."""
        async with ClientSession(connector=TCPConnector(limit=0)) as self.hub:
            engine, servers = web.AppRunner(self._engine()), web.AppRunner(self._servers())
            await engine.setup()
            await servers.setup()
            await web.UnixSite(engine, socket_path).start()
            await web.TCPSite(servers, SERVERS_ADDRESS, SERVERS_PORT, backlog=4096).start()
            await asyncio.Event().wait()

    def _engine(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/version", self._version),
                web.get("/{v}/version", self._version),
                web.get("/{v}/events", self._events),
                web.get("/{v}/containers/json", self._list),
                web.post("/{v}/containers/create", self._create),
                web.get("/{v}/containers/{name}/json", self._inspect),
                web.post("/{v}/containers/{name}/start", self._start),
                web.post("/{v}/containers/{name}/stop", self._stop),
                web.delete("/{v}/containers/{name}", self._remove),
            ]
        )
        return app

    async def _version(self, _request: web.Request) -> web.Response:
        return web.json_response({"Version": "20.10.24", "ApiVersion": "1.41"})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse()
        await stream.prepare(request)
        await asyncio.Event().wait()  # none dies here
        return stream

    async def _list(self, _request: web.Request) -> web.Response:
        return web.json_response([])

    async def _create(self, request: web.Request) -> web.Response:
        created = await request.json()
        made = Container(request.query["name"], created)
        self.containers[made.name] = self.by_prefix[made.prefix] = made
        return web.json_response({"Id": made.name, "Warnings": []}, status=201)

    async def _inspect(self, request: web.Request) -> web.Response:
        found = self.containers.get(request.match_info["name"])
        if found is None:
            return web.json_response({"message": "No such container"}, status=404)
        return web.json_response(found.inspection())

    async def _start(self, request: web.Request) -> web.Response:
        started = self.containers[request.match_info["name"]]
        started.started = time.monotonic()
        task = asyncio.create_task(self._tell_of_activity(started))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return web.Response(status=204)

    async def _stop(self, request: web.Request) -> web.Response:
        self.containers[request.match_info["name"]].started = 0.0
        return web.Response(status=204)

    async def _remove(self, request: web.Request) -> web.Response:
        gone = self.containers.pop(request.match_info["name"], None)
        if gone:
            self.by_prefix.pop(gone.prefix, None)
        return web.Response(status=204)

    async def _tell_of_activity(self, server: Container) -> None:
        """What a server asks the hub at its start, and then again and again."""
        await asyncio.sleep(BOOT_SECONDS)
        environment = server.environment
        api, token = environment["JUPYTERHUB_API_URL"], environment["JUPYTERHUB_API_TOKEN"]
        await self._ask("GET", api, token)
        wait = 0.0
        while server.started:
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            room = environment["JUPYTERHUB_SERVER_NAME"]
            body = {"servers": {room: {"last_activity": now}}, "last_activity": now}
            await self._ask("POST", environment["JUPYTERHUB_ACTIVITY_URL"], token, body)
            for session in server.sessions.values():
                await self._ask("GET", f"{api}/user", session)
            # The first wait differs, so that not all speak at the same moment ever after.
            wait = ACTIVITY_SECONDS if wait else random.uniform(1, ACTIVITY_SECONDS)  # noqa: S311
            await asyncio.sleep(wait)

    async def _ask(
        self, method: str, url: str, token: str, body: object = None
    ) -> Mapping[str, Any]:
        headers = {"Authorization": f"token {token}"}
        async with self.hub.request(method, url, headers=headers, json=body) as answer:
            answer.raise_for_status()
            content = await answer.read()
            return json.loads(content) if content else {}

    def _servers(self) -> web.Application:
        app = web.Application()
        prefix = "/user/{name}/{room}"
        app.add_routes(
            [
                web.get(f"{prefix}/api", self._api),
                web.get(f"{prefix}/oauth_callback", self._callback),
                web.post(f"{prefix}/api/kernels", self._kernel),
                web.get(f"{prefix}/api/kernels/{KERNEL}/channels", self._channels),
                web.get(f"{prefix}/{{rest:.*}}", self._page),
            ]
        )
        return app

    def _server(self, request: web.Request) -> Container:
        place = request.match_info
        found = self.by_prefix.get(f"/user/{place['name']}/{place['room']}/")
        if found is None or not found.is_up:
            raise web.HTTPServiceUnavailable
        return found

    async def _api(self, request: web.Request) -> web.Response:
        self._server(request)
        return web.json_response({"version": "2.21.1"}, headers={"X-JupyterHub-Version": "6.1.1"})

    async def _page(self, request: web.Request) -> web.Response:
        server = self._server(request)
        if request.cookies.get(COOKIE) in server.sessions:
            return web.Response(text=PAGE, content_type="text/html")
        environment = server.environment
        query = {
            "client_id": environment["JUPYTERHUB_CLIENT_ID"],
            "redirect_uri": environment["JUPYTERHUB_OAUTH_CALLBACK_URL"],
            "response_type": "code",
            "state": secrets.token_hex(8),
        }
        raise web.HTTPFound(f"/hub/api/oauth2/authorize?{urlencode(query)}")

    async def _callback(self, request: web.Request) -> web.Response:
        server = self._server(request)
        environment = server.environment
        form = {
            "client_id": environment["JUPYTERHUB_CLIENT_ID"],
            "client_secret": environment["JUPYTERHUB_API_TOKEN"],
            "grant_type": "authorization_code",
            "code": request.query["code"],
            "redirect_uri": environment["JUPYTERHUB_OAUTH_CALLBACK_URL"],
        }
        api = environment["JUPYTERHUB_API_URL"]
        async with self.hub.post(f"{api}/oauth2/token", data=form) as answer:
            answer.raise_for_status()
            token = (await answer.json())["access_token"]
        await self._ask("GET", f"{api}/user", token)
        cookie = secrets.token_hex(16)
        server.sessions[cookie] = token
        response = web.HTTPFound(f"{server.prefix}lab")
        response.set_cookie(COOKIE, cookie, path=server.prefix)
        raise response

    async def _kernel(self, request: web.Request) -> web.Response:
        self._pupil(request)
        return web.json_response({"id": KERNEL}, status=201)

    async def _channels(self, request: web.Request) -> web.WebSocketResponse:
        self._pupil(request)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                await socket.send_str(json.dumps(idle_after(json.loads(message.data))))
        return socket

    def _pupil(self, request: web.Request) -> None:
        """Lets nobody in who has not come by way of the hub."""
        if request.cookies.get(COOKIE) not in self._server(request).sessions:
            raise web.HTTPForbidden


def idle_after(request: dict[str, Any]) -> dict[str, Any]:
    """What a kernel says last of all to a cell that it was asked to run."""
    return {
        "channel": "iopub",
        "msg_type": "status",
        "header": {"msg_type": "status"},
        "parent_header": request["header"],
        "metadata": {},
        "content": {"execution_state": "idle"},
    }


if __name__ == "__main__":
    asyncio.run(StandIns().run(sys.argv[1]))
