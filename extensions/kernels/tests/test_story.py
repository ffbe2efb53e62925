"""A pupil, a kernel on a GPU and the line for it; with real kernels and a stand-in broker."""

import asyncio
import time
from typing import Any

import pytest
from support.waiting import eventually

pytestmark = pytest.mark.slow


async def test_a_cell_waits_in_line_and_runs_by_itself(
    server: Any, broker: Any, sit_down: Any
) -> None:
    broker.grant(0)
    page = await sit_down(server.start())
    cell = await page.run("print(6 * 7)")
    later = await page.run("silent = True")
    await page.shown(cell, "You are first in line for a GPU, about 1 minute to go.")
    broker.change(place=1, estimate_s=20)
    await page.shown(cell, "less than a minute to go")
    assert len(page.outputs(cell)) == 1, "the place is shown once, and changes"
    broker.grant()
    await page.shown(cell, "42")
    assert (await page.answered(cell))["status"] == "ok"
    await page.answered(later)
    assert page.outputs(cell) == ["42\n"]
    assert page.outputs(later) == []


async def test_local_and_leased_kernels_run_side_by_side(
    server: Any, broker: Any, sit_down: Any
) -> None:
    broker.grant(0)
    waiting = await sit_down(server.start())
    cell = await waiting.run("1")
    await waiting.shown(cell, "You are first in line")
    local = await sit_down(server.start("python3", "y.ipynb"))
    await local.shown(await local.run("print('here')"), "here")
    assert broker.asked.count(("POST", "/leases")) == 1
    assert {kernel["execution_state"] for kernel in server.ask("GET", "kernels")} == {
        "starting",
        "idle",
    }


async def test_a_leased_kernel_knows_its_folder_and_no_secret(
    server: Any, broker: Any, sit_down: Any
) -> None:
    page = await sit_down(server.start())
    cell = await page.run("import os; print(os.getcwd(), sorted(os.environ))")
    known = (await page.shown(cell, "HOME")).content["text"]
    assert known.startswith(f"{broker.folder}/data-6a ")
    assert "'TECHNOPARK_LANGUAGE'" in known
    assert "'JPY_SESSION_NAME'" in known
    assert "A_SECRET" not in known
    assert "TOKEN" not in known
    connection = broker.only.order["connection"]
    assert len(connection["curve_publickey"]) == len(connection["curve_secretkey"]) == 40


async def test_the_websocket_is_open_at_once_and_pings_hold_it(
    server: Any, broker: Any, sit_down: Any
) -> None:
    broker.grant(0)
    kernel = server.start()
    started = time.monotonic()
    page = await sit_down(kernel, ping_interval=0.2, ping_timeout=0.2)
    assert time.monotonic() - started < 2
    cell = await page.run("1")
    # Whoever answers pings is kept by a browser for as long as it takes: ten unanswered ones here
    # would have closed this websocket.
    with pytest.raises(TimeoutError):
        await page.until(lambda said: said.kind == "execute_input", seconds=2)
    broker.grant()
    assert (await page.answered(cell))["status"] == "ok"


async def test_interrupt_leaves_the_line_at_once(server: Any, broker: Any, sit_down: Any) -> None:
    broker.grant(0)
    kernel = server.start()
    page = await sit_down(kernel)
    cell, other = await page.run("1"), await page.run("2")
    await page.shown(cell, "You are first in line")
    started = time.monotonic()
    server.ask("POST", f"kernels/{kernel}/interrupt")
    assert (await page.answered(cell))["status"] == "error"
    assert (await page.answered(other))["status"] == "error"
    eventually(lambda: broker.leases[next(iter(broker.leases))].state == "ended", 5, "left")
    assert time.monotonic() - started < 2
    assert [text[:21] for text in page.outputs(cell)] == ["You have left the lin"]
    again = await page.run("3")
    await page.shown(again, "You have left the line")
    await page.answered(again)
    broker.grant()
    server.ask("POST", f"kernels/{kernel}/restart")
    page = await sit_down(kernel, page.session)
    assert (await page.answered(await page.run("4")))["status"] == "ok"


@pytest.mark.parametrize("end", ["shut down", "another kernel"])
async def test_whoever_needs_no_gpu_any_more_leaves_the_line(
    server: Any, broker: Any, sit_down: Any, end: str
) -> None:
    broker.grant(0)
    kernel = server.start()
    await sit_down(kernel)
    eventually(lambda: broker.leases, 5, "the kernel is asked for")
    started = time.monotonic()
    (session,) = server.ask("GET", "sessions")
    if end == "shut down":
        server.ask("DELETE", f"sessions/{session['id']}")
    else:
        server.ask("PATCH", f"sessions/{session['id']}", {"kernel": {"name": "python3"}})
    (lease,) = broker.leases.values()
    eventually(lambda: lease.state == "ended", 5, "the line is left")
    assert time.monotonic() - started < 5
    assert kernel not in {one["id"] for one in server.ask("GET", "kernels")}


