"""A forked kernel is born apart, dies alone, leaves nothing; without a parent it is a program."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from support.notebook import ORDINARY, PATIENCE
from support.waiting import eventually

from technopark_forked.kernels.line import Line

pytestmark = pytest.mark.slow

DRAWS = (
    "__import__('random').random()",
    "__import__('numpy').random.random()",
    "__import__('numpy').random.default_rng().random()",
    "str(__import__('uuid').uuid4())",
    "str(__import__('uuid').uuid1())",
    "__import__('secrets').token_hex(8)",
    "__import__('ssl').RAND_bytes(8).hex()",
    "next(__import__('tempfile')._get_candidate_names())",
    "bytes(__import__('multiprocessing').current_process().authkey).hex()",
    "get_ipython().kernel.session.session",
    "get_ipython().history_manager.session_number",
    "__import__('os').getpid()",
)


async def test_two_kernels_draw_different_numbers_and_share_nothing(
    keep: Callable[..., Any], notebook: Callable[..., Any]
) -> None:
    keeper = keep("multiprocessing", "numpy")
    one = await notebook()
    eventually(lambda: keeper.pid is None, PATIENCE, "the parent has ended")
    another = keep("multiprocessing", "numpy")
    two = await notebook()
    assert one.is_forked
    assert two.is_forked
    eventually(lambda: another.pid is None, PATIENCE, "the parent has ended")
    for draw in DRAWS:
        assert await one.value(draw) != await two.value(draw), draw
    await one.says("x = 1; import sys; sys.own = 1")
    assert await two.value("'x' in globals() or hasattr(__import__('sys'), 'own')") is False
    os.kill(one.pid, signal.SIGKILL)
    assert await two.says("1 + 1") == "2"


async def test_a_killed_kernel_is_seen_dead_and_starts_again(
    keep: Callable[..., Any], notebook: Callable[..., Any]
) -> None:
    keep()
    kernel = await notebook()
    os.kill(kernel.pid, signal.SIGKILL)
    assert await kernel.manager.provisioner.wait() == -signal.SIGKILL
    assert not await kernel.manager.is_alive()
    await kernel.manager.restart_kernel(now=True)
    await kernel.client.wait_for_ready(timeout=PATIENCE)
    assert await kernel.says("'again'") == "'again'"


async def test_a_kernel_that_ends_by_itself_has_its_exit_code(
    keep: Callable[..., Any], notebook: Callable[..., Any]
) -> None:
    keep()
    for way in ("forked", ORDINARY):
        kernel = await notebook(way)
        kernel.send("import os; os._exit(3)")
        assert await kernel.manager.provisioner.wait() == 3


async def test_a_restart_forgets_everything(
    keep: Callable[..., Any], notebook: Callable[..., Any]
) -> None:
    keep()
    kernel = await notebook()
    await kernel.says("x = 1; import os; os.environ['Y'] = 'y'; os.chdir('/')")
    await kernel.manager.restart_kernel()
    await kernel.client.wait_for_ready(timeout=PATIENCE)
    left = "['x' in globals(), 'Y' in __import__('os').environ, __import__('os').getcwd() == '/']"
    assert await kernel.value(left) == [False, False, False]


async def test_twenty_kernels_leave_nothing(
    keep: Callable[..., Any], notebook: Callable[..., Any], runtime: Path
) -> None:
    keeper = keep()
    await (await notebook()).close()
    eventually(lambda: keeper.pid, PATIENCE, "there is another parent")
    before = (len(processes()), open_files(), files_in(runtime))
    for number in range(20):
        kernel = await notebook()
        assert kernel.is_forked
        if number % 2:
            await kernel.manager.shutdown_kernel(now=False)
        await kernel.close()
        eventually(lambda: keeper.pid, PATIENCE, "there is another parent")
    assert (len(processes()), open_files(), files_in(runtime)) == before


async def test_a_parent_ends_with_its_kernels_birth_and_another_follows_its_end(
    keep: Callable[..., Any], notebook: Callable[..., Any]
) -> None:
    keeper = keep()
    kernel, beside = await notebook(), await notebook()
    assert (kernel.is_forked, beside.is_forked) == (True, False)
    assert keeper.pid is None
    await kernel.close()
    await beside.close()
    eventually(lambda: keeper.pid, PATIENCE, "there is another parent")
    assert (await notebook()).is_forked


async def test_a_parents_last_answer_is_read_when_it_has_ended(
    keep: Callable[..., Any], notebook: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = keep()
    parent = psutil.Process(keeper.pid)
    receive = Line.receive

    def read_late(line: Line, within: float | None = None) -> dict[str, Any]:
        eventually(lambda: not parent.is_running(), PATIENCE, "the parent has ended")
        time.sleep(0.2)
        return receive(line, within)

    monkeypatch.setattr(Line, "receive", read_late)
    assert (await notebook()).is_forked


async def test_a_killed_parent_comes_back(
    keep: Callable[..., Any], notebook: Callable[..., Any]
) -> None:
    keeper = keep()
    first = keeper.pid
    os.kill(first, signal.SIGKILL)
    meanwhile = await notebook()
    assert not meanwhile.is_forked
    assert await meanwhile.says("1 + 1") == "2"
    await meanwhile.close()
    eventually(lambda: keeper.pid not in (None, first), PATIENCE, "there is another parent")
    assert (await notebook()).is_forked
    assert not psutil.pid_exists(first)


async def test_a_stopped_parent_is_replaced(
    keep: Callable[..., Any], notebook: Callable[..., Any]
) -> None:
    keeper = keep()
    first = keeper.pid
    os.kill(first, signal.SIGSTOP)
    kernel = await notebook()
    assert not kernel.is_forked
    await kernel.close()
    eventually(lambda: keeper.pid not in (None, first), PATIENCE, "there is another parent")


async def test_without_a_parent_kernels_are_programs(notebook: Callable[..., Any]) -> None:
    kernel = await notebook()
    assert not kernel.is_forked
    assert await kernel.says("1 + 1") == "2"


async def test_another_environment_is_given_to_a_program(
    keep: Callable[..., Any], notebook: Callable[..., Any]
) -> None:
    keep()
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    kernel = await notebook(env=environment)
    assert not kernel.is_forked
    assert await kernel.value("__import__('os').environ['OMP_NUM_THREADS']") == "1"


async def test_a_kernel_knows_its_notebook(
    keep: Callable[..., Any], notebook: Callable[..., Any]
) -> None:
    keep()
    kernel = await notebook(env={**os.environ, "JPY_SESSION_NAME": "/x.ipynb"})
    assert kernel.is_forked
    assert await kernel.value("__import__('os').environ['JPY_SESSION_NAME']") == "/x.ipynb"


async def test_a_pupils_own_start_file_may_take_its_time(
    keep: Callable[..., Any], notebook: Callable[..., Any], tmp_path: Path
) -> None:
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "slow.py").write_text("import time\ntime.sleep(3)\nmine = 1")
    keep()
    kernel = await notebook()
    assert kernel.is_forked
    assert await kernel.value("mine") == 1


async def test_a_pupils_own_file_wins_over_a_library(
    keep: Callable[..., Any], notebook: Callable[..., Any], tmp_path: Path
) -> None:
    keep("numpy")
    folder = tmp_path / "lesson"
    folder.mkdir()
    (folder / "numpy.py").write_text("mine = True")
    kernel = await notebook(cwd=str(folder))
    assert await kernel.value("__import__('numpy').mine") is True


async def test_a_library_that_keeps_threads_is_left_out(
    keep: Callable[..., Any],
    notebook: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = "import threading, time\nthreading.Thread(target=time.sleep, args=(999,), daemon=True)"
    (tmp_path / "with_thread.py").write_text(source + ".start()")
    (tmp_path / "broken.py").write_text("1 / 0")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    keep("with_thread", "broken", "numpy")
    kernel = await notebook()
    assert kernel.is_forked
    names = ["with_thread", "broken", "numpy"]
    assert await kernel.value(f"[n in __import__('sys').modules for n in {names}]") == [
        False,
        False,
        True,
    ]


def test_a_parent_ends_in_the_middle_of_an_import(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        f"import pathlib, time\npathlib.Path({str(tmp_path / 'began')!r}).touch()\ntime.sleep(60)\n"
    )
    (tmp_path / "preload.txt").write_text("slow")
    ours, theirs = socket.socketpair()
    with theirs:
        parent = subprocess.Popen(
            [
                *(sys.executable, "-m", "technopark_forked.kernels.parent", str(theirs.fileno())),
                *("--list", str(tmp_path / "preload.txt")),
            ],
            env={**os.environ, "PYTHONPATH": str(tmp_path), "JPY_PARENT_PID": str(os.getpid())},
            pass_fds=[theirs.fileno()],
            stderr=subprocess.PIPE,
            cwd="/",
        )
    eventually((tmp_path / "began").exists, PATIENCE, "the import has begun")
    ours.close()
    said = parent.communicate(timeout=10)[1].decode()
    assert parent.returncode == 0
    assert "was not imported" not in said


def test_when_the_server_dies_so_do_its_parent_and_kernels(tmp_path: Path) -> None:
    program = f"""
        import json, logging, os, sys, time
        from technopark_forked.kernels.keeper import LAUNCHER, Keeper, NotForked
        command = [sys.executable, *LAUNCHER]
        keeper = Keeper(command, dict(os.environ), os.devnull, logging.getLogger())
        keeper.start()
        environment = {{**os.environ, "JPY_PARENT_PID": str(os.getpid())}}
        while True:
            try:
                kernel = keeper.fork([*command, "-f", "k.json"], environment, {str(tmp_path)!r})
                break
            except NotForked:
                time.sleep(0.1)
        print(keeper.pid, kernel.pid, flush=True)
        time.sleep(999)
    """
    server = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, cwd=tmp_path
    )
    assert server.stdout is not None
    try:
        pids = [int(word) for word in server.stdout.readline().split()]
        eventually(lambda: psutil.Process(pids[1]).num_threads() > 1, PATIENCE, "the kernel runs")
        server.kill()
        server.wait()
        eventually(lambda: not any(map(is_alive, pids)), PATIENCE, "parent and kernel have ended")
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def processes() -> set[int]:
    """All that descend from this one, those that wait to be reaped included."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208
