"""What a notebook can see of its kernel, to compare one way of starting it with another."""

import re
from typing import Any

from support.notebook import Ran

PROBES = {
    "argv": "[sys.argv[0], sys.argv[1]]",
    "orig_argv": "sys.orig_argv[:-1]",
    "path": "sys.path",
    "interpreter": "[sys.executable, sys.prefix, sys.base_prefix, str(sys.flags)]",
    "folder": "os.getcwd()",
    "environment": "{k: v for k, v in os.environ.items() if k != 'JPY_SESSION_NAME'}",
    "umask": "[os.umask(0o22), os.umask(0o22)]",
    "files": "sorted(os.readlink(f'/proc/self/fd/{n}').split(':')[0] for n in range(3))",
    "limits": "[resource.getrlimit(n) for n in range(16)]",
    "priority": "[os.nice(0), os.sched_getscheduler(0)]",
    "signals": "[str(signal.getsignal(n)).split(' at ')[0] for n in (1, 2, 3, 13, 15, 17)]",
    "ignored": "[l for l in open('/proc/self/status') if l.startswith(('SigIgn', 'SigBlk'))]",
    "parent": "[os.getppid() == int(os.environ['JPY_PARENT_PID']), os.getppid()]",
    "session": "[os.getpid() == os.getsid(0), os.getpid() == os.getpgid(0)]",
    "garbage": "[gc.isenabled(), gc.get_threshold()]",
    "warnings": "sorted(map(str, warnings.filters))",
    "main": "[__name__, str(sys.modules['__main__'])]",
    "threads": "sorted(re.sub(r'-\\d+', '', t.name) for t in threading.enumerate())",
    "main thread": "threading.current_thread() is threading.main_thread()",
    "start method": "multiprocessing.get_start_method()",
    "backend's variable": "os.environ.get('MPLBACKEND')",
    "numpy's mood": "str(numpy.geterr())",
    "comms": "sorted(get_ipython().kernel.comm_manager.targets)",
    "shell": "str(type(get_ipython()))",
    "encoding": "[sys.stdout.encoding, sys.getfilesystemencoding(), locale.getlocale()]",
    "path of a module": "numpy.__file__",
    "logging": "[str(h) for h in logging.getLogger().handlers]",
    "faults": "faulthandler.is_enabled()",
}

IMPORTS = """
import faulthandler, gc, locale, logging, multiprocessing, os, re, resource, signal, sys
import threading, warnings
import numpy, ipywidgets
"""

CELLS = (
    "1 + 1",
    "1 / 0",
    "print('x' * 2_000_000)",
    "import os\nos.write(1, b'from below')\n!echo from the shell",
    "%%bash\necho $0",
    "%timeit -n1 -r1 pass",
    "import ipywidgets\nipywidgets.IntSlider(value=3)",
    "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as pool:"
    "\n    print(pool.map(abs, [-1, 2]))",
    "import subprocess, sys\nsubprocess.check_output([sys.executable, '-c', 'print(5)'])",
    "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "from concurrent.futures import ThreadPoolExecutor\nlist(ThreadPoolExecutor(2).map(abs, [-3]))",
    "import numpy as np\nnp.linalg.det(np.eye(300))",
    "undefined_name",
    "%xmode Minimal",
    "raise ValueError('привет')",
    "?len",
    "_ih[1:3]",
)


def seen(ran: Ran) -> list[Any]:
    """What a page shows of a cell, without what differs from one time to the next."""
    shown: list[Any] = [ran.reply["status"], ran.reply.get("ename")]
    streams: dict[str, str] = {}
    for message in ran.messages:
        content = message["content"]
        if message["msg_type"] == "stream":
            streams[content["name"]] = streams.get(content["name"], "") + content["text"]
        elif message["msg_type"] == "error":
            shown.append(steady("\n".join(content["traceback"])))
        elif message["msg_type"] in ("execute_result", "display_data"):
            shown.append({kind: steady(str(data)) for kind, data in content["data"].items()})
        else:
            shown.append(message["msg_type"])
    return [*shown, {name: steady(text) for name, text in streams.items()}]


def steady(text: str) -> str:
    return re.sub(r"0x[0-9a-f]+|[0-9a-f]{32}|\d+(\.\d+)? [nµm]?s|ipykernel_\d+/\d+", "…", text)
