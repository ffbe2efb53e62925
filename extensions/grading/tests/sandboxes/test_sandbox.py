"""The client of a sandbox believes nothing that is not its protocol."""

import json
from typing import Any

import nbformat
import pytest

from technopark_grading.notebooks import outputs
from technopark_grading.sandboxes.sandbox import Ran, Sandbox, SandboxLostError


class Scripted:
    """A channel that answers with what it is told to."""

    lease = ""

    def __init__(self, *answers: bytes) -> None:
        self.sent: list[dict[str, Any]] = []
        self.answers = list(answers)
        self.closed = False

    def send(self, data: bytes) -> None:
        self.sent += [json.loads(line) for line in data.splitlines()]

    def receive(self, seconds: float) -> bytes:
        assert seconds > 0
        return self.answers.pop(0) if self.answers else b""

    def close(self) -> None:
        self.closed = True


def ok(number: int) -> bytes:
    return json.dumps({"n": number, "ok": True}).encode() + b"\n"


def test_requests_are_numbered_and_answers_may_come_in_pieces() -> None:
    channel = Scripted(ok(1)[:5], ok(1)[5:] + ok(2))
    with Sandbox(channel) as sandbox:
        sandbox.start("a")
        sandbox.copy("a", "b")
    assert channel.sent == [
        {"n": 1, "do": "start", "process": "a"},
        {"n": 2, "do": "copy", "process": "a", "as": "b"},
    ]
    assert channel.closed


def test_large_files_go_in_several_messages() -> None:
    channel = Scripted(ok(1), ok(2))
    files = {"one": b"1" * 10_000_000, "two": b"2" * 10_000_000}
    Sandbox(channel).open(files, {"A": "b"}, 50_000)
    assert [list(sent["files"]) for sent in channel.sent] == [["one"], ["two"]]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (b"", "has ended"),
        (b"what?\n", "no answer"),
        (b"[1]\n", "not its own"),
        (ok(7), "not its own"),
        (b'{"n": 1, "error": "No room."}\n', "No room"),
        (b"[" * 200_000 + b"\n", "no answer"),
    ],
)
def test_whatever_else_is_said_the_sandbox_is_lost(answer: bytes, says: str) -> None:
    with pytest.raises(SandboxLostError, match=says):
        Sandbox(Scripted(answer)).start("a")


@pytest.mark.parametrize("ended", ['"fine"', "null", "7"])
def test_a_cell_ends_in_one_of_four_ways(ended: str) -> None:
    answer = f'{{"n": 1, "ended": {ended}, "outputs": []}}\n'.encode()
    with pytest.raises(SandboxLostError, match="cannot have ended"):
        Sandbox(Scripted(answer)).run("a", "1", 1)


def ran(ended: Any, *made: dict[str, Any], endless: bool = False) -> Ran:
    return Ran(ended, list(made), cut=False, endless=endless, seconds=0.1)


RESULT = {"output_type": "execute_result", "data": {"text/plain": "1.5"}}


def test_a_value_is_points_and_no_value_is_all_points() -> None:
    assert outputs.points(outputs.of(ran("ok", RESULT)), 2) == 1.5
    assert outputs.points(outputs.of(ran("ok")), 2) == 2


@pytest.mark.parametrize("ended", ["error", "timeout", "died"])
def test_a_cell_that_did_not_end_well_has_no_points_whatever_it_sent(ended: Any) -> None:
    assert outputs.points(outputs.of(ran(ended, RESULT)), 2) == 0
    assert outputs.points(outputs.of(ran(ended)), 2) == 0


def test_more_points_than_there_are_is_none() -> None:
    much = {"output_type": "execute_result", "data": {"text/plain": "99"}}
    assert outputs.points(outputs.of(ran("ok", much)), 2) == 0


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"output_type": "pyout"},
        {"output_type": ["stream"]},
        {"output_type": "stream", "name": 5, "text": {"a": 1}},
        {"output_type": "error", "traceback": "no list"},
        {"output_type": "display_data", "data": {"image/png": {"not": "text"}}, "metadata": 7},
        {"output_type": "display_data", "data": "no data"},
    ],
)
def test_odd_outputs_become_notebook_outputs_or_nothing(odd: dict[str, Any]) -> None:
    cell = nbformat.v4.new_code_cell(outputs=outputs.of(ran("ok", odd)))
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
