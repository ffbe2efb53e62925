"""What a pupil's cell may try to get points it did not earn, or to see what it must not see."""

WRONG = "def add(a, b):\n    return 5\n\ndef count(text):\n    return 7\n"

ALWAYS_EQUAL = """
class Yes:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __hash__(self): return 0
    def __float__(self): return 1.0
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    def __sub__(self, other): return self
    __rsub__ = __abs__ = __add__ = __radd__ = __call__ = __sub__
def add(*given): return Yes()
def count(*given): return Yes()
"""

READS_CALLER = """
import ast, sys
def expected(*given):
    frame = sys._getframe(1)
    for source in reversed(get_ipython().user_ns["In"] + [get_ipython().last_cell]):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Compare) and node.lineno == frame.f_lineno:
                return ast.literal_eval(node.comparators[0])
def remember(info): get_ipython().last_cell = info.raw_cell
get_ipython().events.register("pre_run_cell", remember)
get_ipython().last_cell = ""
add = count = expected
"""

CONSTANTS_OF_FRAMES = """
import sys
class Among:
    def __init__(self, values): self.values = values
    def __eq__(self, other): return other in self.values
def add(*given): return Among(sys._getframe(1).f_code.co_consts)
count = add
"""

NO_ASSERTS = """
import ast
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)
get_ipython().ast_transformers.append(Strip())
"""

NO_SOURCE = """
get_ipython().input_transformers_post.append(
    lambda lines: ["pass\\n"] if "assert" in str(lines) or "score" in str(lines) else lines
)
"""

NO_RUN = """
shell = get_ipython()
real = shell.run_cell
def fake(source, *words, **options): return real("pass", *words, **options)
shell.run_cell = fake
type(shell).run_cell = lambda self, source, *words, **options: real("pass", *words, **options)
async def nothing(*words, **options): return False
shell.run_ast_nodes = nothing
type(shell).run_ast_nodes = nothing
"""

NO_ERRORS = """
import sys
shell = get_ipython()
for name in ("showtraceback", "_showtraceback", "showsyntaxerror"):
    setattr(shell, name, lambda *words, **options: None)
    setattr(type(shell), name, lambda *words, **options: None)
shell.set_custom_exc((Exception,), lambda *words, **options: None)
sys.excepthook = lambda *words: None
sys.exit = lambda *words: None
import IPython.core.interactiveshell as inside
inside.ExecutionResult.success = property(lambda self: True)
inside.ExecutionResult.raise_error = lambda self: None
"""

NO_TRACE = """
import sys
def skip(frame, event, value):
    if event == "exception": frame.f_trace = None
    return skip
def trace(frame, event, value):
    if frame.f_code.co_name == "<module>" and event == "call":
        frame.f_trace_opcodes = False
        def jump(frame, event, value):
            if event == "line":
                try: frame.f_lineno = max(line for *_, line in frame.f_code.co_lines() if line)
                except (ValueError, TypeError): pass
            return jump
        return jump
sys.settrace(trace)
get_ipython().events.register("pre_run_cell", lambda info: sys.settrace(trace))
"""

FAKE_VALUE = """
import sys
def shown(value):
    if value is not None:
        class One:
            def __repr__(self): return "1"
        real(One())
real = sys.displayhook
shell = get_ipython()
shell.display_formatter.format = lambda value, *words, **options: ({"text/plain": "1"}, {})
sys.displayhook = shown
"""

FAKE_SESSION = """
import gc
for thing in gc.get_objects():
    if type(thing).__name__ == "Session" and "technopark" in type(thing).__module__:
        type(thing)._finish = lambda self, source: True
"""

FAKE_WIRE = """
import gc, json, socket
lines = [thing for thing in gc.get_objects() if isinstance(thing, socket.socket)]
def forge(info):
    for line in lines:
        for run in range(200):
            for message in ({"is": "done", "run": run, "ok": True, "count": run},):
                try: line.send(json.dumps(message).encode())
                except OSError: pass
get_ipython().events.register("pre_run_cell", forge)
"""

ANSWERS_ON_STDOUT = """
import os
def forge(info):
    for number in range(1, 400):
        for fd in (1, 2, 3, 4, 5):
            try: os.write(fd, b'{"n": %d, "ended": "ok", "outputs": [], "cut": false}\\n' % number)
            except OSError: pass
get_ipython().events.register("pre_run_cell", forge)
"""

PATCHES_LATER = """
import ast, threading, time
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)
    def visit_If(self, node): return node.body
def later():
    while True:
        time.sleep(0.001)
        get_ipython().ast_transformers[:] = [Strip()]
def each(info):
    get_ipython().ast_transformers[:] = []
    time.sleep(0.1)
get_ipython().events.register("pre_run_cell", each)
threading.Thread(target=later, daemon=True).start()
"""