async def test_a_server_that_ends_gives_everything_back(
    server: Any, broker: Any, sit_down: Any
) -> None:
    broker.grant(1)
    running = await sit_down(server.start(path="a.ipynb"))
    await running.answered(await running.run("1"))
    waiting = await sit_down(server.start(path="b.ipynb"))
    await waiting.shown(await waiting.run("1"), "in line")
    server.process.terminate()
    server.process.wait(20)
    assert {lease.state for lease in broker.leases.values()} == {"ended"}


async def test_a_refusal_is_shown_in_the_cell(server: Any, broker: Any, sit_down: Any) -> None:
    broker.refusal = (403, "This course has no kernels on a GPU.")
    page = await sit_down(server.start())
    cell = await page.run("1")
    assert (await page.answered(cell))["status"] == "error"
    assert page.outputs(cell) == ["This course has no kernels on a GPU."]


async def test_a_cell_that_runs_is_interrupted(server: Any, broker: Any, sit_down: Any) -> None:
    kernel = server.start()
    page = await sit_down(kernel)
    cell = await page.run("print('go')\nimport time\ntime.sleep(60)")
    await page.shown(cell, "go")
    server.ask("POST", f"kernels/{kernel}/interrupt")
    await page.shown(cell, "KeyboardInterrupt")
    assert broker.only.state == "running"


@pytest.mark.parametrize("moves", [False, True], ids=["same address", "other address"])
async def test_restart_keeps_the_place(
    server: Any, broker: Any, sit_down: Any, moves: bool
) -> None:
    broker.moves = moves
    kernel = server.start()
    page = await sit_down(kernel)
    onlooker = await sit_down(kernel)
    await page.answered(await page.run("x = 1"))
    server.ask("POST", f"kernels/{kernel}/restart")
    page = await sit_down(kernel, page.session)
    cell = await page.run("'x' in globals()")
    await page.shown(cell, "False")
    assert len(broker.leases) == 1
    await onlooker.shown(await onlooker.run("print('I see')"), "I see")
    eventually(lambda: server.ask("GET", "kernels")[0]["execution_state"] == "idle", 10, "idle")


async def test_restart_in_line_keeps_the_place(server: Any, broker: Any, sit_down: Any) -> None:
    broker.grant(0)
    kernel = server.start()
    page = await sit_down(kernel)
    forgotten = await page.run("print('never')")
    await page.shown(forgotten, "You are first in line")
    server.ask("POST", f"kernels/{kernel}/restart")
    page = await sit_down(kernel, page.session)
    cell = await page.run("print('now')")
    await page.shown(cell, "You are first in line")
    broker.grant()
    await page.shown(cell, "now")
    assert page.outputs(forgotten) == []
    assert len(broker.leases) == 1


async def test_input_is_asked_and_answered(server: Any, broker: Any, sit_down: Any) -> None:
    page = await sit_down(server.start())
    cell = await page.run("print('Hello,', input('Your name? '))", allow_stdin=True)
    asked = await page.until(lambda said: said.kind == "input_request")
    assert (asked.parent, asked.content["prompt"]) == (cell, "Your name? ")
    await page.send("input_reply", {"value": "Masha"}, "stdin")
    await page.shown(cell, "Hello, Masha")


async def test_a_widget_goes_round(server: Any, broker: Any, sit_down: Any) -> None:
    page = await sit_down(server.start())
    cell = await page.run(
        "import ipywidgets\nslider = ipywidgets.IntSlider()\n"
        "slider.observe(lambda change: print('moved to', change.new), 'value')\nslider"
    )
    view = "application/vnd.jupyter.widget-view+json"
    shown = await page.until(lambda said: view in said.content.get("data", {}))
    comm = shown.content["data"][view]["model_id"]
    await page.answered(cell)
    moved = {"method": "update", "state": {"value": 7}, "buffer_paths": []}
    move = await page.send("comm_msg", {"comm_id": comm, "data": moved})
    await page.until(
        lambda said: said.kind == "comm_msg" and said.parent == move and _moved(said) == 7
    )
    await page.shown(move, "moved to 7")


def _moved(said: Any) -> Any:
    return said.content["data"].get("state", {}).get("value")


