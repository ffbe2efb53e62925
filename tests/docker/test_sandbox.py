"""A sandbox as grading gets it, in a real container, and what a submission may try in there.

After each attempt the sandbox still answers, and grades the next honest cell as if nothing were.
"""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.sandbox import Answer, Sandbox, error_name, printed

import technopark_sandbox
from technopark.catalogue import images
from technopark.engine.client import open_engine
from technopark.settings import load

pytestmark = pytest.mark.docker

INSTALLED = "/opt/course/lib/python3.13/site-packages/technopark_sandbox"
MEMORY_MB = 256
LIMITS = [
    *("--network", "none", "--read-only", "--cap-drop", "ALL"),
    *("--security-opt", "no-new-privileges", "--log-driver", "none"),
    *("--pids-limit", "64", "--cpus", "1", "--shm-size", "8m"),
    *("--memory", f"{MEMORY_MB}m", "--memory-swap", f"{MEMORY_MB}m"),
    *("--tmpfs", "/tmp:size=32m,mode=1777,nosuid,nodev"),  # noqa: S108
    *("--tmpfs", "/home/pupil:size=32m,mode=700,uid=1000,gid=1000,nosuid,nodev"),
]
GOOD = "def double(x):\n    return 2 * x"


@pytest.fixture(scope="session")
def image() -> str:
    """The newest base image; the package under test is bound over its own."""
    settings = load()
    engine = open_engine(settings.engine)
    try:
        built = sorted(engine.images("technopark/base"), key=lambda found: found["Created"])
    finally:
        engine.close()
    if built:
        return str(built[-1]["Id"])
    return images.ensure_images(["base"], settings, print)["base"].id


@pytest.fixture
def sandbox(image: str) -> Iterator[Sandbox]:
    """Open, with a session `a` in which a pupil's function stands."""
    name = f"technopark-test-sandbox-{uuid.uuid4().hex[:12]}"
    package = Path(technopark_sandbox.__file__).parent
    words = ["--rm", "-i", "--name", name, "-v", f"{package}:{INSTALLED}:ro"]
    program = ["--entrypoint", "/opt/course/bin/python", image, "-P", "-m", "technopark_sandbox"]
    made = Sandbox(["docker", "run", *words, *LIMITS, *program])
    try:
        made.must("open", files={"data.txt": "aGk="}, environment={}, output=5_000)
        made.must("start", process="a")
        assert made.run(GOOD)["ended"] == "ok"
        yield made
    finally:
        subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)
        made.close()


def still_grades(sandbox: Sandbox, process: str = "a") -> None:
    """The same session, a copy of it and a fresh one all do what they should."""
    assert sandbox.value("double(21)", process) == "42"
    sandbox.must("copy", process=process, **{"as": "copy"})
    assert error_name(sandbox.run("assert double(1) == 3", "copy")) == "AssertionError"
    sandbox.must("stop", process="copy")
    starts_afresh(sandbox)


def starts_afresh(sandbox: Sandbox) -> None:
    """After clearing, a new session grades as the first did."""
    sandbox.must("clear")
    sandbox.must("start", process="fresh")
    assert sandbox.run(GOOD, "fresh")["ended"] == "ok"
    assert sandbox.value("double(4)", "fresh") == "8"


def processes(sandbox: Sandbox, process: str) -> int:
    """How many there are, the one that counts included."""
    return int(
        sandbox.value(
            "import os; sum(name.isdigit() for name in os.listdir('/proc'))", process=process
        )
    )


def test_an_honest_submission(sandbox: Sandbox) -> None:
    assert sandbox.value("open('data.txt').read(), double(3)") == "('hi', 6)"
    still_grades(sandbox)


KILLS = {
    "kill -9 1": "import os; os.kill(1, 9)",
    "every signal": (
        "import os, signal\nfor number in signal.valid_signals():\n    os.kill(1, number)"
    ),
    "through a shell": "!kill -9 1; kill -TERM 1; kill -INT 1",
    "its CPU time": (
        "import resource, os\nfor _ in range(3):\n    try:\n"
        "        resource.prlimit(1, resource.RLIMIT_CPU, (1, 1))\n"
        "    except PermissionError:\n        print('refused')"
    ),
    "its open files": (
        "import resource\ntry:\n    resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0))\n"
        "except PermissionError:\n    print('refused')"
    ),
}


@pytest.mark.parametrize("attempt", KILLS.values(), ids=KILLS)
def test_nobody_ends_the_keeper(sandbox: Sandbox, attempt: str) -> None:
    sandbox.run(attempt)
    still_grades(sandbox)


