"""The same cells in ipykernel, by nbclient, and in a sandbox: the same outputs."""

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from support.sandbox import Sandbox

pytestmark = pytest.mark.slow

CELLS = [
    "1 + 1",
    "print('привет'); import sys; print('careful', file=sys.stderr); 'x'",
    "print('a'); display('b'); print('c')",
    "1 / 0",
    "def f(n):\n    return g(n)\ndef g(n):\n    assert n == 2, 'two, please'\nf(3)",
    "x =",
    "for i in range(3)\n    print(i)",
    "undefined",
    "sys.exit()",
    "sys.exit(3)",
    "raise KeyboardInterrupt",
    "import asyncio\nawait asyncio.sleep(0); 5",
    "async def h():\n    return 3\nasyncio.get_running_loop() is asyncio.get_event_loop()",
    "task = asyncio.create_task(h())",
    "await task",
    "coroutine = h()\nasyncio.run(coroutine)",
    "coroutine.close()",
    "%nonsense",
    "%%nonsense\na",
    "len?",
    "!echo hi; echo there >&2; exit 2",
    "_exit_code",
    "out = !echo a b\nout",
    "%%bash\necho hi\necho err >&2",
    "%%bash\nexit 3",
    "%%python3\nprint('py')",
    "from IPython.display import *\n"
    "display(HTML('<b>x</b>'), Markdown('# a'), JSON({'a': 1}), Latex('$x$'), Javascript('1'))",
    "h = display('one', display_id=True); h.update('two'); h.display('three')",
    "print(1); clear_output(); print(2); clear_output(wait=True); print(3)",
    "print(4); clear_output(wait=True)",
    "In[1], Out[1], _1",
    "_, __, ___",
    "class Bad:\n    def __repr__(self): raise ValueError('no repr')\nBad()",
    "print('after')",
    "class Half:\n    def _repr_html_(self): raise ValueError('no html')\n"
    "    def __repr__(self): return 'half'\nHalf()",
    "class Rich:\n    def _repr_html_(self): return '<i>r</i>'\n"
    "    def _repr_png_(self): return b'\\x89PNG'\n"
    "    def _repr_json_(self): return {'a': [1, 2]}\nRich()",
    "display(Bad())",
    "class Mime:\n    def _repr_mimebundle_(self, include=None, exclude=None):\n"
    "        return {'text/plain': 'm', 'application/x+json': {'k': 1}}, {'m': {'z': 2}}\nMime()",
    "import warnings\nwarnings.warn('careful')",
    "import threading\nt = threading.Thread(target=print, args=['in thread']); t.start(); t.join()",
    "import ipywidgets\nipywidgets.IntSlider(3)",
    "display(ipywidgets.VBox([ipywidgets.Button(description='x'), ipywidgets.Text()]))",
    "import pythreejs as p\np.Mesh(p.BoxGeometry(), p.MeshBasicMaterial())",
    "import logging\nlogging.warning('log'); logging.getLogger('x').error('e')",
    "print('a\\rb'); print('\\x1b[31mred\\x1b[0m'); print('no newline', end='')",
    "sys.stdout.isatty(), sys.stdout.encoding, sys.stdin.read()",
    "__name__, '__file__' in globals(), type(get_ipython()).__name__",
    "'IPKernelApp' in get_ipython().config, sys.path.count('')",
    # a kernel hears of these some time after, or not at all where the cell has ended
    "import os, subprocess, time\nsubprocess.run(['echo', 'sub']); time.sleep(1)",
    "subprocess.run('echo to err >&2', shell=True); time.sleep(1)",
    "os.write(1, b'raw\\n'); time.sleep(1)",
    "%who_ls function",
    "%%capture captured\nprint('c')",
    "captured.stdout",
    "%%writefile beside.py\nq = 7",
    "import beside; beside.q",
    "%run beside.py",
    "%autosave 0",
    "%cd -q /",
    "breakpoint()",
    "raise ExceptionGroup('eg', [ValueError(1)])",
    "try: 1 / 0\nexcept Exception as e: raise RuntimeError('chained') from e",
    "5;",
    "a = 5\na",
    "None",
    "%env X=1",
    "%%html\n<b>hi</b>",
    "%load_ext autoreload",
    "import multiprocessing as mp\nctx = mp.get_context('fork')\nq = ctx.SimpleQueue()\n"
    "child = ctx.Process(target=lambda: q.put(4)); child.start(); child.join(); q.get()",
    "help(len)",
    "dict(a=1, **{str(i): i for i in range(40)})",
    "list(range(1200))",
    "get_ipython().ast_node_interactivity = 'all'",
    "1\n2",
]

BY_NAME = ["input('name? ')", "import getpass; getpass.getpass()", "def deep(): deep()\ndeep()"]
"""Their tracebacks show ipykernel's own files, or how deep its own calls are."""


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> nbformat.NotebookNode:
    """All cells, run by a real kernel in a folder of its own."""
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # ipykernel does without its pipes in tests
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS + BY_NAME]
    book = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(
        book,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    return book


@pytest.mark.filterwarnings("ignore")  # of nbclient and zmq
def test_outputs_are_those_of_a_kernel(notebook: nbformat.NotebookNode, sandbox: Sandbox) -> None:
    sandbox.must("open", output=500_000)
    sandbox.must("start", process="k")
    for cell in notebook.cells:
        answer = sandbox.run(cell.source, "k")
        count = answer.get("execution_count")
        if cell.source in BY_NAME:
            assert names(answer["outputs"]) == names(cell.outputs)
            assert answer["outputs"][0]["evalue"] == cell.outputs[0]["evalue"]
        else:
            assert count == cell.execution_count, cell.source
            assert same(answer["outputs"]) == same(cell.outputs), cell.source


def names(outputs: list[dict[str, Any]]) -> list[str]:
    return [output.get("ename", output["output_type"]) for output in outputs]


def same(outputs: list[dict[str, Any]]) -> Any:
    """Outputs without what differs from run to run; a stream in one piece."""
    joined: list[dict[str, Any]] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            last["text"] += output["text"]
        else:
            joined.append(dict(output))
    text = json.dumps(joined, sort_keys=True, ensure_ascii=False)
    for pattern, instead in (
        (r'"[0-9a-f]{32}"', '"an id"'),
        (r"0x[0-9a-f]+", "an address"),
        (r"/\w+/ipykernel_\w+/\d+.py|\b\d+\.py\b", "a cell"),
        (r"Thread-\d+", "a thread"),
        (r"/\w+/pytest-of-[\w/.-]+", "a path"),
    ):
        text = re.sub(pattern, instead, text)
    return json.loads(text)
