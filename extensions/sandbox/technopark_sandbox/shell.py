"""IPython as a notebook's kernel has it, telling its outputs over a wire instead of ZMQ.

Made once in the mould, before any cell; `session` gives it a teller. What it shows is bounded at
its source, so that a flood never leaves the process; the keeper keeps the bounds once more.
"""

import json
import os
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, NoReturn

from IPython.core import page
from IPython.core.autocall import ZMQExitAutocall
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_magic, magics_class
from traitlets import Instance, Type, default
from traitlets.config import Config

from technopark_sandbox.outputs import SHORTENED

_NO_INPUT = "{} was called, but this frontend does not support input requests."

Tell = Callable[[dict[str, Any]], None]
ErrorInfo = tuple[type, BaseException, Any]
"""What `sys.exc_info` says of an error."""


class Publisher(DisplayPublisher):
    """What `display` and `clear_output` speak to."""

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_ignored: Any,
    ) -> None:
        """Shows something, or puts it in the place of what has the same `display_id`."""
        metadata = metadata or {}
        self._validate_data(data, metadata)
        self.shell.tell(
            {
                "is": "display",
                "data": data,
                "metadata": metadata,
                "id": (transient or {}).get("display_id"),
                "update": update,
            }
        )

    def clear_output(self, wait: bool = False) -> None:
        """Takes back all that the cell has shown; with `wait` when the next thing is shown."""
        self.shell.tell({"is": "clear", "wait": bool(wait)})


class Result(DisplayHook):
    """What shows the value of a cell's last line."""

    told: dict[str, Any] | None = None

    def start_displayhook(self) -> None:
        """A value is there; IPython formats it next."""
        self.told = {"is": "result", "data": {}, "metadata": {}}

    def write_output_prompt(self) -> None:
        """The number that stands before the value."""
        if self.told is not None:
            self.told["count"] = self.prompt_count

    def write_format_data(
        self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None
    ) -> None:
        """The value, formatted."""
        if self.told is not None:
            self.told |= {"data": format_dict, "metadata": md_dict or {}}

    def finish_displayhook(self) -> None:
        """Everything is known."""
        told, self.told = self.told, None
        if told is not None and told["data"]:
            self.shell.tell(told)


class CellNames(CachingCompiler):
    """Names cells as files that nobody has written, as ipykernel does; tracebacks show it."""

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:  # noqa: ARG002
        """The file that a cell's code seems to stand in."""
        folder = Path(tempfile.gettempdir(), f"ipykernel_{os.getpid()}")
        return str(folder / f"{zlib.crc32(raw_code.encode('utf-8', 'replace'))}.py")