READS = {
    "memory": "open('/proc/1/mem', 'rb').read(1)",
    "open files": "import os; os.listdir('/proc/1/fd')",
    "answers": "open('/proc/1/fd/1', 'w')",
    "environment": "open('/proc/1/environ').read()",
    "memory for writing": "open('/proc/1/mem', 'r+b')",
    "score": "open('/proc/1/oom_score_adj', 'w').write('1000')",
    "mould's memory": (
        "import os\npids = [p for p in os.listdir('/proc') if p.isdigit()]\n"
        "own = str(os.getpid())\n"
        "assert len(pids) == 3\n"
        "mould, = set(pids) - {'1', own}\n"
        "open(f'/proc/{mould}/mem', 'rb')"
    ),
    "kernel settings": "open('/proc/sys/kernel/core_pattern', 'w')",
    "the root": "open('/opt/course/x', 'w')",
}


@pytest.mark.parametrize("attempt", READS.values(), ids=READS)
def test_nobody_looks_into_the_keeper_or_the_machine(sandbox: Sandbox, attempt: str) -> None:
    assert error_name(sandbox.run(attempt)) in {"PermissionError", "OSError"}
    still_grades(sandbox)


def test_nobody_traces_the_keeper(sandbox: Sandbox) -> None:
    attach, eperm = 16, 1
    attempt = (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        f"libc.ptrace({attach}, 1, 0, 0), ctypes.get_errno()"
    )
    assert sandbox.value(attempt) == f"(-1, {eperm})"
    still_grades(sandbox)


def test_sessions_cannot_look_into_each_other(sandbox: Sandbox) -> None:
    sandbox.must("start", process="b")
    pid = sandbox.value("secret = 'told to b alone'\nimport os; os.getpid()", "b")
    assert error_name(sandbox.run(f"open('/proc/{pid}/mem', 'rb')")) == "PermissionError"
    still_grades(sandbox)


def test_there_is_no_network(sandbox: Sandbox) -> None:
    assert sandbox.value("import socket\nsocket.if_nameindex()") == "[(1, 'lo')]"
    out = sandbox.run("socket.create_connection(('192.0.2.1', 80), timeout=5)")
    assert error_name(out) == "OSError"
    still_grades(sandbox)


def test_a_process_left_behind_ends_with_its_session(sandbox: Sandbox) -> None:
    sandbox.must("start", process="b")
    before = processes(sandbox, "b")
    daemon = (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        time.sleep(1000)\n    os._exit(0)\nos.wait()"
    )
    assert sandbox.run(daemon)["ended"] == "ok"
    assert processes(sandbox, "b") == before + 1
    sandbox.must("stop", process="a")
    assert processes(sandbox, "b") == before - 1  # without `a` itself, too
    sandbox.must("start", process="a")
    assert sandbox.run(GOOD)["ended"] == "ok"
    still_grades(sandbox)


def test_a_child_of_a_cell_does_not_go_on_as_the_session(sandbox: Sandbox) -> None:
    forked = sandbox.run("import os\npid = os.fork()\nif pid: os.wait()\nprint('twice')")
    assert forked["ended"] == "ok"
    assert sandbox.value("pid > 0") == "True"
    still_grades(sandbox)


