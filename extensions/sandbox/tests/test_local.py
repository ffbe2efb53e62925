"""The keeper as an ordinary program: what is asked, what is answered."""

import base64
import os
import signal
import sys
from pathlib import Path

import pytest
from support.sandbox import Answer, Sandbox, error_name, opened, printed
from support.waiting import eventually

pytestmark = pytest.mark.slow


def test_cells_go_on_from_each_other(sandbox: Sandbox) -> None:
    assert sandbox.run("x = 20")["outputs"] == []
    answer = sandbox.run("print('hi')\nx + 1")
    assert (answer["ended"], answer["cut"], answer["execution_count"]) == ("ok", False, 2)
    assert printed(answer) == "hi\n"
    assert answer["outputs"][-1] == {
        "output_type": "execute_result",
        "execution_count": 2,
        "data": {"text/plain": "21"},
        "metadata": {},
    }
    failed = sandbox.run("assert x == 1")
    assert (failed["ended"], error_name(failed)) == ("error", "AssertionError")


def test_files_environment_and_folder(keeper: list[str], folder: Path) -> None:
    files = {"data/birds.txt": base64.b64encode("чайка".encode()).decode()}
    with opened(keeper, files=files, environment={"TZ": "Europe/Moscow"}) as sandbox:
        look = "import os\nopen('data/birds.txt').read(), os.environ['TZ']"
        assert sandbox.value(look) == "('чайка', 'Europe/Moscow')"
        assert sandbox.value("os.getcwd()") == repr(str(folder))
        sandbox.must("open", files={"later.txt": ""})
        assert sandbox.value("sorted(os.listdir())") == "['data', 'later.txt']"


def test_a_copy_goes_its_own_way(sandbox: Sandbox) -> None:
    sandbox.run("import threading, asyncio\nx = 1\nawait asyncio.sleep(0)")
    sandbox.run("t = threading.Thread(target=threading.Event().wait, daemon=True); t.start()")
    sandbox.must("copy", process="a", **{"as": "b"})
    sandbox.must("copy", process="b", **{"as": "c"})
    sandbox.run("x = 2", "b")
    sandbox.must("stop", process="a")
    assert [sandbox.value("await asyncio.sleep(0.01); x", name) for name in "bc"] == ["2", "1"]
    assert sandbox.run("print('by b')", "b")["execution_count"] == 5
    assert printed(sandbox.run("!echo from a program", "c")) == "from a program\r\n"


def tried(sandbox: Sandbox, source: str, seconds: float = 20) -> Answer:
    return sandbox.ask("try", process="a", source=source, seconds=seconds)


def test_a_cell_that_is_tried_leaves_nothing_behind(sandbox: Sandbox) -> None:
    sandbox.run("import os, time\nx = 1\nopen('mine', 'w').write('first')")
    changes = "x = 2\nos.remove('mine')\nopen('more', 'w')\nos.fork() or time.sleep(60)\nx"
    answer = tried(sandbox, changes)
    assert (answer["ended"], answer["outputs"][-1]["data"]) == ("ok", {"text/plain": "2"})
    assert sandbox.value("x, os.listdir(), open('mine').read()") == "(1, ['mine'], 'first')"
    assert sandbox.run("1")["execution_count"] == 3


def test_errors_of_what_is_tried_are_told_by_name_and_message_alone(sandbox: Sandbox) -> None:
    (told,) = tried(sandbox, "assert 1 == 2, 'no'")["outputs"]
    assert (told["ename"], told["evalue"], told["traceback"]) == ("AssertionError", "no", [])
    (whole,) = sandbox.run("assert 1 == 2, 'no'")["outputs"]
    assert "---" in whole["traceback"][0]


@pytest.mark.parametrize(
    ("source", "ended"),
    [("import os; os._exit(3)", "died"), ("while True: pass", "timeout"), ("exit", "ok")],
)
def test_however_it_ends_the_next_one_can_be_tried(
    sandbox: Sandbox, source: str, ended: str
) -> None:
    sandbox.run("x = 1\nopen('mine', 'w').close()")
    assert tried(sandbox, f"import os; os.remove('mine')\n{source}", 0.5)["ended"] == ended
    assert tried(sandbox, "assert x == 1 and open('mine')")["ended"] == "ok"


