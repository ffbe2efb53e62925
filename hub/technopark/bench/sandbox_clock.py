"""Times a sandbox as grading meets it: asked of the broker, spoken to over the broker's stream.

Called by the bench `lease` alone, on the machine of the park; the protocol is docs/grading.md's.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from technopark.bench.kernel_clock import PATIENCE, KernelError


@dataclass(frozen=True)
class SandboxClock:
    """Claims sandboxes as the owner of a grading server."""

    broker: str
    """The broker's address, such as http://10.77.0.1:8084."""
    token: str = field(repr=False)

    def first_result(self) -> float:
        """Seconds from the ask for a sandbox to the result of its first cell; it is given back.

        Raises:
            KernelError: the sandbox was refused, or gave no result or a wrong one.
        """
        headers = {"Authorization": f"token {self.token}"}
        with httpx.Client(
            base_url=self.broker, headers=headers, timeout=PATIENCE, trust_env=False
        ) as client:
            started = time.monotonic()
            lease = _granted(client)
            stream = f"{self.broker}/leases/{lease}/stream".replace("http", "ws", 1)
            with connect(stream, additional_headers=headers, proxy=None) as socket:
                _ask(socket, {"do": "open", "files": {}, "environment": {}, "output": 50_000})
                _ask(socket, {"do": "start", "process": "a"})
                ran = _ask(socket, {"do": "run", "process": "a", "source": "1 + 1", "seconds": 30})
                seconds = time.monotonic() - started
            client.delete(f"/leases/{lease}")
        if [one["data"]["text/plain"] for one in ran.get("outputs", [])] != ["2"]:
            raise KernelError(f"A sandbox was asked for 1 + 1 and says {ran}.")
        return seconds


def _granted(client: httpx.Client) -> str:
    asked = client.post("/leases", json={"flavour": "sandbox"})
    lease = asked.json()
    while asked.is_success and lease["state"] in ("waiting", "starting"):
        news = {"since": lease["version"], "wait": 20}
        asked = client.get(f"/leases/{lease['id']}", params=news)
        lease = asked.json()
    if asked.is_error or lease["state"] != "running":
        raise KernelError(f"The broker gave no sandbox: {asked.text}")
    return str(lease["id"])


def _ask(socket: ClientConnection, request: dict[str, Any]) -> dict[str, Any]:
    socket.send(json.dumps({"n": 1, **request}).encode() + b"\n")
    read = b""
    while not read.endswith(b"\n"):
        part = socket.recv(timeout=PATIENCE)
        read += part if isinstance(part, bytes) else part.encode()
    answer: dict[str, Any] = json.loads(read)
    if "error" in answer:
        raise KernelError(f"A sandbox was asked to {request['do']} and says: {answer['error']}")
    return answer
