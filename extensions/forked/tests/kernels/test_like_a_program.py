"""A forked kernel is to a notebook what one that was started as a program is."""

import signal
from collections.abc import Callable
from typing import Any

import pytest
from support.kernel_probes import CELLS, IMPORTS, PROBES, seen
from support.notebook import FORKED, ORDINARY, Notebook

pytestmark = pytest.mark.slow

LIBRARIES = ("ipywidgets", "numpy")


@pytest.fixture
async def both(keep: Callable[..., Any], notebook: Callable[..., Any]) -> dict[str, Notebook]:
    keep(*LIBRARIES)
    opened = {way: await notebook(way) for way in (FORKED, ORDINARY)}
    assert {way: one.is_forked for way, one in opened.items()} == {FORKED: True, ORDINARY: False}
    return opened


async def test_all_that_a_program_is_given_is_the_same(both: dict[str, Notebook]) -> None:
    found: dict[str, dict[str, Any]] = {}
    for way, notebook in both.items():
        await notebook.says(IMPORTS)
        found[way] = {name: await notebook.value(probe) for name, probe in PROBES.items()}
    forked, ordinary = found[FORKED], found[ORDINARY]
    assert forked.pop("environment").items() ^ ordinary.pop("environment").items() == set()
    assert {
        name: (forked[name], ordinary[name]) for name in forked if forked[name] != ordinary[name]
    } == {}


async def test_the_same_notebook_shows_the_same(both: dict[str, Notebook]) -> None:
    shown: dict[str, list[Any]] = {FORKED: [], ORDINARY: []}
    for way, notebook in both.items():
        for cell in CELLS:
            shown[way].append((cell, seen(await notebook.run(cell))))
    for forked, ordinary in zip(shown[FORKED], shown[ORDINARY], strict=True):
        assert forked == ordinary


async def test_a_question_is_asked_and_answered(both: dict[str, Notebook]) -> None:
    for notebook in both.values():
        cell = notebook.send("print('Hello,', input('Who? '))", allow_stdin=True)
        asked = await notebook.client.get_stdin_msg(timeout=20)
        assert asked["content"]["prompt"] == "Who? "
        notebook.client.input("Masha")
        assert "Hello, Masha" in (await notebook.done(cell)).text


async def test_an_interrupt_ends_the_cell_and_what_it_runs(both: dict[str, Notebook]) -> None:
    for notebook in both.values():
        source = "print('on', flush=True)\nimport subprocess\nsubprocess.run(['sleep', '300'])"
        cell = notebook.send(source)
        while (await notebook.client.get_iopub_msg(timeout=20))["msg_type"] != "stream":
            pass
        await notebook.manager.interrupt_kernel()
        assert (await notebook.done(cell)).reply["ename"] == "KeyboardInterrupt"
        left = "!ps -o pid= -C sleep --ppid $(echo {__import__('os').getpid()}) | head -1"
        assert "sleep" not in await notebook.says(left)
        assert await notebook.says("2 * 21") == "42"


async def test_the_debugger_stops_at_a_line(both: dict[str, Notebook]) -> None:
    for notebook in both.values():
        assert (await debug(notebook, "initialize", adapterID="x"))["success"]
        arguments = {"justMyCode": True}
        assert (await debug(notebook, "attach", **arguments))["success"]
        source = (await debug(notebook, "dumpCell", code="a = 1\nb = 2"))["body"]["sourcePath"]
        lines = {"source": {"path": source}, "breakpoints": [{"line": 2}]}
        placed = await debug(notebook, "setBreakpoints", **lines)
        assert placed["body"]["breakpoints"][0]["verified"]


async def debug(notebook: Notebook, command: str, **arguments: Any) -> dict[str, Any]:
    """The debugger's answer, as Lab asks it."""
    client = notebook.client
    content = {"type": "request", "command": command, "seq": 1, "arguments": arguments}
    message = client.session.msg("debug_request", content)
    client.control_channel.send(message)
    while True:
        answer = await client.get_control_msg(timeout=20)
        if answer["parent_header"].get("msg_id") == message["header"]["msg_id"]:
            return dict(answer["content"])


async def test_signals_are_taken_as_before(both: dict[str, Notebook]) -> None:
    for notebook in both.values():
        await notebook.manager.signal_kernel(signal.SIGTERM)
        assert await notebook.manager.provisioner.wait() == -signal.SIGTERM