BOMBS = {
    "until it cannot": "import os\nwhile True:\n    os.fork()",
    "for ever": (
        "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
    ),
    "in a shell": "%%bash\nbomb() { bomb | bomb & }; bomb; sleep 60",
    "threads": (
        "import threading, time\nwhile True:\n"
        "    threading.Thread(target=time.sleep, args=[60]).start()"
    ),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_fork_bomb_ends_with_its_cell(sandbox: Sandbox, bomb: str) -> None:
    assert sandbox.run(bomb, seconds=3)["ended"] in {"error", "timeout", "died"}
    starts_afresh(sandbox)
    assert processes(sandbox, "fresh") == 3  # the keeper, the mould, the session


def test_a_bomb_that_ended_the_mould_first(sandbox: Sandbox) -> None:
    bomb = (
        "import os, signal\nfor name in os.listdir('/proc'):\n"
        "    if name.isdigit() and int(name) not in (1, os.getpid()):\n"
        "        os.kill(int(name), signal.SIGKILL)\n"
    ) + BOMBS["for ever"]
    assert sandbox.run(bomb, seconds=3)["ended"] in {"timeout", "died"}
    starts_afresh(sandbox)


def test_full_memory_ends_the_session_alone(sandbox: Sandbox) -> None:
    sandbox.must("start", process="b")
    assert sandbox.value("kept = 5\nkept", "b") == "5"
    filled = sandbox.run(f"x = bytearray({2 * MEMORY_MB} << 20)", seconds=60)
    assert (filled["ended"], filled["why"]) == ("died", "memory")
    assert sandbox.value("kept", "b") == "5"
    starts_afresh(sandbox)


def test_memory_filled_by_many(sandbox: Sandbox) -> None:
    many = (
        "import os\nfor _ in range(20):\n    if os.fork() == 0:\n"
        "        x = bytearray(60 << 20)\n        import time; time.sleep(60)\nos.wait()"
    )
    sandbox.run(many, seconds=10)
    starts_afresh(sandbox)


def test_a_full_disk_is_an_error_of_the_cell(sandbox: Sandbox) -> None:
    fill = "with open({!r}, 'wb') as file:\n    while True:\n        file.write(bytes(1 << 20))"
    sandbox.must("keep")
    for place in ("full", "/tmp/full", "/dev/shm/full"):  # noqa: S108
        assert error_name(sandbox.run(fill.format(place))) == "OSError"
    sandbox.must("restore")
    assert sandbox.value("import os; os.listdir()") == "['data.txt']"
    still_grades(sandbox)


def test_a_gigabyte_of_prints_costs_little(sandbox: Sandbox) -> None:
    printing = "for _ in range(1_000):\n    print('x' * 1_000_000)"
    raw = "import os\nfor _ in range(1_000):\n    left = 1_000_000\n"
    raw += "    while left:\n        left -= os.write(1, b'x' * left)"
    shown = "for _ in range(100):\n    display('x' * 1_000_000)"
    program = "import subprocess; subprocess.run(['head', '-c', '1000000000', '/dev/zero']);"
    for flood in (printing, raw, shown, program):
        answer = sandbox.run(flood, seconds=60)
        assert answer["ended"] == "ok"
        assert answer["cut"]
        assert len(answer["outputs"]) == 1
        assert len(printed(answer) or str(answer["outputs"])) < 6_000
    status = sandbox.run("print(open('/proc/1/status').read())")
    assert memory_mb(status) < 60
    still_grades(sandbox)


def memory_mb(status: Answer) -> float:
    """The most memory that a process had, by its file in /proc."""
    return int(printed(status).split("VmHWM:")[1].split()[0]) / 1024


SLEEPS = {
    "sleeping": ("import time; time.sleep(1000)", "timeout"),
    "awaiting": ("import asyncio; await asyncio.sleep(1000)", "timeout"),
    "computing": ("while True: pass", "timeout"),
    "in a program": ("!sleep 1000", "timeout"),
    "ignoring the interrupt": (
        "import signal; signal.signal(2, signal.SIG_IGN)\nwhile True: pass",
        "died",
    ),
    "catching the interrupt": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "died",
    ),
    "stopped": ("import os; os.kill(os.getpid(), 19)", "died"),
}


@pytest.mark.parametrize(("cell", "ended"), SLEEPS.values(), ids=SLEEPS)
def test_a_cell_that_never_ends(sandbox: Sandbox, cell: str, ended: str) -> None:
    answer = sandbox.run(cell, seconds=0.5)
    assert answer["ended"] == ended
    if ended == "died":
        assert answer["why"] == "endless"
        assert sandbox.run("1")["ended"] == "died"
        starts_afresh(sandbox)
    else:
        still_grades(sandbox)


DEATHS = {
    "kill": ("import os; os.kill(os.getpid(), 9)", "signal"),
    "exit": ("import os; os._exit(0)", "exit"),
    "crash": ("import ctypes; ctypes.string_at(0)", "signal"),
    "everybody": ("import os; os.kill(-1, 9); os.kill(os.getpid(), 9)", "signal"),
}


@pytest.mark.parametrize(("cell", "why"), DEATHS.values(), ids=DEATHS)
def test_a_session_that_ends_itself(sandbox: Sandbox, cell: str, why: str) -> None:
    answer = sandbox.run(f"print('before')\n{cell}")
    assert (answer["ended"], answer["why"]) == ("died", why)
    assert printed(answer) == "before\n"
    starts_afresh(sandbox)


def test_whatever_is_written_to_open_files_forges_nothing(sandbox: Sandbox) -> None:
    writing = (
        "import os\nfor fd in range(3, 64):\n    for what in (b'.{\"is\": \"done\"}', b'x' * 9,\n"
        '        b\'.{"n": 3, "ended": "ok"}\\n\'):\n'
        "        try:\n            os.write(fd, what)\n        except OSError:\n            pass"
    )
    assert sandbox.run(writing)["ended"] == "ok"
    still_grades(sandbox)


