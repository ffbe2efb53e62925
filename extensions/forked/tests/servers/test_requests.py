"""What the parent takes for a request: checked whole, before anything is done."""

import json
from typing import Any

import pytest

from technopark_forked.servers.request import RefusedError, parse

GOOD: dict[str, Any] = {"container": {"pid": 4711, "id": "a1" * 32}, "program": "server"}


def line(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode() + b"\n"


def test_a_request_may_say_no_more_than_it_must() -> None:
    found = parse(line())
    assert (found.pid, found.container, found.program) == (4711, "a1" * 32, "server")
    assert (found.arguments, found.environment) == ([], {})


def test_arguments_and_variables() -> None:
    found = parse(line(arguments=["--debug"], environment={"TZ": "Europe/Moscow"}))
    assert (found.arguments, found.environment) == (["--debug"], {"TZ": "Europe/Moscow"})


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"container": {"pid": "4711", "id": "a1" * 32}}, "no container's process"),
        ({"container": {"pid": True, "id": "a1" * 32}}, "no container's process"),
        ({"container": {"pid": -1, "id": "a1" * 32}}, "no container's process"),
        ({"container": {"pid": 1, "id": "a1" * 32}}, "no container's process"),
        ({"container": {"pid": 4711, "id": "../../etc"}}, "no container's id"),
        ({"container": {"pid": 4711}}, "one line of JSON"),
        ({"container": 4711}, "one line of JSON"),
        ({"program": ["server"]}, "a name"),
        ({"arguments": "--debug"}, "list of texts"),
        ({"arguments": [1]}, "list of texts"),
        ({"arguments": ["a\0b"]}, "list of texts"),
        ({"environment": ["TZ"]}, "texts by names"),
        ({"environment": {"TZ": 3}}, "texts by names"),
    ],
)
def test_what_is_wrong_is_said(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        parse(line(**changes))


@pytest.mark.parametrize("content", [b"", b"\xff\n", b"null\n", b"[]\n", b"[" * 100_000])
def test_what_is_no_request_at_all(content: bytes) -> None:
    with pytest.raises(RefusedError, match="one line of JSON"):
        parse(content)
