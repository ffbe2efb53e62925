"""Which libraries a course wants imported before its kernels are forked, and how that is done.

Called by `parent` and `stack`. The image writes the list; what is in it costs memory in every
server of the course, used or not. A library is imported when the machine is calm, at the lowest
priority, and not at all where its memory is wanted for others.
"""

import gc
import importlib
import os
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from technopark_forked.immortal import make_all_immortal

SETTINGS_FILES = frozenset({"matplotlibrc"})
"""Files beside a notebook that libraries read when they are imported."""

KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "ipykernel_launcher",
    "pdb",
    "psutil",
    "pygments.formatters.terminal256",
    "sqlite3",
    "stack_data",
    "tornado.platform.asyncio",
)
"""What every kernel imports until its first cell and its first error have been shown."""

_ROOM = 3 / 4
"""Of the machine's memory, free: an import ahead is a comfort, the next server is not."""
_LOWEST_PRIORITY = 19
_THREAD_ENDS_SECONDS = 2.0
_PAUSE = 0.01


def listed(file: Path) -> list[str]:
    """The modules that `file` names, in its order; none where there is no such file.

    A line names a module, `#` begins a comment.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [name for line in lines if (name := line.partition("#")[0].strip())]


def is_calm() -> bool:
    """Whether this machine has a core to spare just now."""
    running = Path("/proc/loadavg").read_text(encoding="ascii").split()[3].partition("/")[0]
    return int(running) <= (os.cpu_count() or 1)  # this process is one of them


def has_room() -> bool:
    """Whether this machine has memory to spare for what may never be used."""
    kilobytes = {}
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        name, _, amount = line.partition(":")
        kilobytes[name] = int(amount.split()[0])
    return kilobytes["MemAvailable"] > _ROOM * kilobytes["MemTotal"]


class Importing:
    """The import of one module in a thread of its own: a thread's priority ends with it.

    Args:
        module: its name.
    """

    def __init__(self, module: str) -> None:
        self.module = module
        self._thread = threading.Thread(target=self._import)
        self._thread.start()

    def is_over(self, within: float = 0.0) -> bool:
        """Whether it has ended, or does within so many seconds."""
        self._thread.join(within)
        return not self._thread.is_alive()

    def _import(self) -> None:
        os.setpriority(os.PRIO_PROCESS, 0, _LOWEST_PRIORITY)
        import_now(self.module)


def import_now(module: str) -> None:
    """Imports a module; where it cannot be, the server's log says so and kernels go without."""
    try:
        importlib.import_module(module)
    except Exception as error:  # noqa: BLE001  # the pupil's own import will say it again
        print(f"{module} was not imported for kernels: {error!r}", file=sys.stderr)


def choose_backend() -> None:
    """Says what a kernel says before a notebook imports matplotlib."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")


def settle() -> None:
    """Makes what is imported by now cheap to share with children."""
    gc.collect()
    make_all_immortal()
    gc.freeze()


def leaves_threads() -> bool:
    """Whether a thread goes on through a fork, such as a library's own that it does not end.

    In the child it would be missing, with whatever it held. (OpenBLAS ends its threads for a fork.)
    """
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    end = time.monotonic() + _THREAD_ENDS_SECONDS
    while (keeps := len(os.listdir("/proc/self/task")) > 1) and time.monotonic() < end:  # noqa: PTH208
        time.sleep(_PAUSE)  # one that has ended is there for a moment
    return keeps


def begin_again(without: str, environment: Mapping[str, str]) -> None:
    """Becomes a fresh parent that leaves a module out.

    Args:
        without: the module's name.
        environment: as the server gave it.
    """
    print(f"{without} keeps threads and is not imported for kernels.", file=sys.stderr)
    command = [*sys.orig_argv, "--without", without]
    os.execve(command[0], command, environment)  # noqa: S606  # ourselves


def packages() -> set[str]:
    """The names by which packages and modules are imported so far."""
    return {name.partition(".")[0] for name in sys.modules}


def hidden_by(folder: Path, names: Iterable[str]) -> set[str]:
    """Which of `names` a notebook in `folder` would import from that folder instead.

    Raises:
        OSError: the folder cannot be read.
    """
    there = set()
    for entry in os.scandir(folder):
        stem, _, ending = entry.name.partition(".")
        if ending == "py" or (not ending and (folder / entry.name / "__init__.py").exists()):
            there.add(stem)
        elif entry.name in SETTINGS_FILES:
            there.add(entry.name)
    return there & ({*names} | SETTINGS_FILES)