def test_one_session_cannot_answer_for_another(sandbox: Sandbox) -> None:
    """A child of the session speaks on the wire that it inherited."""
    speaking = (
        "import os, time\nif os.fork() == 0:\n    for fd in range(3, 64):\n"
        "        for run in range(9):\n            try:\n"
        '                os.write(fd, b\'.{"is": "done", "ok": true, "run": %d}\' % run)\n'
        "            except OSError:\n                pass\n    os._exit(0)\n"
        "os.wait()\nraise ValueError"
    )
    assert sandbox.run(speaking)["ended"] == "error"
    still_grades(sandbox)


def test_closed_and_exhausted_files(sandbox: Sandbox) -> None:
    exhausting = "files = []\nwhile True:\n    files.append(open('data.txt'))"
    assert sandbox.run(exhausting)["ended"] in {"error", "died"}
    sandbox.ask("copy", process="a", **{"as": "b"})
    starts_afresh(sandbox)
    assert sandbox.run("import os; os.closerange(0, 256)", "fresh")["ended"] == "died"
    starts_afresh(sandbox)


def test_links_in_the_work_folder_lead_nobody_out(sandbox: Sandbox) -> None:
    sandbox.must("keep")
    planting = (
        "import os\nos.mkdir('/tmp/outside'); open('/tmp/outside/precious', 'w').close()\n"
        "os.symlink('/tmp/outside', 'folder'); os.symlink('/proc/1/mem', 'mem')\n"
        "os.symlink('/', 'root'); os.symlink('loop', 'loop'); os.mkfifo('pipe')\n"
        "os.remove('data.txt'); os.symlink('/tmp/outside/precious', 'data.txt')\n"
        "os.mkdir('closed'); open('closed/in', 'w').close(); os.chmod('closed', 0)"
    )
    assert sandbox.run(planting)["ended"] == "ok"
    assert "error" in sandbox.ask("keep", name="closed")  # nobody can read that folder
    assert sandbox.run("os.chmod('closed', 0o700)")["ended"] == "ok"
    sandbox.must("keep", name="planted")
    sandbox.must("restore")
    assert sandbox.value("sorted(os.listdir()), os.listdir('/tmp/outside')") == (
        "(['data.txt'], ['precious'])"
    )
    assert sandbox.value("open('data.txt').read()") == "'hi'"
    sandbox.must("restore", name="planted")
    assert sandbox.value("os.readlink('root'), os.path.exists('pipe')") == "('/', False)"
    still_grades(sandbox)


def test_another_folder_in_the_work_folders_place(sandbox: Sandbox) -> None:
    sandbox.must("keep")
    moving = "import os\n"
    moving += "os.rename('/home/pupil/work', '/home/pupil/away')\n"
    moving += "os.symlink('/tmp', '/home/pupil/work')"
    assert sandbox.run(moving)["ended"] == "ok"
    assert "place" in sandbox.ask("restore")["error"]
    assert sandbox.value("import os; os.listdir('/home/pupil/away')") == "['data.txt']"
    still_grades(sandbox)


def test_a_stopped_mould_is_replaced(sandbox: Sandbox) -> None:
    stopping = (
        "import os\nfor name in os.listdir('/proc'):\n"
        "    if name.isdigit() and int(name) not in (1, os.getpid()):\n"
        "        os.kill(int(name), {})"
    )
    for number in (19, 9, 15):
        assert sandbox.run(stopping.format(number))["ended"] == "ok"
        sandbox.must("start", process=f"after {number}")
    still_grades(sandbox)


def test_a_flood_of_words_on_its_own_wire(sandbox: Sandbox) -> None:
    """A session that talks without end, in whatever way, costs the keeper nothing but time."""
    flood = (
        "import os, itertools\n"
        "wire = next(fd for fd in range(3, 64) if os.path.exists(f'/proc/self/fd/{{fd}}')\n"
        "            and os.readlink(f'/proc/self/fd/{{fd}}').startswith('socket'))\n"
        "for number in itertools.count():\n    os.write(wire, {})"
    )
    words = (
        "b'+' + b'x' * 50_000",
        "b'.' + b'[' * 50_000",
        'b\'.{"is": "display", "data": {}, "id": "%d"}\' % number',
        'b\'.{"is": "error", "traceback": [7], "ename": {}}\'',
        'b\'.{"is": "done", "run": "x", "ok": 1, "count": [], "k": %d}\' % number',
    )
    for word in words:
        sandbox.must("copy", process="a", **{"as": "b"})
        answer = sandbox.run(flood.format(word), "b", seconds=1)
        assert answer["ended"] in {"timeout", "died"}
        assert len(answer["outputs"]) < 1_100
        sandbox.must("stop", process="b")
    assert memory_mb(sandbox.run("print(open('/proc/1/status').read())")) < 80
    still_grades(sandbox)
