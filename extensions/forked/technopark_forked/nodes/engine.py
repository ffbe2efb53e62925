"""The node's own engine, at its socket, as far as a caretaker needs it.

Used by the modules beside it. The base image has Python's own library for this and no other.
"""

import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

PATIENCE = 60.0
"""Seconds for an answer."""


class EngineRefusedError(Exception):
    """The engine did not do what it was asked for; the text says why.

    Args:
        status: of HTTP; 404: there is no such container.
        said: its words.
    """

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str, patience: float | None) -> None:
        super().__init__("engine", timeout=patience)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Engine:
    """The engine at the socket `path`; any thread may ask it.

    Raises:
        OSError: nothing answers there.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        with closing(_Connection(path, PATIENCE)) as connection:
            connection.request("GET", "/_ping")
            # Each engine speaks its own newest version, and some no longer the oldest.
            self._version = connection.getresponse().getheader("Api-Version", "1.41")

    def ask(self, method: str, address: str, content: object = None, **query: object) -> Any:
        """The engine's answer to one request, if it has any.

        Args:
            method: of HTTP.
            address: such as `/containers/json`.
            content: what is sent, as JSON.
            query: texts; what is none is sent as JSON.

        Raises:
            EngineRefusedError: it says no.
            OSError, http.client.HTTPException: it does not answer.
        """
        with closing(_Connection(self._path, PATIENCE)) as connection:
            said = self._request(connection, method, address, content, query).read()
        return json.loads(said) if said else None

    def containers(self, *labels: str, all_: bool = False) -> list[dict[str, Any]]:
        """Containers that carry all of `labels`, those that have ended only with `all_`."""
        found: list[dict[str, Any]] = self.ask(
            "GET", "/containers/json", all=all_, filters={"label": labels}
        )
        return found

    def events(self, label: str, kinds: tuple[str, ...]) -> Iterator[dict[str, Any] | None]:
        """What happens from now on to containers with `label`; first None: it listens now.

        Raises:
            OSError, http.client.HTTPException: the engine has ended.
        """
        filters = {"type": ["container"], "event": kinds, "label": [label]}
        with closing(_Connection(self._path, None)) as connection:
            answer = self._request(connection, "GET", "/events", None, {"filters": filters})
            yield None
            for line in answer:
                yield json.loads(line)
        raise ConnectionResetError("the engine's events have ended")

    def _request(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        address: str,
        content: object,
        query: Mapping[str, object],
    ) -> http.client.HTTPResponse:
        texts = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in query.items()
        }
        connection.request(
            method,
            f"/v{self._version}{address}?{urlencode(texts)}",
            None if content is None else json.dumps(content).encode(),
            {"Content-Type": "application/json"},
        )
        answer = connection.getresponse()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise EngineRefusedError(answer.status, answer.read().decode(errors="replace").strip())
        return answer
