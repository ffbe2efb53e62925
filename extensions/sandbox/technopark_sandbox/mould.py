"""The process from which fresh sessions are forked: IPython is imported and ready, nothing has run.

Started by `foundry`, once and again if somebody ends it. No request and no cell ever passes
through it, so a session forked from it knows nothing of the others.
"""

import gc
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from technopark_sandbox import linux, wire
from technopark_sandbox.fence import raise_fence

_DIES_BEFORE_KEEPER = 300


def main() -> None:
    """Forks a session for each message on the wire that is standard input."""
    gc.disable()  # nothing that is imported is garbage, and looking for it takes time
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    linux.offer_to_die_first(_DIES_BEFORE_KEEPER)
    line = socket.socket(fileno=os.dup(0))
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.environ |= {
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TERM": "xterm-color",
        "CLICOLOR": "1",
        "FORCE_COLOR": "1",
        "CLICOLOR_FORCE": "1",
        "PAGER": "cat",
        "GIT_PAGER": "cat",
    }
    # as a kernel has it: honest notebooks may look
    sys.argv = ["ipykernel_launcher.py", "-f", "/tmp/kernel.json"]  # noqa: S108
    from technopark_sandbox.session import Session
    from technopark_sandbox.shell import make_shell

    shell = make_shell()
    _warm_up(shell)
    gc.collect()
    gc.freeze()
    gc.enable()
    while True:
        try:
            message, files = wire.receive(line)
        except EOFError:
            return
        if _is_session():
            line.close()
            raise_fence()
            os.environ |= message["environment"]
            os.chdir(message["folder"])
            _find_modules_in_folder()
            Session(shell, files, message["limit"]).serve()
        for fd in files:
            os.close(fd)


def _warm_up(shell: Any) -> None:
    """Have what a first cell and a first error import; each session would do it again."""
    shell.display_formatter.format(0)
    shell.run_cell("0 / 0", store_history=False, silent=True)
    for trace in ("last_type", "last_value", "last_traceback", "last_exc"):
        sys.__dict__.pop(trace, None)


def _is_session() -> bool:
    """Fork twice, so that the session is the keeper's child; where it fails, nobody speaks up."""
    try:
        between = os.fork()
    except OSError:
        return False
    if between:
        os.waitpid(between, 0)
        return False
    try:
        if os.fork():
            os._exit(0)
    except OSError:
        os._exit(1)
    return True


def _find_modules_in_folder() -> None:
    """Let cells import files beside them, after Python's own modules, as IPython's programs do."""
    places = [Path(place).name for place in sys.path]
    sys.path.insert(places.index("site-packages") if "site-packages" in places else 0, "")


if __name__ == "__main__":
    main()