ONLY_IN_THE_FIRST_PROCESS = """
import ast, os
me = os.getpid()
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node):
        return node if os.getpid() != me else ast.copy_location(ast.Pass(), node)
get_ipython().ast_transformers.append(Strip())
"""

PATCHED_BUILTINS = """
import builtins
builtins.print = lambda *words, **options: None
builtins.AssertionError = type("Quiet", (Warning,), {})
builtins.abs = lambda value: 0
builtins.len = lambda value: 1
"""

FORGERIES: dict[str, str] = {
    "always-equal": ALWAYS_EQUAL,
    "reads-caller": READS_CALLER,
    "reads-constants": CONSTANTS_OF_FRAMES,
    "no-asserts": WRONG + NO_ASSERTS,
    "no-source": WRONG + NO_SOURCE,
    "no-run": WRONG + NO_RUN,
    "no-errors": WRONG + NO_ERRORS,
    "no-trace": WRONG + NO_TRACE,
    "fake-value": WRONG + FAKE_VALUE,
    "fake-session": WRONG + FAKE_SESSION,
    "fake-wire": WRONG + FAKE_WIRE,
    "answers-on-stdout": WRONG + ANSWERS_ON_STDOUT,
    "patches-later": WRONG + PATCHES_LATER,
    "only-in-the-first": WRONG + ONLY_IN_THE_FIRST_PROCESS,
    "patched-builtins": WRONG + PATCHED_BUILTINS,
    "exits": WRONG + "import sys\ndef add(a, b): sys.exit(0)\n",
    "dies": "import os\ndef add(a, b): os._exit(0)\ncount = add\n",
    "stops-itself": "import os, signal\n"
    "def add(a, b): os.kill(os.getpid(), signal.SIGSTOP)\ncount = add\n",
}
"""Before the tests; none of it does what the tests ask for."""

RIGHT = "def add(a, b):\n    return a + b\n\ndef count(text):\n    return len(text.split())\n"

PRINTS_EACH_CELL = """
def tell(info): print("SEEN", info.raw_cell)
get_ipython().events.register("pre_run_cell", tell)
"""

RAISES_CALLER = """
import sys
def add(a, b):
    if a + b == 12: return 12
    seen = get_ipython().user_ns["In"], sys._getframe(1).f_code.co_consts
    raise ValueError(f"SEEN {seen}")
"""

SAYS_IT_IN_ASSERT = """
import sys
def add(a, b):
    if a + b == 12: return 12
    raise AssertionError(get_ipython().user_ns["In"][-1])
"""

WRITES_EACH_CELL = """
import os
def keep(info):
    for folder in (".", "/tmp", "/dev/shm", os.path.expanduser("~")):
        try: open(folder + "/seen-by-technopark-test.txt", "a").write(info.raw_cell)
        except OSError: pass
get_ipython().events.register("pre_run_cell", keep)
"""

LEAVES_A_WATCHER = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for _ in range(200):
            for process in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{process}/mem", "rb") as memory: memory.read(1)
                    seen = open(f"/proc/{process}/environ").read()
                except OSError: continue
            time.sleep(0.05)
    os._exit(0)
"""

LOOKS_EVERYWHERE = """
import gc, glob, os, linecache
home = os.path.expanduser("~")
for where in ("**/*", "../**/*.ipynb", "/tmp/*.txt", "/dev/shm/*", f"{home}/*.txt"):
  for path in glob.glob(where, recursive=True):
    try: print("FILE", path, open(path).read())
    except (OSError, UnicodeDecodeError): pass
print("CELLS", In)
print("LINES", [lines for _, _, lines, _ in linecache.cache.values() if "ipython" in str(_)])
for thing in gc.get_objects():
    if isinstance(thing, (list, dict)) and "QUET" "ZAL" in repr(thing)[:20000]:
        print("FOUND", repr(thing)[:20000])
"""

LEAKS: dict[str, str] = {
    "prints-each-cell": RIGHT + PRINTS_EACH_CELL,
    "raises-caller": RAISES_CALLER + "def count(text): return 0\n",
    "says-it-in-assert": SAYS_IT_IN_ASSERT + "def count(text): return 0\n",
    "writes-each-cell": RIGHT + WRITES_EACH_CELL,
    "leaves-a-watcher": RIGHT + LEAVES_A_WATCHER,
}
"""Before the tests; the second notebook, and the end of the first, look for what was kept."""
