"""The bench `spawn`: what one pupil's server costs, as pip installs it and in our image.

Called by `technopark bench spawn`. Both run `jupyterhub-singleuser` in containers with the same
limits, in turn, against a stub of the hub; the peer's image stands on the same Debian.
"""

import asyncio
import http.client
import json
import time
import uuid

import docker
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from technopark.bench.charges import container_cpu, container_memory, engine_cpu
from technopark.bench.report import Figures, Measured
from technopark.bench.stub_hub import PREFIX, SERVER_PORT, TOKEN, stub_hub
from technopark.catalogue.images import ensure_images
from technopark.engine.builds import Image
from technopark.engine.client import open_engine
from technopark.engine.short_lived import Running, gateway, running
from technopark.problem import Problem
from technopark.progress import say, step
from technopark.settings import Servers, Settings

PATIENCE = 60.0
"""Seconds after which a server that does not answer has failed."""

POLL = 0.02
SETTLE = 3.0
"""Seconds for an idle kernel to come to rest before memory is read."""


class SpawnError(Problem):
    """A server did not come up; says what its log said."""


def run(settings: Settings, runs: int) -> Measured:
    """Starts `runs` servers of each kind, in turn, and measures each.

    Raises:
        SpawnError: a server did not answer or its kernel did not work.
    """
    images = ensure_images(["peer", "base"], settings, say)
    client = open_engine(settings.engine)
    peer: list[Figures] = []
    ours: list[Figures] = []
    with stub_hub(gateway(client)) as environment:
        for number in range(runs):
            for name, figures in (("peer", peer), ("base", ours)):
                with step(f"run {number + 1} of {runs}, {name}"):
                    figures.append(_measure(client, images[name], settings.servers, environment))
    return Measured(ours=ours, peer=peer)


def _measure(
    client: docker.APIClient, image: Image, limits: Servers, environment: dict[str, str]
) -> Figures:
    engine_before = engine_cpu()
    started = time.monotonic()
    with running(client, image.id, limits=limits, environment=environment) as server:
        wait_for_answer(server)
        ready = time.monotonic() - started
        cpu = container_cpu(server.pid) + engine_cpu(server.id) - engine_before
        kernel = asyncio.run(_first_result(server))
        time.sleep(SETTLE)
        return {
            "cpu_s": cpu,
            "memory_mb": container_memory(server.pid),
            "ready_s": ready,
            "kernel_s": kernel,
            "image_mb": image.size / 1e6,
        }


def wait_for_answer(server: Running) -> None:
    """Returns when the single-user server in the container answers.

    Raises:
        SpawnError: it does not within a minute.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        connection = http.client.HTTPConnection(server.ip, SERVER_PORT, timeout=PATIENCE)
        try:
            connection.request("GET", f"{PREFIX}api")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(POLL)
        finally:
            connection.close()
    raise SpawnError(f"A server did not answer within {PATIENCE:.0f} s. Its log:\n{server.log()}")


async def _first_result(server: Running) -> float:
    """Seconds from the request for a kernel to its first result."""
    started = time.monotonic()
    address = f"{server.ip}:{SERVER_PORT}{PREFIX}api/kernels"
    headers = {"Authorization": f"token {TOKEN}"}
    asked = HTTPRequest(f"http://{address}", "POST", headers, "{}", request_timeout=PATIENCE)
    kernel = json.loads((await AsyncHTTPClient().fetch(asked)).body)["id"]
    socket = await websocket_connect(
        HTTPRequest(f"ws://{address}/{kernel}/channels", headers=headers)
    )
    try:
        async with asyncio.timeout(PATIENCE):
            await _run_cell(socket, "1 + 1", "2")
    except TimeoutError:
        raise SpawnError(f"A kernel gave no result. The server's log:\n{server.log()}") from None
    finally:
        socket.close()
    return time.monotonic() - started


async def _run_cell(socket: WebSocketClientConnection, code: str, expected: str) -> None:
    """Sends an `execute_request` of the Jupyter messaging protocol and reads up to its result."""
    request = uuid.uuid4().hex
    header = {
        "msg_id": request,
        "msg_type": "execute_request",
        "session": uuid.uuid4().hex,
        "username": "",
        "version": "5.4",
    }
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
    message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}}
    await socket.write_message(json.dumps({**message, "content": content}))
    while (read := await socket.read_message()) is not None:
        answer = json.loads(read)
        ours = answer.get("parent_header", {}).get("msg_id") == request
        if ours and answer["header"]["msg_type"] == "execute_result":
            result = answer["content"]["data"]["text/plain"]
            if result != expected:
                raise SpawnError(f"The kernel says that {code} is {result}.")
            return
    raise SpawnError("The server closed the connection to the kernel before its result.")
