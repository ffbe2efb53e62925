"""Requests and answers of the keeper: JSON objects, one a line, over its standard streams.

Called by `keeper`, which alone holds these streams: no session inherits them.
"""

import json
import os
from typing import Any

LONGEST_LINE = 32 * 1024 * 1024
"""Bytes."""

_CHUNK = 65_536

Request = dict[str, Any]


class RequestError(Exception):
    """A request that cannot be done; the text is a sentence that says why."""


class Lines:
    """The standard streams, taken over so that nothing else writes to them by mistake."""

    def __init__(self) -> None:
        self.requests, self._answers = os.dup(0), os.dup(1)
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        os.close(nowhere)
        os.dup2(2, 1)
        self._line = bytearray()
        self._is_lost = False

    def read(self) -> list[Request | RequestError]:
        """The requests that are whole now, and what is wrong with lines that are none.

        Raises:
            EOFError: there will be no more.
        """
        content = os.read(self.requests, _CHUNK)
        if not content:
            raise EOFError
        found: list[Request | RequestError] = []
        *ends, rest = content.split(b"\n")
        for end in ends:
            self._add(end)
            line, is_lost = self._line, self._is_lost
            self._line, self._is_lost = bytearray(), False
            if is_lost:
                found.append(RequestError(f"A line is longer than {LONGEST_LINE} bytes."))
            elif line.strip():
                found.append(_request(line))
        self._add(rest)
        return found

    def answer(self, n: Any, **answer: Any) -> None:
        """Writes the answer to request `n`."""
        text = json.dumps({"n": n, **answer}, ensure_ascii=False)
        rest = memoryview(text.encode("utf-8", "replace") + b"\n")
        while rest:
            rest = rest[os.write(self._answers, rest) :]

    def _add(self, part: bytes) -> None:
        self._is_lost |= len(self._line) + len(part) > LONGEST_LINE
        if self._is_lost:
            self._line.clear()
        else:
            self._line += part


def text_of(request: Request, key: str, default: str | None = None) -> str:
    """A text in a request.

    Raises:
        RequestError: it is missing, or no text.
    """
    value = request.get(key, default)
    if not isinstance(value, str):
        raise RequestError(f"`{key}` must be a text.")
    return value


def texts_of(request: Request, key: str) -> dict[str, str]:
    """An object of texts in a request; empty where there is none.

    Raises:
        RequestError: it is something else.
    """
    value = request.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise RequestError(f"`{key}` must be an object of texts.")
    return value


def number_of(request: Request, key: str, least: float, most: float) -> float:
    """A number in a request.

    Raises:
        RequestError: it is missing, no number, or out of bounds.
    """
    value = request.get(key)
    if not isinstance(value, int | float) or not least <= value <= most:
        raise RequestError(f"`{key}` must be a number from {least:g} to {most:g}.")
    return value


def _request(line: bytearray) -> Request | RequestError:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        return RequestError(f"A request is not JSON: {error}")
    if not isinstance(request, dict):
        return RequestError("A request is not a JSON object.")
    return request