def test_one_cell_is_tried_at_a_time(sandbox: Sandbox, folder: Path) -> None:
    sandbox.must("start", process="b")
    waits = "open('began', 'w').close()\nimport time; time.sleep(60)"
    n = sandbox.send("try", process="a", source=waits, seconds=60)
    eventually((folder / "began").exists, 20, "the cell's beginning")
    assert "tried" in sandbox.ask("try", process="b", source="1", seconds=1)["error"]
    sandbox.must("clear")
    assert sandbox.answer(n)["ended"] == "died"
    sandbox.must("start", process="a")
    assert tried(sandbox, "1")["ended"] == "ok"


def test_sessions_run_side_by_side(sandbox: Sandbox) -> None:
    sandbox.must("start", process="b")
    waits = "import os, time\nwhile not os.path.exists('go'):\n    time.sleep(0.01)\nprint('went')"
    n = sandbox.send("run", process="a", source=waits, seconds=20)
    assert "busy" in sandbox.ask("run", process="a", source="1", seconds=1)["error"]
    assert "busy" in sandbox.ask("copy", process="a", **{"as": "c"})["error"]
    sandbox.run("open('go', 'w').close()", "b")
    assert printed(sandbox.answer(n)) == "went\n"


def test_the_folder_is_put_back_under_a_living_session(sandbox: Sandbox) -> None:
    sandbox.run("open('mine', 'w').write('first')")
    sandbox.must("keep")
    sandbox.must("keep", name="other")
    sandbox.run("import os; os.remove('mine'); os.mkdir('more')")
    sandbox.must("restore")
    assert sandbox.value("os.listdir(), open('mine').read()") == "(['mine'], 'first')"
    assert "'never'" in sandbox.ask("restore", name="never")["error"]


def test_output_is_cut_at_its_limit(sandbox: Sandbox) -> None:
    answer = sandbox.run("print('я' * 6_000)")
    assert answer["cut"]
    assert printed(answer) == "я" * 5_000
    assert not sandbox.run("print('я' * 4_999)")["cut"]


def test_an_error_after_a_flood_is_there(sandbox: Sandbox) -> None:
    answer = sandbox.run("print('x' * 100_000); raise ValueError('the reason')")
    assert error_name(answer) == "ValueError"
    assert "the reason" in answer["outputs"][-1]["traceback"][-1]
    answer = sandbox.run("print('x' * 100_000); import sys; print('bad', file=sys.stderr)")
    assert printed(answer, "stderr") == "bad\n"


def test_a_cell_is_interrupted_after_its_time(sandbox: Sandbox) -> None:
    answer = sandbox.run("kept = 1\nprint('on the way')\nwhile True: pass", seconds=0.3)
    assert (answer["ended"], error_name(answer)) == ("timeout", "KeyboardInterrupt")
    assert printed(answer) == "on the way\n"
    awaited = sandbox.run("import asyncio\nawait asyncio.sleep(99)", seconds=0.3)
    assert (awaited["ended"], error_name(awaited)) == ("timeout", "CancelledError")
    flooding = sandbox.run("while True: display('x'); print('y')", seconds=0.3)
    assert flooding["ended"] == "timeout"
    assert sandbox.value("kept") == "1"


def test_a_thread_prints_into_the_cell_that_started_it(sandbox: Sandbox) -> None:
    starting = (
        "import threading\nsaid, go, done = (threading.Event() for _ in range(3))\n"
        "def late():\n    print('in time')\n    said.set()\n    go.wait()\n"
        "    print('too late')\n    done.set()\n"
        "threading.Thread(target=late).start()\n_ = said.wait()"
    )
    assert printed(sandbox.run(starting)) == "in time\n"
    assert printed(sandbox.run("print('other'); go.set(); done.wait()")) == "other\n"


def test_exit_lets_the_cell_end_and_then_the_session(sandbox: Sandbox) -> None:
    answer = sandbox.run("exit()\nprint('still here')")
    assert (answer["ended"], printed(answer)) == ("ok", "still here\n")
    gone = sandbox.run("1")
    assert (gone["ended"], gone["outputs"]) == ("died", [])
    sandbox.must("start", process="a")
    assert sandbox.value("1") == "1"


def test_nothing_of_a_session_is_in_a_fresh_one(sandbox: Sandbox) -> None:
    sandbox.run("import os, sys\nos.environ['LEFT'] = sys.left = '1'")
    sandbox.must("start", process="b")
    look = "import os, sys\nos.environ.get('LEFT'), hasattr(sys, 'left'), In[1:-1], _"
    assert sandbox.value(look, "b") == "(None, False, [], '')"