class SandboxShell(InteractiveShell):
    """An IPython session as ipykernel makes it."""

    compiler_class = Type(CellNames)
    displayhook_class = Type(Result)
    display_pub_class = Type(Publisher)
    exiter = Instance(ZMQExitAutocall)
    keepkernel_on_exit: bool | None = None
    tell: Tell = staticmethod(lambda _message: None)
    shown_an_error = False
    """Whether showing the value of the cell now running failed."""
    is_brief = False
    """Whether errors are told without their way through the code, which takes long to write."""

    @default("exiter")
    def _default_exiter(self) -> ZMQExitAutocall:
        return ZMQExitAutocall(self)

    def init_hooks(self) -> None:
        """What a front end would page is not part of a notebook."""
        super().init_hooks()
        self.set_hook("show_in_pager", page.as_hook(lambda *_text, **_place: None), 99)

    def init_virtualenv(self) -> None:
        """The environment is the one that this program runs in."""

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no screen, so nothing needs an event loop."""

    def ask_exit(self) -> None:
        """`exit` and `quit`: the cell goes on, then the session ends."""
        self.exit_now = not self.keepkernel_on_exit

    def system(self, cmd: str) -> None:
        """`!command`: its output is the cell's.

        Raises:
            OSError: the command is to run in the background.
            subprocess.CalledProcessError: it failed, and `system_raise_on_error` is set.
        """
        if cmd.rstrip().endswith("&"):
            raise OSError("Background processes not supported.")
        code = _run_in_terminal(self.var_expand(cmd, depth=1))
        self.user_ns["_exit_code"] = code
        if getattr(self, "system_raise_on_error", False) and code != 0:
            raise subprocess.CalledProcessError(code, cmd)

    system_piped = system

    def _tee(self, channel: str) -> AbstractContextManager[None]:  # noqa: ARG002
        # IPython would keep all that is printed, for %notebook alone
        return nullcontext()

    def showtraceback(self, exc_tuple: ErrorInfo | None = None, *where: Any, **how: Any) -> None:
        """Tell of the error that ended a cell."""
        if not self.is_brief:
            super().showtraceback(exc_tuple, *where, **how)
            return
        etype, evalue, _way = self._get_exc_info(exc_tuple)
        self._showtraceback(etype, evalue, [])

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        if getattr(self.displayhook, "told", None) is not None:
            self.shown_an_error = True
        name = str(etype.__name__)
        self.tell({"is": "error", "ename": name, "evalue": str(evalue), "traceback": stb})


# Libraries look for a notebook by the name of its shell's class.
SandboxShell.__name__ = "ZMQInteractiveShell"


@magics_class
class NotebookMagics(Magics):
    """Words that ipykernel adds, as far as old notebooks begin with them."""

    @line_magic
    def autosave(self, line: str) -> None:
        """How often a front end saves: there is none.

        Raises:
            UsageError: the interval is no number.
        """
        try:
            seconds = int(line)
        except ValueError:
            raise UsageError(f"%autosave requires an integer, got {line!r}") from None
        show = f"IPython.notebook.set_autosave_interval({1000 * seconds})"
        self.shell.display_pub.publish({"application/javascript": show})
        print(f"Autosaving every {seconds} seconds" if seconds else "Autosave disabled")


def make_shell() -> SandboxShell:
    """The one session of this process, without a history on disk."""
    config = Config()
    config.HistoryManager.enabled = False
    config.IPKernelApp.tqdm = "so that tqdm knows a notebook"
    shell: SandboxShell = SandboxShell.instance(config=config)
    shell.register_magics(NotebookMagics)
    shell.extension_manager.load_extension("storemagic")
    sys.breakpointhook = lambda *_words, **_more: None  # as in a kernel without a debugger
    return shell


def no_input(prompt: object = "") -> NoReturn:  # noqa: ARG001
    """`input` where nobody sits at the keyboard.

    Raises:
        StdinNotImplementedError: always, as a kernel does.
    """
    raise StdinNotImplementedError(_NO_INPUT.format("raw_input"))


def no_password(prompt: object = "", stream: object = None) -> NoReturn:  # noqa: ARG001
    """`getpass.getpass` where nobody sits at the keyboard.

    Raises:
        StdinNotImplementedError: always, as a kernel does.
    """
    raise StdinNotImplementedError(_NO_INPUT.format("getpass"))


class Bounded:
    """Passes a cell's outputs on until they are more than the keeper would keep."""

    def __init__(self, tell: Tell, texts: int, pictures: int) -> None:
        self._tell = tell
        self._limits = (texts, pictures)
        self._sizes = [0, 0]

    def new_cell(self) -> None:
        """Nothing has been shown yet."""
        self._sizes = [0, 0]

    def __call__(self, message: dict[str, Any]) -> None:
        """Tells of an output as far as there is room; errors and results always."""
        if message["is"] == "clear":
            self.new_cell()
        message = {**message}
        if "data" in message:
            parts = {kind: self._part(kind, value) for kind, value in message["data"].items()}
            message["data"] = {kind: part for kind, part in parts.items() if part is not None}
            if message["is"] == "display" and parts and not message["data"]:
                message = {"is": "cut"}
        if "traceback" in message:
            message["traceback"] = _tail(message["traceback"], self._limits[0])
            message["evalue"] = message["evalue"][: self._limits[0]]
        self._tell(message)

    def _part(self, kind: str, value: Any) -> Any:
        """A part of what is shown, shortened, or nothing where there is no room for it."""
        is_text = kind == "text/plain"
        which = 0 if is_text else 1
        room = self._limits[which] - self._sizes[which]
        if is_text:
            value = str(value)[: max(room, SHORTENED) + 1]
        size = len(value) if isinstance(value, str) else len(json.dumps(value, default=str))
        self._sizes[which] += size + 1
        return value if room >= (0 if is_text else size) else None


def _tail(lines: list[str], room: int) -> list[str]:
    whole = "\n".join(lines)
    return lines if len(whole) <= room else [whole[-room - 1 :]]


def _run_in_terminal(command: str) -> int:
    # pexpect takes long to import, and few notebooks need it
    from IPython.utils.process import system

    sys.stdout.flush()
    code: int = system(command)
    return code
