"""The keeper puts a cell's outputs together, however much and whatever a session tells."""

import json

import nbformat
from hypothesis import example, given
from hypothesis import strategies as st

from technopark_sandbox.outputs import PICTURES, SHORTENED, Outputs

LIMIT = 5_000


def shown(*messages: dict[str, object], limit: int = LIMIT) -> Outputs:
    outputs = Outputs(limit)
    for message in messages:
        outputs.add(message)
    return outputs


def display(text: str = "x", **more: object) -> dict[str, object]:
    return {"is": "display", "data": {"text/plain": text}, "metadata": {}, **more}


def texts(outputs: Outputs) -> list[str]:
    return [output["data"]["text/plain"] for output in outputs.shown]


def test_what_is_printed_in_one_go_is_one_output() -> None:
    outputs = Outputs(LIMIT)
    for part in ("пр".encode(), b"\xd0", b"\xb8", b"vet"):
        outputs.add_bytes("stdout", part)
    outputs.add_bytes("stderr", b"careful")
    outputs.add_bytes("stdout", b"again")
    assert [(output["name"], output["text"]) for output in outputs.shown] == [
        ("stdout", "приvet"),
        ("stderr", "careful"),
        ("stdout", "again"),
    ]


def test_a_display_is_updated_where_it_stands() -> None:
    outputs = shown(display("one", id="n"), display("two"), display("new", id="n", update=True))
    assert texts(outputs) == ["new", "two"]


def test_an_update_of_what_is_not_there_shows_nothing() -> None:
    assert shown(display(id="n", update=True)).shown == []


def test_clearing_with_wait_waits_for_the_next_output() -> None:
    waiting = shown(display("old"), {"is": "clear", "wait": True})
    assert texts(waiting) == ["old"]
    waiting.add(display("new"))
    assert texts(waiting) == ["new"]
    assert shown(display("old"), {"is": "clear", "wait": False}).shown == []


def test_clearing_gives_room_again() -> None:
    frames = [display("x" * LIMIT), {"is": "clear", "wait": True}] * 50
    assert not shown(*frames, display("last")).is_cut


def test_more_than_the_limit_is_cut() -> None:
    outputs = Outputs(LIMIT)
    outputs.add_bytes("stdout", b"x" * 3 * LIMIT)
    assert outputs.is_cut
    assert outputs.is_full("stdout")
    assert outputs.shown[0]["text"] == "x" * LIMIT


def test_what_decides_a_mark_is_there_after_a_flood() -> None:
    outputs = Outputs(LIMIT)
    for _ in range(2_000):  # so many outputs that no more are kept
        outputs.add_bytes("stdout", b"x" * 10)
        outputs.add(display("y"))
    outputs.add_bytes("stderr", b"bad")
    outputs.add({"is": "error", "ename": "AssertionError", "evalue": "no", "traceback": ["no"]})
    assert [output["output_type"] for output in outputs.shown[-2:]] == ["stream", "error"]
    assert outputs.shown[-1]["ename"] == "AssertionError"


def test_a_long_error_keeps_its_end() -> None:
    lines = ["x" * LIMIT, "AssertionError: the end"]
    outputs = shown({"is": "error", "ename": "E", "evalue": "e", "traceback": lines})
    assert outputs.is_cut
    assert outputs.shown[0]["traceback"][0].endswith("AssertionError: the end")
    assert SHORTENED <= len(outputs.shown[0]["traceback"][0]) <= LIMIT


def test_pictures_have_room_of_their_own() -> None:
    picture = {"image/png": "x" * LIMIT * 10, "text/plain": "<Figure>"}
    outputs = shown(display() | {"data": picture})
    assert not outputs.is_cut
    assert outputs.shown[0]["data"] == picture


def test_too_many_pictures_are_left_out_whole() -> None:
    picture = {"image/png": "x" * (PICTURES // 2), "text/plain": "<Figure>"}
    outputs = shown(*[display() | {"data": picture}] * 3)
    assert outputs.is_cut
    assert [list(output["data"]) for output in outputs.shown] == [
        ["image/png", "text/plain"],
        ["text/plain"],
        ["text/plain"],
    ]


def test_outputs_without_content_do_not_pile_up() -> None:
    empty = {"is": "display", "data": {}, "metadata": {}}
    outputs = shown(*[empty] * 10_000)
    assert len(outputs.shown) <= 1_000
    assert outputs.is_cut


def test_nesting_without_end_is_left_out() -> None:
    deep: object = 0
    for _ in range(5_000):
        deep = [deep]
    outputs = shown(display() | {"data": {"application/json": deep, "text/plain": "x"}})
    assert texts(outputs) == ["x"]
    json.dumps(outputs.shown)


junk = st.sampled_from([None, True, 7, 1.5, "x", "\ud800", [], ["a", 1], {}, {"k": [{"l": None}]}])
words = st.sampled_from(
    ["is", "data", "metadata", "id", "update", "count", "ename", "evalue", "traceback", "wait"]
)
kinds = st.sampled_from(["display", "result", "error", "clear", "cut", "sync", "done", "x"])
bundles = st.dictionaries(
    st.sampled_from(["text/plain", "image/png", "application/json", "application/x+json"]), junk
)
told = st.builds(
    lambda more, kind, data: more | {"is": kind} | ({"data": data} if data else {}),
    st.dictionaries(words, junk),
    kinds,
    bundles,
)


@given(st.lists(told, max_size=12))
@example(messages=[{"is": "result", "data": {"text/plain": "1"}, "count": True}])
@example(messages=[{"is": "result", "data": {"text/plain": "1"}, "count": -1}])
def test_whatever_is_told_becomes_outputs_of_a_notebook(messages: list[dict[str, object]]) -> None:
    outputs = shown(*messages)
    cell = nbformat.v4.new_code_cell(outputs=nbformat.from_dict(outputs.shown))
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