async def test_big_output_comes_whole(server: Any, broker: Any, sit_down: Any) -> None:
    page = await sit_down(server.start())
    cell = await page.run("from IPython.display import HTML\nHTML('x' * 20_000_000)")
    shown = await page.until(lambda said: said.kind == "execute_result")
    assert len(shown.content["data"]["text/html"]) == 20_000_000
    assert (await page.answered(cell))["status"] == "ok"


@pytest.mark.parametrize("moves", [False, True], ids=["same address", "other address"])
async def test_a_killed_kernel_says_so_and_restarts(
    server: Any, broker: Any, sit_down: Any, moves: bool
) -> None:
    broker.moves = moves
    kernel = server.start()
    page = await sit_down(kernel)
    cell = await page.run("print('go')\nimport time\ntime.sleep(60)")
    await page.shown(cell, "go")
    broker.kill()
    await page.shown(cell, "it seems to have run out of memory")
    assert (await page.answered(cell))["status"] == "error"
    server.ask("POST", f"kernels/{kernel}/restart")
    page = await sit_down(kernel, page.session)
    await page.shown(await page.run("print('again')"), "again")
    assert len(broker.leases) == 1, "the place was held"


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("time-limit", "Your time on the GPU is over"),
        ("idle", "did nothing for a long time"),
        ("node-lost", "The computer with the GPU is lost"),
        ("rights", "uses GPUs no more"),
    ],
)
async def test_an_ended_lease_says_why_and_another_is_asked_for(
    server: Any, broker: Any, sit_down: Any, reason: str, sentence: str
) -> None:
    kernel = server.start()
    page = await sit_down(kernel)
    done = await page.run("print('done')")
    await page.answered(done)
    broker.end(reason)
    await page.shown(done, sentence)
    after = await page.run("1")
    assert (await page.answered(after))["status"] == "error"
    await page.shown(after, sentence)
    broker.grant(0)
    server.ask("POST", f"kernels/{kernel}/restart")
    page = await sit_down(kernel, page.session)
    cell = await page.run("print('again')")
    await page.shown(cell, "You are first in line")
    broker.grant()
    await page.shown(cell, "again")
    assert len(broker.leases) == 2


async def test_the_time_limit_is_told_before(server: Any, broker: Any, sit_down: Any) -> None:
    page = await sit_down(server.start())
    cell = await page.run("1")
    await page.answered(cell)
    broker.change(ends_in_s=300.5, warn_s=300)
    await page.shown(cell, "The GPU is yours for 5 minutes more")
    broker.change(ends_in_s=299, warn_s=300)
    await page.answered(await page.run("2"))
    assert len([text for text in page.outputs(cell) if "5 minutes" in text]) == 1


async def test_a_kernel_goes_on_while_the_broker_is_away(
    server: Any, broker: Any, sit_down: Any
) -> None:
    kernel = server.start()
    page = await sit_down(kernel)
    await page.answered(await page.run("x = 6 * 7"))
    broker.close()
    cell = await page.run("print(x)")
    await page.shown(cell, "42")
    sleeping = await page.run("print('go')\nimport time\ntime.sleep(60)")
    await page.shown(sleeping, "go")
    server.ask("POST", f"kernels/{kernel}/interrupt")
    await page.shown(sleeping, "KeyboardInterrupt")
    polls = len(broker.asked)
    broker.open()
    eventually(lambda: len(broker.asked) > polls, 10, "the broker is asked again")
    assert page.outputs(cell) == ["42\n"]
    server.ask("DELETE", f"kernels/{kernel}")
    assert {lease.state for lease in broker.leases.values()} == {"ended"}


async def test_whoever_asks_while_the_broker_is_away_waits_for_it(
    server: Any, broker: Any, sit_down: Any
) -> None:
    broker.close()
    page = await sit_down(server.start())
    cell = await page.run("print('here')")
    await page.shown(cell, "Asking for a GPU for you")
    broker.open()
    await page.shown(cell, "here")


async def test_what_was_sent_survives_a_broken_line(
    server: Any, broker: Any, sit_down: Any
) -> None:
    broker.grant(0)
    kernel = server.start()
    page = await sit_down(kernel)
    cell = await page.run("print('kept')")
    await page.shown(cell, "You are first in line")
    page.socket.stream.close()
    page = await sit_down(kernel, page.session)
    broker.grant()
    await page.shown(cell, "kept")


async def test_the_broker_hears_how_long_a_kernel_is_idle(
    server: Any, broker: Any, sit_down: Any
) -> None:
    page = await sit_down(server.start())
    cell = await page.run("print('go')\nimport time\ntime.sleep(60)")
    await page.shown(cell, "go")
    heard = broker.only.idle
    count = len(heard)
    await asyncio.to_thread(eventually, lambda: len(heard) > count + 1, 10, "a poll or two")
    assert heard[-1] == 0
