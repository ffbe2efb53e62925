"""A client of a leased kernel, as close to the wire as a test needs it."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

import zmq
from jupyter_client.blocking.client import BlockingKernelClient

from technopark.engine.leased import Started

PATIENCE = 20
"""Seconds for one answer."""


def curve_connection() -> dict[str, object]:
    """New keys, as a pupil's server makes them for each kernel."""
    public, secret = zmq.curve_keypair()
    return {
        "key": secrets.token_hex(16),
        "signature_scheme": "hmac-sha256",
        "curve_publickey": public.decode(),
        "curve_secretkey": secret.decode(),
    }


class Kernel:
    """A running kernel; `close` it."""

    def __init__(self, connection: Mapping[str, object], started: Started) -> None:
        names = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
        ports = {name: started.first_port + number for number, name in enumerate(names)}
        self._client: Any = BlockingKernelClient()
        self._client.load_connection_info(
            {**connection, "transport": "tcp", "ip": started.address, **ports}
        )
        self._client.start_channels()
        self._client.wait_for_ready(timeout=PATIENCE)

    def send(self, source: str) -> None:
        """Runs a cell; does not wait."""
        self._asked = self._client.execute(source)

    def output(self) -> str:
        """What the cell prints next."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            message = self._client.get_iopub_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") != self._asked:
                continue
            if message["msg_type"] == "stream":
                return str(message["content"]["text"])
            if message["msg_type"] == "error":
                raise AssertionError("\n".join(message["content"]["traceback"]))
        raise AssertionError("the cell prints nothing")

    def reply(self) -> dict[str, Any]:
        """How the cell ended."""
        while True:
            message = self._client.get_shell_msg(timeout=PATIENCE)
            if message["parent_header"].get("msg_id") == self._asked:
                content: dict[str, Any] = message["content"]
                return content

    def run(self, source: str) -> str:
        """What a cell prints first; waits for its end."""
        self.send(source)
        said = self.output()
        self.reply()
        return said

    def close(self) -> None:
        """Lets go of it; it goes on."""
        self._client.stop_channels()