def test_a_session_holds_no_files_but_its_own(sandbox: Sandbox) -> None:
    sandbox.must("start", process="b")
    sandbox.must("copy", process="b", **{"as": "c"})
    held = (
        "import os, stat\n"
        "[fd for fd in range(64) if os.path.exists(f'/proc/self/fd/{fd}')\n"
        " and os.readlink(f'/proc/self/fd/{fd}').startswith(('pipe', 'socket'))]"
    )
    # both pipes, the wire, two sockets of an event loop (a copy leaves two of its source's alone)
    assert len(eval(sandbox.value(held, "b"))) == 5  # noqa: S307
    assert len(eval(sandbox.value(held, "c"))) == 7  # noqa: S307


def test_closed_streams_keep_nobody_busy(sandbox: Sandbox) -> None:
    before = cpu_seconds(sandbox.program.pid)
    closing = "import os, time\nos.close(1); os.close(2); time.sleep(1)"
    assert sandbox.run(closing)["ended"] == "ok"
    assert cpu_seconds(sandbox.program.pid) - before < 0.3
    assert sandbox.value("1") == "1"


def cpu_seconds(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


REFUSED = [
    ({"do": "dance"}, "dance"),
    ({"do": "run", "process": "a", "source": "1"}, "seconds"),
    ({"do": "run", "process": "a", "source": 1, "seconds": 1}, "source"),
    ({"do": "run", "process": "nobody", "source": "1", "seconds": 1}, "nobody"),
    ({"do": "start", "process": "a"}, "already"),
    ({"do": "start"}, "process"),
    ({"do": "copy", "process": "nobody", "as": "b"}, "nobody"),
    ({"do": "copy", "process": "a", "as": "a"}, "already"),
    ({"do": "try", "process": "nobody", "source": "1", "seconds": 1}, "nobody"),
    ({"do": "stop", "process": "nobody"}, "nobody"),
    ({"do": "restore"}, "kept"),
    ({"do": "open", "files": []}, "files"),
    ({"do": "open", "files": {"../x": ""}}, "inside"),
    ({"do": "open", "output": 7}, "output"),
]


@pytest.fixture(scope="module")
def one_sandbox(tmp_path_factory: pytest.TempPathFactory) -> object:
    folder = tmp_path_factory.mktemp("sandbox")
    with opened(
        [sys.executable, "-P", "-m", "technopark_sandbox", "--folder", str(folder)]
    ) as made:
        yield made


@pytest.mark.parametrize(("request_", "because"), REFUSED)
def test_what_cannot_be_done_is_refused_in_a_sentence(
    one_sandbox: Sandbox, request_: dict[str, object], because: str
) -> None:
    words = dict(request_)
    answer = one_sandbox.ask(str(words.pop("do")), **words)
    assert because in answer["error"]
    assert one_sandbox.value("1") == "1"


@pytest.mark.parametrize("line", [b"{", b"[]", b"\xff", b"[" * 100_000, b"x" * (33 << 20)])
def test_what_is_no_request_is_answered_too(one_sandbox: Sandbox, line: bytes) -> None:
    one_sandbox.send_line(line)
    assert one_sandbox.answer(None)["error"]
    assert one_sandbox.value("1") == "1"


def test_a_long_cell_arrives_whole(one_sandbox: Sandbox) -> None:
    assert one_sandbox.value(f"len({'я' * 3_000_000!r})") == "3000000"


@pytest.mark.parametrize("end", ["end of input", "SIGTERM"])
def test_nothing_is_left_when_it_ends(keeper: list[str], end: str) -> None:
    with opened(keeper) as sandbox:
        leaving = "import os, time\nleft = os.fork()\nif not left: os.setsid(); time.sleep(1000)"
        assert sandbox.run(leaving)["ended"] == "ok"
        pids = [int(sandbox.value("os.getpid()")), int(sandbox.value("left"))]
        sandbox.send("run", process="a", source="while True: pass", seconds=60)
        if end == "SIGTERM":
            os.kill(sandbox.program.pid, signal.SIGTERM)
        elif sandbox.program.stdin:
            sandbox.program.stdin.close()
        eventually(lambda: sandbox.program.poll() is not None, 10, "the keeper has ended")
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
