"""A process in which cells of a submission run: does what the keeper says over its wire.

Forked by the mould, or by another session as its copy. Pupils' code runs in this very process and
can change anything in it: nothing here is relied upon, the keeper looks at what comes back.
"""

import asyncio
import builtins
import getpass
import os
import signal
import socket
import sys
import threading
import warnings
from contextlib import suppress
from typing import Any, NoReturn

from technopark_sandbox import linux, wire
from technopark_sandbox.outputs import PICTURES
from technopark_sandbox.shell import Bounded, SandboxShell, no_input, no_password
from technopark_sandbox.streams import Printing, Stream, remember_cells_of_threads

_DIES_FIRST = 1000
_FILES_OF_A_SESSION = 3
"""Its wire, and the pipes that are its stdout and stderr."""


class Session:
    """One process with cells, from its first breath to its last."""

    def __init__(self, shell: SandboxShell, files: list[int], limit: int) -> None:
        self._shell = shell
        self._said = threading.RLock()
        self._number = self._heard = 0
        self._is_running = self._is_telling = self._is_interrupted = False
        self._loop = asyncio.new_event_loop()
        self._loops_of_others: list[asyncio.AbstractEventLoop] = []
        self._printing = Printing(limit, lambda: self._say_in_step({"is": "sync"}))
        self._outputs = Bounded(self._say_in_step, limit, PICTURES)
        self._settle(files)
        remember_cells_of_threads()
        shell.tell = self._outputs
        sys.stdout = Stream("stdout", 1, self._printing)
        sys.stderr = Stream("stderr", 2, self._printing)
        builtins.input = no_input
        getpass.getpass = no_password

    def serve(self) -> NoReturn:
        """Runs cells until the keeper lets go."""
        try:
            while True:
                message, files = wire.receive(self._wire)
                if message.get("do") == "run":
                    self._run(message)
                elif message.get("do") == "copy":
                    self._copy(files, is_brief=message.get("brief") is True)
        except (EOFError, OSError):
            os._exit(0)

    def _settle(self, files: list[int]) -> None:
        """Make this process one of its own: its wire, its pipes, its group, its memory."""
        line, out, err = files
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.close(out)
        os.close(err)
        self._wire = socket.socket(fileno=line)
        self._process = self._printing.process = os.getpid()
        os.setsid()
        linux.offer_to_die_first(_DIES_FIRST)
        wire.send(self._wire, {"is": "ready"})

    def _run(self, request: dict[str, Any]) -> None:
        self._printing.new_cell()
        self._outputs.new_cell()
        self._shell.shown_an_error = False
        is_ok = False
        # an interrupt may come as late as it likes
        with suppress(KeyboardInterrupt, asyncio.CancelledError):
            try:
                self._is_running = True
                is_ok = self._finish(request["source"])
            finally:
                self._is_running = False
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if os.getpid() != self._process:
            os._exit(0)  # a cell forked, and this is the child
        count = self._shell.execution_count - 1
        self._say({"is": "done", "run": request["run"], "ok": is_ok, "count": count})
        if self._shell.exit_now:
            os._exit(0)

    def _finish(self, source: str) -> bool:
        """Run a cell to its end, or until it is interrupted."""
        signal.signal(signal.SIGINT, self._interrupt)
        cell = self._loop.create_task(self._cell(source))
        with suppress(KeyboardInterrupt):
            return self._loop.run_until_complete(cell)
        # it came while the cell awaited something: that is what ends now
        cell.cancel()
        return self._loop.run_until_complete(cell)

    def _interrupt(self, *_signal: object) -> None:
        """End what the cell does, but not in the middle of a message to the keeper."""
        if self._is_telling:
            self._is_interrupted = True
        elif self._is_running:
            raise KeyboardInterrupt

    async def _cell(self, source: str) -> bool:
        # as ipykernel's `do_execute`
        shell = self._shell
        try:
            transformed, trouble = shell.transform_cell(source), None
        except Exception:  # noqa: BLE001  # whatever it is, IPython shows it as the cell's error
            transformed, trouble = source, sys.exc_info()
        how = {"transformed_cell": transformed, "preprocessing_exc_tuple": trouble}
        if shell.should_run_async(source, **how):
            result = None
            try:
                result = await shell.run_cell_async(source, store_history=True, **how)
            finally:
                shell.events.trigger("post_execute")
                shell.events.trigger("post_run_cell", result)
        else:
            result = shell.run_cell(source, store_history=True)
        return bool(result.success) and not shell.shown_an_error

    def _copy(self, files: list[int], *, is_brief: bool) -> None:
        """Fork; the child goes on with files of its own, as a child of the keeper."""
        if len(files) != _FILES_OF_A_SESSION:
            self._say({"is": "failed", "why": "too many files are open"})
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # copies lack threads, as is known
                between = os.fork()
        except OSError as error:
            self._say({"is": "failed", "why": str(error)})
            return
        if between:
            os.waitpid(between, 0)
            for fd in files:
                os.close(fd)
            return
        try:
            if os.fork():
                os._exit(0)
        except OSError:
            os._exit(1)
        self._wire.close()
        self._said = threading.RLock()
        self._number = self._heard = 0
        self._shell.is_brief = is_brief
        # closing it here would take it from the process that was copied
        self._loops_of_others.append(self._loop)
        self._loop = asyncio.new_event_loop()
        self._settle(files)

    def _say(self, message: dict[str, Any]) -> None:
        wire.send(self._wire, message)

    def _say_in_step(self, message: dict[str, Any]) -> None:
        """Tell something, and go on when the keeper has noted it and all that came before."""
        if os.getpid() != self._process:
            return
        with self._said:
            self._is_telling = True
            try:
                self._number += 1
                self._say({**message, "k": self._number})
                while self._heard < self._number:
                    answer, _files = wire.receive(self._wire)
                    self._heard = max(self._heard, int(answer.get("ack", 0)))
            finally:
                self._is_telling = False
        if self._is_interrupted:
            self._is_interrupted = False
            signal.raise_signal(signal.SIGINT)
