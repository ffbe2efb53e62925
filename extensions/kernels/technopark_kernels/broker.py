"""Speaking with the park's broker: asking for a lease, watching over it, giving it back.

Called by the provisioner, on the server's event loop. It knows nothing of kernels and never decides
what an answer means.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse

from technopark_kernels.words import language, say

URL = "TECHNOPARK_BROKER_URL"
TOKEN = "JUPYTERHUB_API_TOKEN"  # noqa: S105  # the variable's name

_POLL_SECONDS = 20.0
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 10.0


class BrokerRefusal(Exception):  # noqa: N818  # it is the broker's word, and no error of anybody's
    """The broker said no. Its text is the broker's sentence for the pupil."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class BrokerAway(Exception):  # noqa: N818  # it passes
    """The broker does not answer, or cannot just now; the same may be asked again."""


@dataclass(frozen=True)
class Lease:
    """A lease as the broker last described it; times are seconds."""

    id: str
    state: str
    """waiting, starting, running, stopped (its place is held for a while) or ended."""
    version: int
    place: int | None = None
    """1 is the next; None where it does not wait."""
    estimate_s: float | None = None
    address: Mapping[str, Any] | None = None
    """`ip` and five ports, named as in a kernel's connection file."""
    ends_in_s: float | None = None
    warn_s: float = 0.0
    """So long before the end the pupil is told."""
    exit_code: int | None = None
    reason: str | None = None
    message: str | None = None


class Broker:
    """The broker as seen by the owner of a token.

    Args:
        url: where it answers.
        token: the server's own, given by the hub.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {
            "Authorization": f"token {token}",
            "Accept-Language": language(),
            "Content-Type": "application/json",
        }

    async def ask(
        self,
        kernel_id: str,
        connection: Mapping[str, str],
        folder: str,
        environment: Mapping[str, str],
    ) -> Lease:
        """Asks for a device, or for the one of this kernel that is held for a restart.

        Args:
            kernel_id: the kernel's id in this server.
            connection: key, signature_scheme, curve_publickey and curve_secretkey.
            folder: where the kernel works, relative to the person's home.
            environment: variables for the kernel.

        Raises:
            BrokerRefusal, BrokerAway
        """
        order = {
            "flavour": "gpu",
            "kernel_id": kernel_id,
            "connection": dict(connection),
            "cwd": folder,
            "environment": dict(environment),
        }
        return _lease(await self._send("POST", "/leases", order))

    async def look(self, lease: Lease, idle: float | None = None) -> Lease:
        """The lease as soon as it differs from `lease`, or after a while as it is.

        It is the holder's sign of life, too.

        Args:
            lease: as it was last seen.
            idle: seconds since its kernel was last busy.

        Raises:
            BrokerRefusal: among others, there is no such lease any more (404).
            BrokerAway
        """
        query = {"since": str(lease.version), "wait": f"{_POLL_SECONDS:.0f}"}
        if idle is not None:
            query["idle"] = f"{idle:.0f}"
        path = f"{_path(lease.id)}?{urlencode(query)}"
        return _lease(await self._send("GET", path, seconds=_POLL_SECONDS + _ANSWER_SECONDS))

    async def signal(self, lease: Lease, number: int) -> None:
        """Sends a signal to the lease's kernel. Raises BrokerRefusal, BrokerAway."""
        await self._send("POST", f"{_path(lease.id)}/signal", {"number": number})

    async def stop(self, lease: Lease) -> None:
        """Ends the kernel; its place is held for a while. Raises BrokerRefusal, BrokerAway."""
        await self._send("POST", f"{_path(lease.id)}/stop", {})

    async def give_back(self, lease: Lease) -> None:
        """Ends the lease, or leaves the line. Raises BrokerRefusal, BrokerAway."""
        await self._send("DELETE", _path(lease.id))

    async def _send(
        self, method: str, path: str, content: object = None, seconds: float = _ANSWER_SECONDS
    ) -> Any:
        request = HTTPRequest(
            self._url + path,
            method,
            headers=self._headers,
            body=None if content is None else json.dumps(content),
            connect_timeout=_CONNECT_SECONDS,
            request_timeout=seconds,
        )
        try:
            response = await AsyncHTTPClient().fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:
            raise BrokerAway(str(error)) from None
        if response.code >= 500 or response.code == 429:
            raise BrokerAway(f"{response.code} {response.reason}")
        if response.code >= 400:
            raise BrokerRefusal(_sentence(response), response.code)
        return json.loads(response.body) if response.body else None


def from_environment() -> Broker:
    """The broker that this server's environment names.

    Raises:
        BrokerRefusal: it names none.
    """
    for variable in (URL, TOKEN):
        if not os.environ.get(variable):
            raise BrokerRefusal(say("no-broker", variable=variable), 0)
    return Broker(os.environ[URL], os.environ[TOKEN])


def _path(lease_id: str) -> str:
    return f"/leases/{quote(lease_id, safe='')}"


def _lease(view: Mapping[str, Any]) -> Lease:
    return Lease(**{name: view[name] for name in Lease.__annotations__ if name in view})


def _sentence(response: HTTPResponse) -> str:
    try:
        return str(json.loads(response.body)["message"])
    except (ValueError, KeyError, TypeError):
        return say("odd-answer", status=response.code)
